// Filing a batch, as a filer does it: a file with faults, its rejected rows, the repaired rows, the
// confirmation, the receipt. The whole journey with JavaScript off; its pages are looked at with
// JavaScript on.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const COLUMNS = "filing,kind,date,filer,site,leg,lot,stage,net_mass_kg,composition,note";

/** Five filings of scrap magnets: two good, and three with a fault each, one of which has two rows. */
function faultyFile(filer, run) {
  const row = (n, date, mass, composition, note = "") =>
    `${run}-${n},collect,${date},${filer},YARD,,${run}-L${n},scrap_magnet,${mass},${composition},${note}`;
  const second = (n, m) =>
    `${run}-${n},collect,2025-05-06,${filer},YARD,,${run}-L${n}${m},scrap_magnet,4,"Nd=27.0;Dy=2.0",`;
  return [
    COLUMNS,
    row(1, "2025-05-03", "12.5", '"Nd=27.5;Dy=2.1"'),
    row(2, "2025-05-04", "8", '"Nd=26.0;Dy=3.4"'),
    row(3, "03.05.2025", "7.25", '"Nd=26.0;Dy=3.4"'),
    row(4, "2025-05-05", "minus two", '"Nd=26.0;Dy=3.4"'),
    second(5, "a"),
    second(5, "b").replace("scrap_magnet", "scrap_magnets"),
  ].join("\n") + "\n";
}

const repaired = (text) => text
  .replace("03.05.2025", "2025-05-03")
  .replace("minus two", "2")
  .replace("scrap_magnets,", "scrap_magnet,");

async function upload(page, name, text) {
  await page.goto("/file");
  await page.locator("#file").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.locator(".gd-drop button[type=submit]").click();
  await page.waitForURL(/\/file\/preview\//);
}

const heading = (page) => page.locator("h1").textContent();

async function rejectsTake(page) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator('a[href$="/rejects.csv"]').first().click(),
  ]);
  return readFileSync(await download.path(), "utf8");
}

async function confirm(page) {
  await page.locator('form[action^="/file/preview/"] button[type=submit]').click();
  await page.waitForURL(/\/file\/receipt\//);
}

/** The filer's own party, from the navigation. */
async function filerOf(page) {
  await page.goto("/");
  const own = await page.locator('nav a[href^="/parties/"]').first().getAttribute("href");
  return decodeURIComponent(own.split("/")[2]);
}

/** The whole way without JavaScript. */
export async function journeyPlain(page, report, run) {
  const filer = await filerOf(page);
  const name = "filing without JavaScript";
  await upload(page, "may.csv", faultyFile(filer, run));
  report.equal(`${name}: the preview`, await heading(page), "2 filings are ready, 3 rejected");
  const groups = await page.locator(".gd-group--error h3").allTextContents();
  report.check(`${name}: faults by repair`, groups.length >= 3 ? "" : `groups: ${groups.join(", ")}`);
  const rejects = await rejectsTake(page);
  const lines = rejects.trim().split("\n");
  report.equal(`${name}: rejected rows and the header`, lines.length, 5);
  for (const column of ["line", "code", "message", "accepted"]) {
    const has = lines[0].replace(/[\uFEFF\r]/g, "").split(",").includes(column);
    report.check(`${name}: column ${column}`, has ? "" : `not in ${lines[0]}`);
  }
  report.check(`${name}: the faultless row`, rejects.includes("with_filing") ? "" : "no with_filing");
  await confirm(page);
  report.equal(`${name}: the first receipt`, await heading(page), "2 filings are on record");
  const again = repaired(rejects);
  await upload(page, "rejects.csv", again);
  report.equal(`${name}: the repaired rows`, await heading(page), "All 3 filings are ready");
  await confirm(page);
  report.equal(`${name}: the second receipt`, await heading(page), "3 filings are on record");
  const digest = createHash("sha256").update(again).digest("hex");
  const facts = await page.locator(".gd-receipt .gd-facts").textContent();
  report.check(`${name}: the digest`, facts.includes(digest) ? "" : `no ${digest} in the receipt`);
  await page.locator(`main a[href^="/filings/"]`).first().click();
  report.check(`${name}: a filing`, (await heading(page)).startsWith(run) ? "" : await heading(page));
  await page.goto(`/lots/${run}-L4`);
  const lot = await page.locator("main").textContent();
  report.check(`${name}: the lot`, lot.includes("3.4") ? "" : "the composition is not shown");
  await upload(page, "rejects.csv", again);
  report.equal(`${name}: the same again`, await heading(page), "All of this is on record already");
  await page.locator(".gd-header form button").click();
  await page.waitForURL(/\/sign-in/);
  await page.goto("/file");
  report.check(`${name}: signed out`, page.url().includes("/sign-in") ? "" : page.url());
}

/** The pages of the way, looked at. */
export async function journeySeen(page, auditor, run) {
  const filer = await filerOf(page);
  await auditor.speak(page, "en");
  await upload(page, "june.csv", faultyFile(filer, run));
  const preview = page.url();
  await auditor.look(page, "filer", {
    name: "preview with faults",
    open: (page) => page.goto(preview),
    keyboard: true,
  });
  await page.goto(preview);
  await confirm(page);
  const receipt = page.url();
  await auditor.look(page, "filer", {
    name: "receipt with faults",
    open: (page) => page.goto(receipt),
    keyboard: true,
  });
  await upload(page, "not-a-table.csv", "a picture of\u0000 a table");
  const unreadable = page.url();
  await auditor.look(page, "filer", { name: "preview of an unreadable file", open: (page) => page.goto(unreadable) });
  await upload(page, "july.csv", repaired(faultyFile(filer, `${run}-g`)));
  const good = page.url();
  await auditor.look(page, "filer", { name: "preview", open: (page) => page.goto(good) });
}
