import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const CHROMIUM_PATH = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** Widths of the devices that coordinators hold. */
export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** As small as a window of 1280 by 1024 becomes at 400 %. */
export const ZOOMED = { width: 320, height: 256 };

/** A program that drives a browser for scenarios. */
export interface Driver<Browser> {
  /** Starts the browser, which ends with `resources`. */
  launch(resources: AsyncDisposableStack): Promise<Browser>;
  /** Closes what a scenario left open. */
  tidy(browser: Browser): Promise<unknown>;
}

export const CHROMIUM: Driver<Browser> = {
  async launch(resources) {
    const browser = await launchBrowser();
    resources.defer(() => browser.close());
    return browser;
  },
  tidy: (browser) => Promise.all(browser.contexts().map((context) => context.close())),
};

/** Starts Debian's Chromium, so that it asks nobody but the page it is shown. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM_PATH,
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
