// What is asked of every page. Each check gives a list of what is wrong; an empty list is good.

import { AXE, faultsTake } from "./browser.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Rules whose answer depends on colours alone: the others need not be asked again in the dark. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
const SIZE_RULES = ["target-size", "scrollable-region-focusable"];
/** WCAG 2.2, 2.5.8. */
const TARGET_PIXELS = 24;

async function axe(page, options) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(AXE);
  return page.evaluate(async (options) => {
    const answer = await window.axe.run(document, { resultTypes: ["violations"], ...options });
    return answer.violations.flatMap((violation) =>
      violation.nodes.slice(0, 3).map((node) => {
        const why = (node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? violation.help;
        return `${violation.id} at ${node.target.join(" ")}: ${why}`;
      }));
  }, options);
}

export const axeAll = (page) =>
  axe(page, { runOnly: { type: "tag", values: TAGS }, rules: { "target-size": { enabled: true } } });
export const axeColours = (page) => axe(page, { runOnly: { type: "rule", values: COLOUR_RULES } });
export const axeSizes = (page) => axe(page, { runOnly: { type: "rule", values: SIZE_RULES } });

/**
 * Contrast of text as it is painted (WCAG 2.2, 1.4.3). With forced colours axe reads the colours that
 * the page asked for, not those that the browser puts in their place; this reads the latter.
 */
export function contrast(page) {
  return page.evaluate(() => {
    const parts = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = (colour) => {
      const [r, g, b] = parts(colour).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if ((parts(colour)[3] ?? 1) > 0) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    const wrong = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.textContent.trim() || element.closest("svg, script, [disabled]") || !element.checkVisibility()) continue;
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) wrong.add(`“${node.textContent.trim().slice(0, 30)}” has ${ratio.toFixed(2)}`);
    }
    return [...wrong];
  });
}

/** WCAG 2.2, 1.4.10: no sideways scrolling of the page. */
export function reflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const inside = (element) => {
      for (let at = element.parentElement; at; at = at.parentElement) {
        if (getComputedStyle(at).overflowX !== "visible") return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll("*")].find((element) =>
      element.getBoundingClientRect().right > root.clientWidth + 0.5 && !inside(element));
    const what = wide ? `${wide.tagName.toLowerCase()}.${wide.className}` : "unknown element";
    return [`the page is ${root.scrollWidth} wide in ${root.clientWidth} because of ${what}`];
  });
}

/** Buttons and fields are at least 24 by 24; links are left to axe, which knows the exceptions. */
export function targets(page) {
  return page.evaluate((least) => {
    const wanted = "button, input:not([type=hidden]), select, summary, a[role=button], a.gd-chip";
    return [...document.querySelectorAll(wanted)].flatMap((element) => {
      const box = element.getBoundingClientRect();
      if (!element.checkVisibility() || (box.width >= least && box.height >= least)) return [];
      const name = element.textContent.trim() || element.name || element.tagName;
      return [`“${name}” is ${Math.round(box.width)} by ${Math.round(box.height)}`];
    });
  }, TARGET_PIXELS);
}

/** Title, language, one main heading; a page about a fault says so first. */
export function head(page, { tag, fault, faultPrefix }) {
  return page.evaluate(({ tag, fault, faultPrefix }) => {
    const wrong = [];
    const title = document.title;
    if (!title.endsWith("– Gadolin") || title.length < 12) wrong.push(`title “${title}”`);
    if (title.startsWith(faultPrefix) !== fault) wrong.push(`title “${title}”, a fault: ${fault}`);
    if (document.documentElement.lang !== tag) wrong.push(`lang “${document.documentElement.lang}”`);
    const headings = document.querySelectorAll("h1");
    if (headings.length !== 1) wrong.push(`${headings.length} main headings`);
    if (![...document.querySelectorAll("a[hreflang]")].length) wrong.push("no link to another language");
    return wrong;
  }, { tag, fault, faultPrefix });
}

/**
 * Words that are missing: a key of a message stands where its words should. On a Chinese page also
 * English sentences that do not say that they are English (WCAG 2.2, 3.1.2), but for names and for what
 * people wrote themselves: `.gd-name`, and `quoted`, patterns.
 */
