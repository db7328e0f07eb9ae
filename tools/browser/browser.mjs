// The browser, and a page with what went wrong on it: errors of scripts, breaches of the content
// security policy, requests to other hosts.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const BROWSERS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

/** The browser of the system; nothing is downloaded. */
export async function browserOpen() {
  const executablePath = process.env.GADOLIN_BROWSER ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error(`no browser: install chromium-headless-shell, or name one in GADOLIN_BROWSER`);
  }
  return chromium.launch({
    executablePath,
    headless: true,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"],
  });
}

export const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Runs in every page before its own scripts.
function watch() {
  window.gadolinBreaches = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.gadolinBreaches.push(`${event.violatedDirective} ${event.blockedURI || event.sourceFile}`);
  });
}

/** A context in which every page notes its faults in `page.faults`. */
export async function contextOpen(browser, base, options = {}) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  context.setDefaultTimeout(60_000);
  if (options.javaScriptEnabled !== false) await context.addInitScript(watch);
  const host = new URL(base).host;
  context.on("page", (page) => {
    page.faults = [];
    page.on("pageerror", (error) => page.faults.push(`script error: ${error.message}`));
    page.on("console", (message) => {
      // Chromium also notes the status of an error page that is wanted.
      const wanted = message.text().startsWith("Failed to load resource") &&
        message.location().url === page.url();
      if (message.type() === "error" && !wanted) page.faults.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.host !== host) page.faults.push(`request to ${url.host}`);
    });
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      if (reason !== "net::ERR_ABORTED") page.faults.push(`${request.url()}: ${reason}`);
    });
  });
  return context;
}

/** What went wrong on a page since the last time it was asked. */
export async function faultsTake(page) {
  const breaches = await page.evaluate(() => (window.gadolinBreaches ?? []).splice(0)).catch(() => []);
  return page.faults.splice(0).concat(breaches.map((breach) => `content security policy: ${breach}`));
}
