// A `gadolin serve` of our own on a fresh data directory, with accounts as an operator makes them.

import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const UP_MS = 60_000;
const DOWN_MS = 20_000;

/** A port of loopback that nobody listens on. */
export function portFree() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Installation {
  constructor(gadolin) {
    this.gadolin = gadolin;
    this.dir = mkdtempSync(join(tmpdir(), "gadolin-accounts-"));
    this.data = join(this.dir, "data");
  }

  /** Runs a command of the program on the data directory; gives what it prints. */
  run(...args) {
    return execFileSync(this.gadolin, ["--data", this.data, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Writes a file of the data directory. */
  write(name, text) {
    writeFileSync(join(this.data, name), text, { mode: 0o600 });
  }

  /** What the server has said so far. */
  log() {
    return readFileSync(join(this.dir, "serve.log"), "utf8");
  }

  async start(port) {
    const log = openSync(join(this.dir, "serve.log"), "a");
    this.server = spawn(this.gadolin, ["--data", this.data, "serve", "--listen", `127.0.0.1:${port}`], {
      stdio: ["ignore", log, log],
    });
    this.ended = new Promise((resolve) => this.server.on("exit", resolve));
    const base = `http://localhost:${port}`;
    const start = performance.now();
    while (performance.now() - start < UP_MS && this.server.exitCode === null) {
      const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return base;
      await pause(50);
    }
    throw new Error(`the server does not come up: ${this.log().trim()}`);
  }

  /** Asks the server to stop, as an operator would, and removes its data. */
  async stop() {
    if (this.server && this.server.exitCode === null) {
      this.server.kill("SIGTERM");
      const late = pause(DOWN_MS).then(() => "late");
      if ((await Promise.race([this.ended, late])) === "late") {
        this.server.kill("SIGKILL");
        throw new Error(`the server does not stop within ${DOWN_MS / 1000} s of SIGTERM`);
      }
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
