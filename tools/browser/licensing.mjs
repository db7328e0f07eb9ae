// The browser test of licensing. `node licensing.mjs --base http://127.0.0.1:8787 [--shots DIR]` takes one
// application through a running `gadolin demo`: from the form over the end user's certificate, the desk,
// the agencies and the signatures to the licence, and on until customs has used it up. Everybody works in a
// browser of its own without JavaScript and sees only its own; the pages are looked at with JavaScript.
// Prints a line for each check that failed and a closing line; the exit code says the same. With `--steps`
// the work is done and no page is looked at.

import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { Auditor } from "./audit.mjs";
import { browserOpen } from "./browser.mjs";
import { Person } from "./person.mjs";
import { Report } from "./report.mjs";

const { values } = parseArgs({
  options: { base: { type: "string" }, shots: { type: "string" }, steps: { type: "boolean" }, times: { type: "boolean" } },
});
if (!values.base) {
  console.error("usage: node licensing.mjs --base http://127.0.0.1:PORT [--shots DIR] [--steps]");
  process.exit(2);
}
const base = new URL(values.base).origin;
if (values.shots) mkdirSync(values.shots, { recursive: true });

const run = `L${Date.now().toString(36).toUpperCase()}`;
const USE_TEXT = "Rotors of traction motors for passenger cars";
const QUESTION = "Is the end user known to you, and is the use plausible?";
const REASONS = ["No concern.", "Supply at home is not touched."];
const REASONING = "The end use is plausible and both agencies agree.";
const STOPS = "The line for rotors stands still";
const GOOD = "sintered NdFeB magnet, arc segment";
const END_USER = `Elbtal Antriebe ${run} GmbH`;
/** Enough for both agencies to be asked and for two signatures. */
const NET_KG = 12_000;
const DY_KG = 240;

/** What people of the demo and of this test write: it has the language that it has. */
const QUOTED = [
  "sintered NdFeB [\\w ,]+", "\\w+ (oxide|metal), \\w+ (oxide|metal)", "Elbtal Antriebe \\w+ GmbH",
  "YT-2026-\\d+ · [\\w ,]+",
  ...[USE_TEXT, STOPS, QUESTION, REASONING, ...REASONS].map((text) => text.replace(/[?.]/g, "\\$&")),
];

const report = new Report();
const browser = await browserOpen();
const world = {
  report, browser, base,
  auditor: new Auditor(report, base, values.shots),
  looks: !values.steps,
  quoted: QUOTED,
  /** What others must not read. */
  secrets: [],
};

