import puppeteer, { type Browser, type Page } from "puppeteer-core";
import type { Driver } from "./browser.ts";
import type { AnyPage } from "./page_checks.ts";

const FIREFOX_PATH = Deno.env.get("FIREFOX") ?? "/usr/bin/firefox-esr";

/** As patient as with Chromium: that something comes is what is tested, not when. */
const PATIENCE_MS = 120_000;

/** Debian's Firefox, by WebDriver BiDi: Playwright drives only a Firefox that it has built itself. */
export const FIREFOX: Driver<Browser> = {
  async launch(resources) {
    // Firefox refuses to run as root in a home that is somebody else's, as that of a CI's container may be.
    const home = await Deno.makeTempDir({ prefix: "hlf-sync-firefox-" });
    resources.defer(() => Deno.remove(home, { recursive: true }));
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: FIREFOX_PATH,
      headless: true,
      timeout: PATIENCE_MS,
      protocolTimeout: PATIENCE_MS,
      env: { ...Deno.env.toObject(), HOME: home, TZ: "Europe/Oslo" },
      extraPrefsFirefox: { "intl.accept_languages": "nb-NO", "ui.prefersReducedMotion": 1 },
    });
    resources.defer(() => browser.close());
    return browser;
  },
  tidy: (browser) =>
    Promise.all(
      browser.browserContexts()
        .filter((context) => context !== browser.defaultBrowserContext())
        .map((context) => context.close()),
    ),
};

/** A page in Firefox, with what scenarios do to it under the names that Playwright has for it. */
export class FirefoxPage implements AnyPage {
  /** Everything that came to the console, errors, and what the Content-Security-Policy forbade. */
  readonly complaints: string[] = [];
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => this.complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /** Opens a page in a browser of its own, with nothing remembered. */
  static async open(
    browser: Browser,
    viewport: { width: number; height: number },
  ): Promise<FirefoxPage> {
    const context = await browser.createBrowserContext();
    const page = new FirefoxPage(await context.newPage());
    await page.setViewportSize(viewport);
    return page;
  }

  evaluate<T>(look: string | (() => T | Promise<T>)): Promise<T> {
    return this.#page.evaluate(look) as Promise<T>;
  }

  async goto(address: string): Promise<void> {
    await this.#page.goto(address);
  }

  async setViewportSize(size: { width: number; height: number }): Promise<void> {
    await this.#page.setViewport(size);
  }

  /** Presses what has this role and name, once it can be pressed. */
  async press(role: "button" | "link", name: string): Promise<void> {
    await this.#page.locator(`::-p-aria([name="${name}"][role="${role}"])`).click();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.#page.locator(selector).fill(text);
  }

  async click(selector: string): Promise<void> {
    await this.#page.locator(selector).click();
  }

  /** What elements say, in their order. */
  locator(selector: string): { allInnerTexts(): Promise<string[]> } {
    return {
      allInnerTexts: () =>
        this.#page.$$eval(
          selector,
          (elements) => elements.map((element) => (element as HTMLElement).innerText),
        ),
    };
  }
}
