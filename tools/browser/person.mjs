// A person of the demo: signed in twice, once without JavaScript to do its work and once with it, so that
// the pages of its work can be looked at.

import { axeAll, axeSizes, quiet, reflow, targets } from "./checks.mjs";
import { contextOpen } from "./browser.mjs";
import { signIn } from "./tour.mjs";

const WIDE = { width: 1280, height: 900 };
/** 1280 pixels at 400 % (WCAG 2.2, 1.4.10). */
const NARROW = { width: 320, height: 800 };

export class Person {
  /** Opens both browsers; `key` is the account, nothing for somebody without one. */
  static async enter(world, name, { key = name, locale = "en-GB" } = {}) {
    const person = new Person();
    Object.assign(person, { world, name, contexts: [] });
    for (const [field, javaScriptEnabled] of [["page", false], ["seen", true]]) {
      const context = await contextOpen(world.browser, world.base, { javaScriptEnabled, locale });
      person.contexts.push(context);
      person[field] = await context.newPage();
      if (key) await signIn(person[field], key);
    }
    return person;
  }

  async leave() {
    for (const context of this.contexts) await context.close();
  }

  go(address) {
    return this.page.goto(address);
  }

  path() {
    return new URL(this.page.url()).pathname;
  }

  text(selector = "main") {
    return this.page.locator(selector).first().innerText();
  }

  count(selector) {
    return this.page.locator(selector).count();
  }

  /** Clicks what leads to another page, and gives its answer. */
  async send(selector) {
    const { page } = this;
    const [response] = await Promise.all([
      page.waitForResponse((answer) =>
        answer.request().isNavigationRequest() && (answer.status() < 300 || answer.status() >= 400)),
      page.waitForEvent("framenavigated", (frame) => frame === page.mainFrame()),
      page.locator(selector).first().click(),
    ]);
    await page.waitForLoadState();
    return response;
  }

  /** Follows a link, or presses a button that leads to another page. */
  async press(selector) {
    if ((await this.count(selector)) === 0) throw new Error(`${this.name} finds no ${selector} at ${this.path()}`);
    const response = await this.send(selector);
    const faults = this.page.locator(".govuk-error-summary");
    if ((await faults.count()) > 0) {
      const told = (await faults.first().innerText()).replace(/\s+/g, " ");
      await this.shot("told a fault");
      throw new Error(`${this.name} is told: ${told}`);
    }
    return response;
  }

  /** Fills fields by their name: text, a choice of a list, a tick (`true`), one of several buttons. */
  async fill(form, fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.page.locator(`${form} [name="${name}"]`);
      if ((await field.count()) === 0) throw new Error(`${this.name} finds no field ${name} in ${form} at ${this.path()}`);
      const type = await field.first().evaluate((element) => element.type);
      if (type === "radio") await this.page.locator(`${form} [name="${name}"][value="${value}"]`).check();
      else if (type === "checkbox" && value === true) await field.first().check();
      else if (type === "checkbox") await this.page.locator(`${form} [name="${name}"][value="${value}"]`).check();
      else if (type === "select-one") await field.selectOption(value);
      else await field.fill(value);
    }
  }

  /** What this person may not see answers as what does not exist. */
  async hidden(address) {
    const response = await this.go(address);
    this.world.report.equal(`${this.name} does not find ${address.split("/")[1]}`, response.status(), 404);
    const told = await this.text("body");
    const leaks = this.world.secrets.filter((secret) => told.includes(secret));
    this.world.report.check(`${this.name} learns nothing of ${address.split("/")[1]}`, leaks);
  }

  /** Looks at a page in every way. */
  look(name, address = this.page.url(), spec = {}) {
    const { auditor, report, quoted, looks } = this.world;
    if (!looks) return undefined;
    const open = (page) => page.goto(address.split("#")[0]);
    return report.part(`${this.name} ${name}`, () =>
      auditor.look(this.seen, this.name, { name, open, quoted, ...spec }));
  }

  /** Looks at a page that has languages of its own. */
  lookPlain(name, address = this.page.url()) {
    const { auditor, report, looks } = this.world;
    if (!looks) return undefined;
    const page = this.seen;
    return report.part(`${this.name} ${name}`, async () => {
      const shot = `${this.name} ${name}`.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
      await page.setViewportSize(WIDE);
      await page.goto(address);
      report.check(`${this.name} ${name} axe`, await axeAll(page));
      await auditor.shot(page, `${shot}-1280`);
      await page.setViewportSize(NARROW);
      report.check(`${this.name} ${name} reflow at 320`, await reflow(page));
      report.check(`${this.name} ${name} targets at 320`, (await axeSizes(page)).concat(await targets(page)));
      await auditor.shot(page, `${shot}-320`);
      report.check(`${this.name} ${name} quiet`, await quiet(page));
    });
  }

  /** A picture of the page on which the work is done. */
  shot(name) {
    return this.world.auditor.shot(this.page, `${this.name}-${name}`.replace(/[^a-z0-9]+/gi, "-").toLowerCase());
  }
}
