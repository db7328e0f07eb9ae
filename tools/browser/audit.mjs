// One page, looked at in every way: English and Chinese, light, dark, high contrast, 320 pixels wide.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { axeAll, axeColours, axeSizes, contrast, head, keyboard, quiet, reflow, skipLink, targets, words } from "./checks.mjs";

const LOCALES = new URL("../../crates/web/locales/", import.meta.url);
const WIDE = { width: 1280, height: 900 };
/** 1280 pixels at 400 % (WCAG 2.2, 1.4.10). */
const NARROW = { width: 320, height: 800 };
const LANGUAGES = {
  en: { tag: "en", faultPrefix: "Error: " },
  zh: { tag: "zh-Hans", faultPrefix: "错误：" },
};

// The first word of every key of a message, to tell a key that shows itself for want of words.
const FAMILIES = [...new Set(readdirSync(new URL("en/", LOCALES)).flatMap((name) =>
  [...readFileSync(new URL(`en/${name}`, LOCALES), "utf8").matchAll(/^([a-z]+)-[\w-]* =/gm)]
    .map((match) => match[1])))];

export class Auditor {
  constructor(report, base, shots) {
    this.report = report;
    this.base = base;
    this.shots = shots;
    this.titles = new Map();
  }

  async shot(page, name) {
    if (!this.shots) return;
    await page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true });
  }

  speak(page, language) {
    return page.context().addCookies([{ name: "gd_lang", value: language, url: this.base }]);
  }

  /** A title belongs to one page of a role: tabs and histories are told apart by it. */
  title(spec, role, path, title) {
    const key = `${role} ${title}`;
    const other = this.titles.get(key);
    this.titles.set(key, path);
    const same = other !== undefined && other !== path && !spec.fault;
    this.report.check(`${spec.name} title is its own`, same ? `“${title}” is also ${other}` : "");
  }

  /**
   * Looks at a page. `spec`: `name`, `open(page)` which goes there and gives the response, `status`,
   * `fault` where the page is about a fault, `keyboard` to tab through it, `quoted` where it shows what people
   * wrote, in a language of their own.
   */
  async look(page, role, spec) {
    const { report } = this;
    const name = `${role} ${spec.name}`;
    const shot = name.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
    await page.setViewportSize(WIDE);
    await this.speak(page, "en");
    const response = await spec.open(page);
    report.equal(`${name} status`, response?.status(), spec.status ?? 200);
    report.check(`${name} head`, await head(page, { ...LANGUAGES.en, fault: Boolean(spec.fault) }));
    report.check(`${name} words`, await words(page, { families: FAMILIES, chinese: false }));
    this.title(spec, role, new URL(page.url()).pathname, await page.title());
    if (spec.keyboard) await this.keys(page, name, spec);
    report.check(`${name} axe, light`, await axeAll(page));
    await this.shot(page, `${shot}-en-1280`);
    await this.colours(page, name, shot);
    await this.narrow(page, name, `${shot}-en`);
    await page.setViewportSize(WIDE);
    await this.speak(page, "zh");
    await spec.open(page);
    report.check(`${name} head, Chinese`, await head(page, { ...LANGUAGES.zh, fault: Boolean(spec.fault) }));
    report.check(`${name} words, Chinese`, await words(page, { families: FAMILIES, chinese: true, quoted: spec.quoted }));
    report.check(`${name} axe, Chinese`, await axeAll(page));
    await this.shot(page, `${shot}-zh-1280`);
    await this.narrow(page, `${name}, Chinese`, `${shot}-zh`);
    await this.speak(page, "en");
    report.check(`${name} quiet`, await quiet(page));
  }

  async keys(page, name, spec) {
    if (spec.fault && (await page.locator(".govuk-error-summary").count()) > 0) {
      const link = page.locator(".govuk-error-summary a").first();
      const target = (await link.getAttribute("href"))?.slice(1);
      await link.click();
      const at = await page.evaluate(() => document.activeElement?.id ?? "");
      this.report.equal(`${name} leads to the faulty field`, at, target);
      await spec.open(page);
    }
    this.report.check(`${name} keyboard`, await keyboard(page));
    if (spec.skip) {
      await spec.open(page);
      this.report.check(`${name} skip link`, await skipLink(page));
    }
    await page.evaluate(() => document.activeElement?.blur());
    await page.evaluate(() => window.scrollTo(0, 0));
  }

  async colours(page, name, shot) {
    await page.emulateMedia({ colorScheme: "dark" });
    this.report.check(`${name} axe, dark`, await axeColours(page));
    await this.shot(page, `${shot}-dark-1280`);
    await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
    this.report.check(`${name} axe, high contrast`, await axeColours(page));
    this.report.check(`${name} contrast, high contrast`, await contrast(page));
    await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  }

  async narrow(page, name, shot) {
    await page.setViewportSize(NARROW);
    this.report.check(`${name} reflow at 320`, await reflow(page));
    this.report.check(`${name} targets at 320`, (await axeSizes(page)).concat(await targets(page)));
    await this.shot(page, `${shot}-320`);
    await this.menu(page, name);
  }

  /** A long navigation folds on a narrow screen, and what it holds can be reached there. */
  async menu(page, name) {
    const fold = page.locator("details.gd-nav");
    if ((await fold.count()) === 0) return;
    const link = fold.locator("a").last();
    this.report.check(`${name} navigation is folded at 320`, (await link.isVisible()) ? "it is open" : "");
    await fold.locator("summary").click();
    this.report.check(`${name} navigation opens at 320`, (await link.isVisible()) ? await reflow(page) : "it stays closed");
    await fold.locator("summary").click();
  }
}
