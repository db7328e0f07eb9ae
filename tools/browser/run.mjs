// The browser test. `node run.mjs --base http://127.0.0.1:8787 [--shots DIR]` visits every page of a
// running `gadolin demo` in each role and checks what a person needs of it. It files a few batches of
// its own. Prints a line for each check that failed and a closing line; the exit code says the same.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Auditor } from "./audit.mjs";
import { browserOpen, contextOpen } from "./browser.mjs";
import { journeyPlain, journeySeen } from "./journey.mjs";
import { Report } from "./report.mjs";
import {
  accountsFind, analystTour, authorityTour, filerTour, operatorTour, otherFilerTour, publicTour, signIn,
} from "./tour.mjs";

const { values } = parseArgs({
  options: { base: { type: "string" }, shots: { type: "string" }, only: { type: "string" }, times: { type: "boolean" } },
});
if (!values.base) {
  console.error("usage: node run.mjs --base http://127.0.0.1:PORT [--shots DIR] [--only ROLE]");
  process.exit(2);
}
const base = new URL(values.base).origin;
if (values.shots) mkdirSync(values.shots, { recursive: true });

const report = new Report();
const auditor = new Auditor(report, base, values.shots);
const browser = await browserOpen();
const run = `B${Date.now().toString(36).toUpperCase()}`;

const scout = await contextOpen(browser, base);
const accounts = await accountsFind(await scout.newPage());
await scout.close();
const keys = (role) => accounts.filter((account) => account.role === role).map((account) => account.key);
for (const [role, least] of [["filer", 2], ["officer", 1], ["analyst", 1], ["operator", 1]]) {
  const found = keys(role).length;
  report.check(`accounts of a ${role}`, found >= least ? "" : `${found} offered, ${least} wanted`);
}
const [filer, other] = keys("filer");

/** A role's context: signed in, a page open. */
async function as(key, work, options) {
  const context = await contextOpen(browser, base, options);
  try {
    const page = await context.newPage();
    if (key) await signIn(page, key);
    return await work(page);
  } finally {
    await context.close();
  }
}

async function walk(page, role, tour) {
  for (const spec of tour) {
    const start = performance.now();
    await report.part(`${role} ${spec.name}`, () => auditor.look(page, role, spec));
    if (values.times) console.error(`${Math.round(performance.now() - start)} ms ${role} ${spec.name}`);
  }
}

const lanes = {
  async filer() {
    await as(filer, async (page) => {
      await walk(page, "filer", await filerTour(page));
    });
    await report.part("filing", () => as(filer, (page) => journeySeen(page, auditor, `${run}S`)));
  },
  async others() {
    const known = await as(filer, async (page) => {
      const tour = await filerTour(page);
      const address = async (name) => {
        const spec = tour.find((spec) => spec.name === name);
        return spec ? new URL((await spec.open(page)).url()).pathname : null;
      };
      return { lot: await address("lot back"), book: await address("party") };
    });
    await as(null, async (page) => walk(page, "public", await publicTour()));
    await as(keys("officer")[0], async (page) => walk(page, "officer", await authorityTour(page, known.lot)));
    await as(keys("analyst")[0], async (page) => walk(page, "analyst", await analystTour(page, known.lot)));
    await as(keys("operator")[0], async (page) => walk(page, "operator", await operatorTour()));
    await as(other, async (page) => walk(page, "other filer", await otherFilerTour(page, known.book)));
  },
  async plain() {
    const off = { javaScriptEnabled: false };
    await report.part("filing without JavaScript", () =>
      as(filer, (page) => journeyPlain(page, report, `${run}P`), off));
  },
};

const start = performance.now();
await Promise.all(Object.entries(lanes)
  .filter(([name]) => !values.only || values.only === name)
  .map(([name, lane]) => report.part(name, lane)));
await browser.close();
if (values.times) console.error(`${Math.round((performance.now() - start) / 1000)} s`);
process.exit(report.end());
