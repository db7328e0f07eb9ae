// The browser test of accounts. `node accounts.mjs --gadolin PROGRAM [--shots DIR]` serves a fresh data
// directory with an identity provider beside it, and goes the ways that people go: an invitation, the app,
// a password with a code, a recovery code, a passkey, another organisation's account, leaving. Prints a line
// for each check that failed and a closing line; the exit code says the same.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Auditor } from "./audit.mjs";
import { browserOpen, contextOpen, faultsTake } from "./browser.mjs";
import { providerSignIn, providerStart } from "./provider.mjs";
import { Report } from "./report.mjs";
import { Installation, portFree } from "./serve.mjs";
import { code } from "./totp.mjs";

const PASSWORD = "seven lanterns beside the river";
const SUBJECT = "staff-4711";

const { values } = parseArgs({ options: { gadolin: { type: "string" }, shots: { type: "string" } } });
if (!values.gadolin) {
  console.error("usage: node accounts.mjs --gadolin PROGRAM [--shots DIR]");
  process.exit(2);
}
if (values.shots) mkdirSync(values.shots, { recursive: true });

const report = new Report();
const installation = new Installation(values.gadolin);
const browser = await browserOpen();
let provider;

const heading = (page) => page.locator("h1").textContent();
const path = (page) => new URL(page.url()).pathname;
const faultText = (page) => page.locator(".govuk-error-summary").textContent();
const press = (page, selector) => page.locator(selector).click();

/** Whether somebody is signed in and sees the home page of its own. */
async function home(page, name) {
  await page.waitForURL((url) => url.pathname === "/");
  report.equal(`${name}: the home page`, await heading(page), "The state of the record");
  const who = await page.locator(".gd-header__who").textContent();
  report.check(`${name}: who is signed in`, who.includes("Mira Okoye") ? "" : who);
}

async function signOut(page) {
  await press(page, ".gd-header form button");
  await page.waitForURL((url) => url.pathname === "/sign-in");
}

async function passwordGive(page) {
  await page.goto("/sign-in?lang=en");
  await page.locator("#account").fill("mira");
  await page.locator("#password").fill(PASSWORD);
  await press(page, "form[action='/sign-in'] button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/sign-in/second");
}

async function codeGive(page, text) {
  await page.locator("#code").fill(text);
  await press(page, "main form:has(#code) button[type=submit]");
}

/** Looks at the page as it stands, in every way. */
async function look(auditor, page, name, spec = {}) {
  const address = page.url().replace(/([?&])lang=\w+&?/, "$1");
  await auditor.look(page, "accounts", { name, open: (page) => page.goto(address), ...spec });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(address);
}

async function invitation(page, auditor, address) {
  await page.goto(`${address}?lang=en`);
  await look(auditor, page, "invitation", { keyboard: true });
  await page.locator("#password").fill(PASSWORD);
  await page.locator("#repeated").fill(PASSWORD);
  await press(page, "main form button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/account/second-factor");
}

/** Sets the app up; gives its secret and the recovery codes. */
async function app(page, auditor) {
  await page.goto("/");
  report.equal("nothing before the second factor", path(page), "/account/second-factor");
  await look(auditor, page, "second factor set-up", { keyboard: true });
  const picture = await page.locator(".gd-qr svg").boundingBox();
  report.check("the QR code can be read", picture?.width >= 120 ? "" : `it is ${picture?.width} wide`);
  const secret = await page.locator(".gd-secret").textContent();
  await codeGive(page, "000000");
  report.check("a wrong code", (await faultText(page)).includes("The code is wrong") ? "" : "is taken");
  await codeGive(page, code(secret, -1));
  const codes = await page.locator(".gd-once code").allTextContents();
  report.check("recovery codes", codes.length >= 8 ? "" : `${codes.length} are shown`);
  await auditor.shot(page, "accounts-recovery-codes-en-1280");
  await press(page, "main a.govuk-button");
  await page.waitForURL((url) => url.pathname === "/account");
  await page.goto("/");
  await home(page, "after the set-up");
  return { secret, codes };
}

async function passwordAndCode(page, auditor, secret) {
  await signOut(page);
  await page.goto("/account");
  report.equal("signed out", path(page), "/sign-in");
  await look(auditor, page, "sign in", { keyboard: true, skip: true });
  await passwordGive(page);
  await page.goto("/");
  report.equal("a password alone", path(page), "/sign-in");
  await passwordGive(page);
  await look(auditor, page, "second step", { keyboard: true });
  await codeGive(page, code(secret));
  await home(page, "password and code");
}