/** A document that says nothing. */
function pdf(title) {
  const bodies = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    `<< /Title (${title}) >>`,
  ];
  let text = "%PDF-1.4\n";
  const places = bodies.map((body, i) => {
    const place = text.length;
    text += `${i + 1} 0 obj\n${body}\nendobj\n`;
    return `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const start = text.length;
  text += `xref\n0 ${bodies.length + 1}\n0000000000 65535 f \n${places.join("")}`;
  return Buffer.from(`${text}trailer\n<< /Size ${bodies.length + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n${start}\n%%EOF\n`);
}

/** The page of a part of the application, by the list of its parts. */
async function partOpen(exporter, draft, part) {
  await exporter.go(draft);
  await exporter.press(`a.govuk-task-list__link[href$="/${part}"]`);
}

/** Adds an entry to a part, by the links that lead there. */
async function entryAdd(exporter, draft, part, fields) {
  await partOpen(exporter, draft, part);
  const add = `main a[href$="/${part}/new"]`;
  if ((await exporter.count(add)) > 0) await exporter.press(add);
  const values = Object.entries(fields).map(async ([name, value]) => {
    const chosen = typeof value === "function" ? await value() : value;
    return [name, chosen];
  });
  await exporter.fill("main form", Object.fromEntries(await Promise.all(values)));
  await exporter.press('main form button[value="save"]');
}

/** The value of the choice of a list that has these words. */
const choice = (exporter, name, words) => () =>
  exporter.page.locator(`main form [name="${name}"] option`).filter({ hasText: words }).first().getAttribute("value");

async function applicationFill(exporter) {
  await exporter.go("/");
  await exporter.press('nav a[href="/applications"]');
  await exporter.press('main a[href="/applications/new"]');
  await exporter.look("new application");
  await exporter.fill("main form", { licence_type: "general" });
  await exporter.press("main form:has([name=licence_type]) button[type=submit]");
  const draft = exporter.path();
  const add = (part, fields) => entryAdd(exporter, draft, part, fields);
  const of = (name, words) => choice(exporter, name, words);
  await add("type", {
    "meets-compliance_programme": true, "meets-export_record": true, reference: run,
    route: "By sea", contact_name: "Kaija Holm", contact_email: "kaija.holm@example.org",
  });
  await add("goods", {
    name: GOOD, hs: "850511", grade: "38UH", form: "magnet", origin: "XA",
    composition: "Nd 27.5\nPr 1\nDy 2\nFe 68\nB 1", control_codes: "YS-202", unit_mass_mg: "48",
  });
  await exporter.look("goods of the application", undefined, { keyboard: true });
  await add("parties", {
    "parts-consignee": true, "parts-end_user": true, name: END_USER, country: "DE",
    address: "Uferweg 4, 01067 Dresden", identifiers: "lei:529900T8BM49AURSDO55", website: "https://example.org",
  });
  await add("uses", { code: "ev_traction_motor", text: USE_TEXT });
  await add("cells", {
    good: of("good", GOOD), consignee: of("consignee", END_USER), end_user: of("end_user", END_USER),
    end_use: of("end_use", /traction/i), destination: "DE", net: String(NET_KG), "net-unit": "kg",
    "e0-kind": "content", "e0-element": "Dy", "e0-amount": String(DY_KG), "e0-unit": "kg",
  });
  await exporter.look("lines of the application");
  await add("stock", { end_user: of("end_user", END_USER), days: "60", stops: STOPS });
  await documentsUpload(exporter, draft);
  return draft;
}

/** Hands in a document wherever one is asked for. */
async function documentsUpload(exporter, draft) {
  await partOpen(exporter, draft, "documents");
  const asked = await exporter.page.locator(".gd-slot input[name=number]").evaluateAll((all) =>
    all.map((input) => input.value).filter(Boolean));
  report.check("documents are asked for", asked.length >= 2 ? "" : `${asked.length} places`);
  for (const number of asked) {
    const form = `.gd-slot:has(input[name=number][value="${number}"])`;
    await exporter.page.locator(`${form} input[type=file]`).setInputFiles({
      name: `document-${number}.pdf`, mimeType: "application/pdf", buffer: pdf(`${run} ${number}`),
    });
    await exporter.press(`${form} button[type=submit]`);
  }
  await exporter.look("documents of the application");
}

/** Asks for the certificate; gives its link. */
async function certificateAsk(exporter, draft) {
  await partOpen(exporter, draft, "certificates");
  await exporter.look("certificates of the application");
  await exporter.press('main a[href*="/certificates/new?for=draft"]');
  const form = exporter.page.url();
  report.equal("the form of the certificate knows the end user", await exporter.page.locator("#end_user_name").inputValue(), END_USER);
  await exporter.look("asking for a certificate", form);
  await exporter.press('form[action="/certificates"] > button[type=submit]');
  const link = await exporter.page.locator("#link").inputValue();
  report.check("the link is a link", /\/certificate\/[\w-]+$/.test(link) ? "" : link);
  await exporter.shot("link of the certificate");
  return new URL(link, base).pathname;
}

async function certificateSign(link) {
  const endUser = await Person.enter(world, "end user", { key: "", locale: "de-DE" });
  await endUser.go(link);
  report.equal("the certificate is in German", await endUser.page.locator("html").getAttribute("lang"), "de");
  const told = await endUser.text();
  for (const words of [END_USER, GOOD, `${DY_KG} kg (enthaltene Masse: Dy)`]) {
    report.check(`the certificate says ${words}`, told.includes(words) ? "" : told.slice(0, 200));
  }
  await endUser.lookPlain("certificate", link);
  const form = 'form[action$="/check"]';
  await endUser.fill(form, { name: "Henrike Vogt", position: "Leiterin Einkauf", email: "vogt@example.org", signs_for: true });
  if ((await endUser.count("#place")) > 0) await endUser.fill(form, { place: "Dresden" });
  await endUser.press(`${form} button[type=submit]`);
  await endUser.shot("certificate once more");
  await endUser.press('form[action$="/sign"] button[type=submit]');
  report.equal("the signed text stands there", await endUser.count(".gd-certificate--signed"), 1);
  await endUser.lookPlain("signed certificate", link);
  report.equal("nobody signs twice", await endUser.count(form), 0);
  await endUser.go("/cases");
  report.equal("the link is a way to nothing else", endUser.path(), "/sign-in");
  return endUser;
}

async function handIn(exporter, draft) {
  await exporter.go(draft);
  await exporter.press('main a[href$="/check"]');
  const gaps = await exporter.page.locator(".gd-group--error .gd-gaps a, .gd-group--warning .gd-gaps a").allTextContents();
  report.check("nothing lacks when it is handed in", gaps);
  await exporter.look("check before handing in");
  await exporter.press('main form[action$="/check"] button[type=submit]');
  const number = exporter.path().split("/")[2];
  report.check("the case has a number", number?.startsWith("YT") ? "" : exporter.path());
  await exporter.look("own case", `/cases/${number}`);
  return number;
}

/** Opens a form of the desk, fills it and sends it: on the case as it is now, since others work on it too. */
async function deskDo(officer, number, code, fields = {}) {
  await officer.go(`/cases/${number}`);
  const details = `details#on-${code}`;
  if ((await officer.count(details)) === 0) return officer.press(`form#on-${code} button[type=submit]`);
  if (!(await officer.count(`${details}[open]`))) await officer.page.locator(`${details} > summary`).click();
  await officer.fill(details, fields);
  return officer.press(`${details} form button[type=submit]`);
}

async function caseTake(officer, number) {
  await officer.go("/");
  await officer.press('nav a[href="/cases"]');
  await officer.look("queue", "/cases", { keyboard: true });
  await officer.fill("main form[method=get]", { q: number });
  await officer.press("main form[method=get] button[type=submit]");
  report.equal("a number leads to its case", officer.path(), `/cases/${number}`);
  await deskDo(officer, number, "take");
  await deskDo(officer, number, "accept");
  await officer.look("case", `/cases/${number}`);
}

const askAgency = (officer, number, agency) =>
  deskDo(officer, number, "ask_agency", { agency, text: QUESTION });

/** Whether a case stands in somebody's queue. */
async function queued(person, number, wanted) {
  await person.go("/cases");
  const found = (await person.count(`main a[href="/cases/${number}"]`)) > 0;
  report.equal(`${person.name} has the case in its queue`, found, wanted);
}

async function advise(agency, number, fields) {
  await queued(agency, number, true);
  await agency.press(`main a[href="/cases/${number}"]`);
  await agency.look("case of the agency", `/cases/${number}`);
  await agency.press(`main a[href="/cases/${number}/advice"]`);
  await agency.look("advice", `/cases/${number}/advice`);
  await agency.fill("#on-advise", { "position-0": "approve", ...fields });
  await agency.press('#on-advise button[value="reply"]');
}

async function draftDecision(officer, number) {
  await officer.go(`/cases/${number}`);
  const told = await officer.text();
  for (const agency of ["Defence Materials Office", "Ministry of Industry"]) {
    report.check(`the officer reads the advice of the ${agency}`, told.includes(agency) ? "" : "not named");
  }
  await officer.press(`main a[href="/cases/${number}/draft"]`);
  await officer.look("draft of the decision", `/cases/${number}/draft`);
  await officer.fill("#on-draft", { "outcome-0": "approve", reasoning: REASONING });
  await officer.press("#on-draft > button[type=submit]");
  await officer.look("case with a draft", `/cases/${number}`);
  // Whoever drafts does not countersign, and is not offered to.
  report.equal("the officer is offered no signature", await officer.count('main a[href$="/sign"]'), 0);
  const response = await officer.go(`/cases/${number}/sign`);
  const offered = await officer.count("#on-sign");
  report.check("the officer does not sign its own draft", offered === 0 ? "" : `a form, status ${response.status()}`);
  await officer.go(`/cases/${number}`);
  report.equal("nothing is decided before it is signed", await officer.count("#on-finalise"), 0);
}

async function sign(supervisor, number) {
  await supervisor.go(`/cases/${number}`);
  await supervisor.press(`main a[href="/cases/${number}/sign"]`);
  await supervisor.look("signing", `/cases/${number}/sign`);
  await supervisor.press("form#on-sign button[type=submit]");
}

/** Gives the number of the licence, as the exporter reads it. */
async function decided(officer, exporter, number) {
  await deskDo(officer, number, "finalise");
  await officer.look("decided case", `/cases/${number}`);
  await exporter.go(`/cases/${number}`);
  const licence = (await exporter.text(".gd-facts dd.gd-code")).trim();
  report.check("the exporter reads the number of the licence", licence ? "" : "no number");
  await exporter.look("own decided case", `/cases/${number}`);
  return licence;
}

/** Books a use on the page of the licence; gives the status of the answer. */
async function book(customs, deed, declaration, [net, dy]) {
  const fields = { deed, declaration, declaration_line: "1", "amount-0": String(net), "amount-1": String(dy) };
  await customs.fill("form#booking", fields);
  const response = await customs.send("form#booking button[type=submit]");
  return response.status();
}

async function useUp(customs, licence) {
  await customs.go("/");
  report.equal("customs begins at the border", customs.path(), "/border");
  await customs.look("border", "/border", { keyboard: true });
  await customs.fill('form[action="/border"]', { q: licence });
  await customs.press('form[action="/border"] button[type=submit]');
  const address = customs.path();
  await customs.look("licence at the border", address, { keyboard: true });
  const told = await customs.text();
  for (const words of [END_USER, GOOD, "In force"]) report.check(`customs reads ${words}`, told.includes(words) ? "" : "not there");
  const [half, all] = [[NET_KG / 2, DY_KG / 2], [NET_KG, DY_KG]];
  const does = async (name, status, words, deed, number, amounts) => {
    await customs.go(address);
    report.equal(`${name}: status`, await book(customs, deed, `${run}-${number}`, amounts), status);
    const said = await customs.text();
    report.check(name, said.includes(words) ? "" : said.slice(0, 160));
    await customs.shot(name);
  };
  await does("customs reserves half", 200, "Reserved", "reserve", 1, half);
  await does("customs books what it reserved", 200, "Booked as used", "commit", 1, half);
  await does("customs is refused beyond what is left", 422, "Refused", "commit", 2, all);
  await does("customs books the rest", 200, "Booked as used", "commit", 2, half);
  await does("customs is refused where nothing is left", 422, "Refused", "commit", 3, [1, 0.02]);
  await customs.go(address);
  report.check("the border shows it used up", (await customs.text()).includes("Used up") ? "" : await customs.text(".gd-title"));
  await customs.look("used-up licence at the border", address);
}

async function holderSees(exporter, licence) {
  await exporter.go("/");
  await exporter.press('nav a[href="/licences"]');
  await exporter.look("licences", "/licences", { keyboard: true });
  await exporter.press(`main a[href="/licences/${encodeURIComponent(licence)}"], main a[href="/licences/${licence}"]`);
  const told = await exporter.text();
  for (const words of ["Used up", `${run}-1`, `${run}-2`]) {
    report.check(`the exporter reads ${words} on its licence`, told.includes(words) ? "" : told.slice(0, 200));
  }
  report.check("the exporter reads nothing of what was refused", told.includes(`${run}-3`) ? "it is listed" : "");
  await exporter.look("used-up licence", undefined, { keyboard: true });
}

const people = {};
async function enter(...keys) {
  for (const key of keys) people[key] = await Person.enter(world, key);
}

async function all() {
  await enter("magnet-maker");
  const exporter = people["magnet-maker"];
  world.secrets = [END_USER, GOOD];
  const draft = await applicationFill(exporter);
  const link = await certificateAsk(exporter, draft);
  people.endUser = await certificateSign(link);
  const number = await handIn(exporter, draft);
  const address = `/cases/${number}`;

  await enter("officer", "defence-agency", "industry-agency", "separator", "customs");
  const { officer, separator, customs } = people;
  const [defence, industry] = [people["defence-agency"], people["industry-agency"]];
  await caseTake(officer, number);
  for (const other of [defence, industry, separator, customs]) await other.hidden(address);
  await askAgency(officer, number, "defence");
  await queued(industry, number, false);
  await industry.hidden(address);
  await advise(defence, number, { "reason-0": REASONS[0], "phrases-0": "no_reexport" });
  await askAgency(officer, number, "industry");
  await advise(industry, number, { "reason-0": REASONS[1] });
  await draftDecision(officer, number);

  await enter("supervisor", "second-supervisor");
  const { supervisor } = people;
  await sign(supervisor, number);
  await supervisor.go(`${address}/sign`);
  report.equal("nobody gives both signatures", await supervisor.count("#on-sign"), 0);
  await sign(people["second-supervisor"], number);
  const licence = await decided(officer, exporter, number);

  await separator.go("/licences");
  const listed = (await separator.text("body")).includes(licence);
  report.check("another exporter has no such licence", listed ? "it is listed" : "");
  await separator.hidden(`/licences/${encodeURIComponent(licence)}`);
  for (const other of [separator, customs]) await other.hidden(address);
  await useUp(customs, licence);
  await holderSees(exporter, licence);
}

const start = performance.now();
await report.part("from the form to the used-up licence", all);
for (const person of Object.values(people)) await person.leave();
await browser.close();
if (values.times) console.error(`${Math.round((performance.now() - start) / 1000)} s`);
process.exit(report.end());