export function words(page, { families, chinese, quoted = [] }) {
  return page.evaluate(({ families, chinese, quoted }) => {
    const wrong = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const own = (text, pattern) => text.replace(new RegExp(pattern, "g"), "");
      const text = quoted.reduce(own, node.textContent).trim();
      const parent = node.parentElement;
      if (!text || parent.closest("script, style, .gd-code, .gd-secret, .gd-card-name, .gd-card-party, .gd-name")) continue;
      const key = /^[a-z]+(-[a-z0-9_]+)+$/.test(text) && families.includes(text.split("-")[0]);
      if (key) wrong.add(`no words for “${text}”`);
      if (text.includes("{ $") || text.includes("{$")) wrong.add(`unfilled message “${text}”`);
      const sentence = /[A-Za-z]{2,}(?:[ ,;’'`]+[A-Za-z]{2,}){3,}/.exec(text);
      if (chinese && sentence && parent.closest("[lang]").lang !== "en") {
        wrong.add(`English: “${text.slice(0, 90)}”`);
      }
    }
    return [...wrong].slice(0, 6);
  }, { families, chinese, quoted });
}

/** Neither errors of scripts, nor breaches of the policy, nor requests to other hosts. */
export const quiet = (page) => faultsTake(page);

const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";

// In the page: notes every element that takes the focus, and whether it then looks different.
function focusWatch(focusable) {
  const look = (element) => {
    const style = (of) => {
      const computed = getComputedStyle(of);
      return [computed.outlineStyle, computed.outlineWidth, computed.outlineColor, computed.boxShadow,
        computed.backgroundColor, computed.borderColor, computed.stroke, computed.strokeWidth,
        computed.fill, computed.top, computed.position, computed.clipPath].join();
    };
    return [element, ...element.querySelectorAll("rect, .govuk-details__summary-text")].map(style).join();
  };
  // Of radio buttons of one name the tab key reaches the chosen one, or the first; the arrow keys the others.
  const passed = (element) => {
    if (element.type !== "radio") return false;
    const group = [...element.getRootNode().querySelectorAll("input[type=radio]")].filter((other) =>
      other.name === element.name && other.form === element.form);
    return element !== (group.find((other) => other.checked) ?? group[0]);
  };
  const wanted = [...document.querySelectorAll(focusable)].filter((element) =>
    !element.disabled && !passed(element) && element.checkVisibility({ visibilityProperty: true }));
  const before = new Map(wanted.map((element) => [element, look(element)]));
  const seen = [];
  const same = [];
  document.addEventListener("focusin", (event) => {
    const element = event.target;
    if (!before.has(element)) return;
    if (!seen.includes(element)) seen.push(element);
    if (look(element) === before.get(element)) same.push(element);
  });
  const name = (element) => {
    const text = element.getAttribute("aria-label") ?? element.textContent.trim();
    return `${element.tagName.toLowerCase()} “${(text || element.name || element.id).slice(0, 40)}”`;
  };
  window.gadolinFocus = { wanted, seen, same, name };
  return wanted.length;
}

// In the page: what the watch found.
function focusFound(most) {
  const { wanted, seen, same, name } = window.gadolinFocus;
  const wrong = [];
  const expected = wanted.slice(0, most);
  for (const element of expected.filter((element) => !seen.includes(element)).slice(0, 5)) {
    wrong.push(`never focused: ${name(element)}`);
  }
  for (const element of [...new Set(same)].slice(0, 5)) wrong.push(`focus not seen: ${name(element)}`);
  const order = seen.map((element) => wanted.indexOf(element));
  if (order.some((at, i) => i > 0 && at < order[i - 1])) wrong.push("the focus jumps back");
  return wrong;
}

/** Tabs through the page: everything is reached, in order, and is seen to have the focus. */
export async function keyboard(page, most = 80) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.scrollTo(0, 0);
  });
  const count = await page.evaluate(focusWatch, FOCUSABLE);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    return { href: element.getAttribute("href"), seen: box.width > 10 && box.top >= 0 };
  });
  const wrong = [];
  if (first.href !== "#main" || !first.seen) wrong.push(`the first stop is ${first.href}, not the skip link`);
  const stops = Math.min(count, most);
  // A field of a day or a time has a stop for each of its parts.
  const parted = "input[type=date], input[type=time], input[type=datetime-local]";
  const parts = 6 * (await page.locator(parted).count());
  for (let i = 1; i < stops + parts + 3; i += 1) await page.keyboard.press("Tab");
  return wrong.concat(await page.evaluate(focusFound, stops));
}

/** The skip link leads into the main part. */
export async function skipLink(page) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.scrollTo(0, 0);
  });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const at = await page.evaluate(() => document.activeElement?.id ?? "");
  return at === "main" ? [] : [`the skip link leads to “${at}”`];
}
