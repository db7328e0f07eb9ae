// Which pages each role visits. Addresses are found on the pages themselves, so that the tour works
// on any data.

const go = (address) => (page) => page.goto(address);

async function href(page, selector) {
  const link = page.locator(selector).first();
  return (await link.count()) > 0 ? link.getAttribute("href") : null;
}

/** The accounts that the demo offers: key and role. */
export async function accountsFind(page) {
  await page.goto("/sign-in?lang=en");
  return page.locator(".gd-cards li").evaluateAll((cards) => cards.map((card) => ({
    key: card.querySelector("input[name=account]").value,
    role: card.querySelector(".govuk-tag").textContent.trim().toLowerCase(),
  })));
}

/** Signs in as a person does; not everybody begins at the home page. */
export async function signIn(page, key) {
  await page.goto("/sign-in?lang=en");
  await page.locator(`form:has(input[name=account][value="${key}"]) button`).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** A lot with a picture, of those that a page links to; else the first. */
async function lotFind(page, from) {
  await page.goto(from);
  const links = await page.locator('main a[href^="/lots/"]').evaluateAll((all) =>
    [...new Set(all.map((link) => link.getAttribute("href").split("?")[0]))].slice(0, 6));
  for (const link of links) {
    await page.goto(link);
    if ((await page.locator("svg.gd-lineage").count()) > 0) return link;
  }
  return links[0] ?? null;
}

const faults = [
  { name: "not found", open: go("/no-such-page"), status: 404, fault: true },
  { name: "lot not found", open: go("/lots/NO-SUCH-LOT"), status: 404, fault: true },
];
const account = [
  { name: "account", open: go("/account"), keyboard: true },
  { name: "second factor", open: go("/account/second-factor"), keyboard: true },
  { name: "leave cover", open: go("/account/cover"), keyboard: true },
];
const open = [
  { name: "register", open: go("/register"), keyboard: true },
  { name: "accessibility", open: go("/accessibility"), keyboard: true },
  { name: "api", open: go("/api"), keyboard: true },
];

function lotPages(lot) {
  return [
    { name: "lot back", open: go(`${lot}?direction=back`), keyboard: true },
    { name: "lot forward", open: go(`${lot}?direction=forward`) },
    { name: "lot as of", open: go(`${lot}?direction=back&as_of=2100-01-01`) },
    { name: "lot fault", open: go(`${lot}?as_of=3+May`), status: 422, fault: true, keyboard: true },
  ];
}

export async function publicTour() {
  return [
    { name: "sign in", open: go("/sign-in"), keyboard: true, skip: true },
    ...open,
    faults[0],
  ];
}

export async function filerTour(page) {
  await page.goto("/");
  const book = await href(page, 'nav a[href^="/parties/"]');
  const filing = await href(page, 'main a[href^="/filings/"]');
  const lot = (await lotFind(page, "/")) ?? (await lotFind(page, book));
  const rule = await href(page, '.gd-todo a[href^="/findings"]');
  const missing = async (page) => {
    await page.goto("/file");
    const [response] = await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === "POST"),
      page.locator(".gd-drop button[type=submit]").click(),
    ]);
    await page.waitForLoadState();
    return response;
  };
  return [
    { name: "home", open: go("/"), keyboard: true, skip: true },
    { name: "file", open: go("/file"), keyboard: true },
    { name: "file nothing", open: missing, status: 422, fault: true, keyboard: true },
    { name: "party", open: go(book), keyboard: true },
    ...(lot ? lotPages(lot) : []),
    ...(filing ? [{ name: "filing", open: go(filing), keyboard: true }] : []),
    { name: "findings", open: go(rule ?? "/findings"), keyboard: true },
    { name: "search", open: go("/search"), keyboard: true },
    { name: "who looked", open: go("/activity"), keyboard: true },
    { name: "company", open: go(book.replace("/parties/", "/organisations/")), keyboard: true },
    ...account,
    ...open,
    ...faults,
  ];
}

/** The second filer: what the first may see and it may not is not there. */
export async function otherFilerTour(page, forbidden) {
  await page.goto("/");
  const book = await href(page, 'nav a[href^="/parties/"]');
  const lot = await lotFind(page, "/");
  return [
    { name: "home", open: go("/") },
    { name: "party", open: go(book) },
    ...(lot ? lotPages(lot).slice(0, 2) : []),
    { name: "another book", open: go(forbidden), status: 404, fault: true },
  ];
}

export async function authorityTour(page, lot) {
  await page.goto("/findings");
  const party = await href(page, 'main table a[href^="/parties/"]');
  const filing = await href(page, 'main table a[href^="/filings/"]');
  const next = await href(page, 'a[rel="next"]');
  const wide = lot ?? (await lotFind(page, "/findings"));
  const id = decodeURIComponent(wide?.split("/")[2] ?? "A");
  return [
    { name: "home", open: go("/"), keyboard: true },
    { name: "findings", open: go(next ?? "/findings"), keyboard: true },
    { name: "search hits", open: go(`/search?q=${encodeURIComponent(id.slice(0, 4))}`), keyboard: true },
    { name: "search nothing", open: go("/search?q=no-such-thing") },
    ...(party ? [{ name: "party", open: go(party) }] : []),
    ...(filing ? [{ name: "filing", open: go(filing) }] : []),
    ...(wide ? lotPages(wide).slice(0, 2) : []),
    { name: "audit", open: go("/audit?verify=true"), keyboard: true },
    { name: "audit fault", open: go("/audit?from=soon"), status: 422, fault: true },
    { name: "registrations", open: go("/registrations"), keyboard: true },
    ...faults.slice(1),
  ];
}

export async function analystTour(page, lot) {
  await page.goto("/");
  return [
    { name: "home", open: go("/") },
    ...(lot ? lotPages(lot).slice(0, 1) : []),
  ];
}

/** Sends the form of a letter with another text. */
const letter = (button, text) => async (page) => {
  await page.goto("/operations/mail-templates/new_sign_in/en");
  await page.locator("#body").fill(text.replace("link", "person"));
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === "POST"),
    page.locator(`button[value=${button}]`).click(),
  ]);
  await page.waitForLoadState();
  return response;
};

export async function operatorTour() {
  return [
    { name: "home", open: go("/"), keyboard: true },
    { name: "audit", open: go("/audit"), keyboard: true },
    { name: "jobs", open: go("/operations/jobs"), keyboard: true },
    { name: "letters", open: go("/operations/mail-templates"), keyboard: true },
    { name: "letter", open: go("/operations/mail-templates/invitation/en"), keyboard: true },
    { name: "letter preview", open: letter("preview", "{{ link }}") },
    { name: "letter fault", open: letter("save", "{{ secret }}"), status: 422, fault: true },
    { name: "people of the authority", open: go("/authority"), keyboard: true },
    { name: "no trade data", open: go("/findings"), status: 404, fault: true },
  ];
}