/** A second browser comes in by a recovery code, and is shown out by the first. */
async function recovery(page, codes, base) {
  const other = await contextOpen(browser, base);
  const guest = await other.newPage();
  await passwordGive(guest);
  await codeGive(guest, codes[0]);
  await home(guest, "recovery code");
  const third = await contextOpen(browser, base);
  const again = await third.newPage();
  await passwordGive(again);
  await codeGive(again, codes[0]);
  report.check("a recovery code is good once", path(again) === "/sign-in/second" ? "" : again.url());
  await press(again, "main form[action='/sign-out'] button");
  await again.waitForURL((url) => url.pathname === "/sign-in");
  await third.close();
  await page.goto("/account");
  const rows = page.locator("table:has(form[action^='/account/sessions/']) tbody tr");
  report.equal("sessions in the list", await rows.count(), 2);
  await press(page, "form[action^='/account/sessions/'][action$='/end'] button");
  await page.waitForURL((url) => url.pathname === "/account");
  await guest.goto("/account");
  report.equal("a session that was ended has no access", path(guest), "/sign-in");
  await page.goto("/");
  await home(page, "the session that ended it");
  await other.close();
}

async function authenticator(page) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("WebAuthn.enable");
  const { authenticatorId } = await wire.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const send = (method, more = {}) => wire.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    keys: async () => (await send("getCredentials")).credentials,
    /** The same key as it was before, as from a copy of the device. */
    async rewind(credential) {
      await send("removeCredential", { credentialId: credential.credentialId });
      await send("addCredential", { credential });
    },
    verified: (isUserVerified) => send("setUserVerified", { isUserVerified }),
  };
}

const passkeyWords = (page) => page.locator("form[data-passkey] [data-words]:visible").textContent();

async function passkey(page, auditor) {
  const device = await authenticator(page);
  await page.goto("/account");
  await page.locator("#passkey_name").fill("blue key");
  await press(page, "form[data-passkey=create] button[type=submit]");
  await page.waitForURL(/done=passkey/);
  const row = page.locator("tr:has(form[action^='/account/passkeys/'])");
  report.check("the passkey in the list", (await row.textContent()).includes("blue key") ? "" : "no name");
  await page.locator("#passkey_name").fill("again");
  await press(page, "form[data-passkey=create] button[type=submit]");
  report.check("a device that has one", (await passkeyWords(page)).includes("already") ? "" : "is asked again");
  const early = (await device.keys())[0];
  await signOut(page);
  await press(page, "form[data-passkey=get] button[type=submit]");
  await home(page, "passkey");
  report.check("passkey: quiet", await faultsTake(page));
  await signOut(page);
  await device.verified(false);
  await press(page, "form[data-passkey=get] button[type=submit]");
  report.check("without PIN or finger", (await passkeyWords(page)).length > 10 ? "" : "nothing is said");
  await device.verified(true);
  await device.rewind(early);
  await press(page, "form[data-passkey=get] button[type=submit]");
  await page.waitForURL(/fault=copied/);
  report.check("a copied key", (await faultText(page)).includes("may have been copied") ? "" : await faultText(page));
  await auditor.shot(page, "accounts-passkey-refused-en-1280");
  faultsTake(page);
}

async function passkeyRemove(page) {
  await page.goto("/account");
  await press(page, "form[action^='/account/passkeys/'][action$='/remove'] button");
  await page.waitForURL(/done=passkey_removed/);
  report.equal("no passkey is left", await page.locator("form[action^='/account/passkeys/'][action$='/remove']").count(), 0);
}

const toProvider = (page) => press(page, "main a[href^='/sign-in/oidc/']");

async function linked(page, auditor) {
  await page.goto("/account");
  await press(page, "form[action='/account/identities'] button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/account/identities");
  report.check("the way to the provider", (await heading(page)).startsWith("Link your account") ? "" : await heading(page));
  await auditor.shot(page, "accounts-link-en-1280");
  await press(page, "main a.govuk-button");
  await providerSignIn(page, SUBJECT);
  await page.waitForURL(/done=identity/);
  const list = await page.locator("main").textContent();
  report.check("the identity in the list", list.includes(SUBJECT) ? "" : "is not there");
  await page.goto("/account");
  await look(auditor, page, "account", { keyboard: true });
  await signOut(page);
}

