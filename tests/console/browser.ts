import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { assertEquals } from "@std/assert";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** Widths of the devices that coordinators hold. */
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Starts Debian's Chromium, so that it asks nobody but the page it is shown. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A browser of its own, with nothing remembered, and everything it complained of. */
export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page and of its Content-Security-Policy. */
  readonly complaints: string[];
}

interface VisitOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly deviceScaleFactor?: number;
  readonly hasTouch?: boolean;
  /** As somebody who keeps coming back to the page, which is when it reads at once. */
  readonly isImpatient?: boolean;
}

const IMPATIENCE_MS = 700;
/** Far longer than anything takes on a machine that is busy with much else: that it comes is what is tested, not when. */
const PATIENCE_MS = 120_000;

export async function visit(
  browser: Browser,
  options: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: options.viewport ?? DESKTOP,
    colorScheme: options.colorScheme ?? "light",
    deviceScaleFactor: options.deviceScaleFactor ?? 1,
    hasTouch: options.hasTouch ?? false,
    locale: "nb-NO",
    timezoneId: "Europe/Oslo",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (options.isImpatient) {
    await page.addInitScript((milliseconds) => {
      setInterval(() => document.dispatchEvent(new Event("visibilitychange")), milliseconds);
    }, IMPATIENCE_MS);
  }
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isAnswer = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** Fails with every violation of the WCAG rules, up to level AA, and of axe's best practices. */
export async function assertAccessible(page: Page, what: string): Promise<void> {
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) =>
      `${id}: ${help}\n${
        nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join("\n")
      }`
    );
  });
  assertEquals(violations, [], `axe found violations in ${what}`);
}

/** Fails when the page can be scrolled sideways. */
export async function assertFits(page: Page, what: string): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  const culprits = content === window
    ? []
    : await page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => element.outerHTML.slice(0, 120))
    );
  assertEquals(culprits, [], `${what} is wider than the window`);
  assertEquals(content, window, `${what} is wider than the window`);
}

/** Fails where two words stand apart for the eye alone: read aloud, copied or printed as text they would be one. */
export async function assertSpaced(page: Page, what: string): Promise<void> {
  const run = await page.evaluate(() => {
    /** The element in which a text flows on from the one before it. */
    const flowOf = (text: Node) => {
      let element = text.parentElement;
      while (element !== null && /^(inline|contents)/.test(getComputedStyle(element).display)) {
        element = element.parentElement;
      }
      return element;
    };
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let before = null;
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      if (!text.parentElement?.checkVisibility() || text.textContent === "") continue;
      const isApart = before === null || before.parentElement === text.parentElement ||
        flowOf(before) !== flowOf(text);
      const isOneWord = /[\p{L}\p{N}]$/u.test(before?.textContent ?? "") &&
        /^[\p{L}\p{N}]/u.test(text.textContent ?? "");
      if (!isApart && isOneWord) found.push(`${before?.textContent}${text.textContent}`);
      before = text;
    }
    return found;
  });
  assertEquals(run, [], `words run together in ${what}`);
}