/** In a browser of its own, so that the provider asks who it is. */
async function otherOrganisation(base, auditor, secret) {
  const context = await contextOpen(browser, base);
  const page = await context.newPage();
  await page.goto("/sign-in?lang=en");
  await toProvider(page);
  await providerSignIn(page, "staff-0815");
  await page.waitForURL((url) => url.pathname === "/sign-in");
  report.check("an unlinked identity", (await faultText(page)).includes("not linked") ? "" : await faultText(page));
  await look(auditor, page, "sign in, not linked", { fault: true });
  await context.close();

  const staff = await contextOpen(browser, base);
  const own = await staff.newPage();
  await own.goto("/sign-in?lang=en&to=/account");
  await toProvider(own);
  await providerSignIn(own, SUBJECT);
  // The provider says nothing of a second factor: the app is asked.
  await own.waitForURL((url) => url.pathname === "/sign-in/second");
  await codeGive(own, code(secret, 1));
  await own.waitForURL((url) => url.pathname === "/account");
  await own.goto("/");
  await home(own, "another organisation");
  await signOut(own);
  const left = own.locator("a[href^='/sign-out/oidc/']");
  report.equal("leaving the provider is offered", await left.count(), 1);
  await left.click();
  await own.waitForURL(/\/session\/end/);
  report.check("leaving the provider", own.url().startsWith(provider.issuer) ? "" : own.url());
  await staff.close();
}

async function plain(base) {
  const context = await contextOpen(browser, base, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/sign-in?lang=en");
  report.equal("without JavaScript no passkey is offered", await page.locator("form[data-passkey]:visible").count(), 0);
  const words = await page.locator("main").textContent();
  report.check("without JavaScript the page says so", words.includes("Passkeys need JavaScript") ? "" : "nothing is said");
  report.equal("the other ways stay", await page.locator("#password:visible").count(), 1);
  await context.close();
}

async function elsewhere(port) {
  const context = await contextOpen(browser, `http://127.0.0.1:${port}`);
  const page = await context.newPage();
  await page.goto("/sign-in?lang=en");
  const words = await passkeyWords(page);
  report.check("at an IP address the page says where passkeys work", words.includes(`http://localhost:${port}`) ? "" : words);
  await context.close();
}

async function deactivated(page, codes) {
  await passwordGive(page);
  await codeGive(page, codes[1]);
  await home(page, "before the end");
  installation.run("user", "deactivate", "mira");
  await page.goto("/account");
  report.equal("who is deactivated has no access at once", path(page), "/sign-in");
  await toProvider(page);
  await page.waitForURL((url) => url.pathname === "/sign-in");
  report.check("nor by another organisation", (await faultText(page)).includes("not linked") ? "" : await faultText(page));
}

async function all() {
  const [port, providerPort] = [await portFree(), await portFree()];
  const said = installation.run("user", "add", "mira", "--role", "officer", "--name", "Mira Okoye");
  const invited = /\/invitation\/[0-9a-f]+/.exec(said)?.[0] ?? `/invitation/${/[0-9a-f]{64}/.exec(said)?.[0]}`;
  installation.write("partner.secret", "only-for-a-test\n");
  installation.write("oidc.toml", `[[provider]]
id = "partner"
name_en = "Partner Office"
name_zh = "合作机构"
issuer = "http://localhost:${providerPort}"
client_id = "gadolin"
client_secret_file = "partner.secret"
`);
  const base = await installation.start(port);
  provider = await providerStart({
    port: providerPort, base, id: "partner", clientId: "gadolin", clientSecret: "only-for-a-test",
  });
  const auditor = new Auditor(report, base, values.shots);
  const context = await contextOpen(browser, base);
  const page = await context.newPage();
  await invitation(page, auditor, invited);
  const { secret, codes } = await app(page, auditor);
  await passwordAndCode(page, auditor, secret);
  await recovery(page, codes, base);
  await passkey(page, auditor);
  await passwordGive(page);
  await codeGive(page, codes[2]);
  await home(page, "after a refused passkey");
  await passkeyRemove(page);
  await linked(page, auditor);
  await otherOrganisation(base, auditor, secret);
  await report.part("plain", () => plain(base));
  await report.part("elsewhere", () => elsewhere(port));
  await deactivated(page, codes);
  const log = installation.log();
  const leaks = [PASSWORD, secret, "only-for-a-test", ...codes].filter((text) => log.includes(text));
  report.check("no secret in the log", leaks.length === 0 ? "" : `${leaks.length} secrets`);
  await context.close();
}

await report.part("accounts", all);
await browser.close();
await provider?.stop();
await report.part("stopping", () => installation.stop());
process.exit(report.end());
