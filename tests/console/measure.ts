/**
 * Measures what the page costs on a slow line, and prints it: how heavy it is, how long until it can be used, the first time and
 * when somebody comes again, and what it asks while nothing happens. Figures, no test.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { untilIdle } from "../../stack/observe.ts";
import { compressedSize } from "../../console/build.ts";
import { serveConsole } from "../../console/serve.ts";
import { launchBrowser, PHONE, visit } from "./browser.ts";
import { signIn } from "./harness.ts";

/** Slow 3G as Lighthouse has it: 400 kbit/s, and 400 ms until an answer begins. */
const SLOW_3G = {
  offline: false,
  latency: 400,
  downloadThroughput: 50_000,
  uploadThroughput: 50_000,
};
const TIMES = 5;
/** For so long a browser remembers that it may ask, where nobody says how long, as the gateway of Supabase does not. */
const PREFLIGHT_MS = 5000;
const IDLE_SECONDS = 20;

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", SLOW_3G);
}

/** The middle one of several, in seconds, and all of them. */
function median(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b).map((time) => time.toFixed(2));
  return `${sorted[Math.floor(sorted.length / 2)]} s (${sorted.join(" ")})`;
}

/**
 * A way to the project on which questions whether the browser may ask (preflights) take as long as any other answer: the
 * browser's own emulation leaves them out.
 */
function serveWay(apiUrl: string) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "OPTIONS") {
        await new Promise((resolve) => setTimeout(resolve, SLOW_3G.latency));
      }
      const { method, headers, body, url } = request;
      const { pathname, search } = new URL(url);
      return await fetch(`${apiUrl}${pathname}${search}`, { method, headers, body });
    },
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

/** By the page's own clock, frame by frame: a locator looks only twice a second. */
async function secondsUntil(page: Page, url: string, selector: string): Promise<number> {
  await page.goto(url, { waitUntil: "commit" });
  const seen = await page.waitForFunction(
    (wanted) => document.querySelector(wanted) !== null && performance.now(),
    selector,
  );
  return Number(await seen.jsonValue()) / 1000;
}

/** Lets a session end that the page holds, as it does after an hour. */
async function expire(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const [key, value] of Object.entries(localStorage)) {
      if (!key.endsWith("-auth-token")) continue;
      localStorage.setItem(key, JSON.stringify({ ...JSON.parse(value), expires_at: 1 }));
    }
  });
}

if (import.meta.main) {
  await using resources = new AsyncDisposableStack();
  resources.defer(() => void (Deno.exitCode = 0));
  const stack = await startConfiguredStack({ ports: "free", cron: false });
  resources.defer(() => stack.stop());
  await untilIdle(stack);
  const way = serveWay(stack.apiUrl);
  resources.defer(way.stop);
  const serve = async (asksThroughHost: boolean) => {
    const { url, stop } = await serveConsole({
      port: 0,
      apiUrl: way.url,
      publishableKey: stack.publishableKey,
      settings: { asksThroughHost },
    });
    resources.defer(stop);
    return url;
  };
  const url = await serve(false);
  const browser = await launchBrowser();
  resources.defer(() => browser.close());
  const [coordinator] = stack.coordinators;
  if (coordinator === undefined) throw new Error("The stack has no demo coordinator");

  const files = ["", "worker.js"].map(async (name) => await (await fetch(`${url}/${name}`)).text());
  const sizes = await Promise.all((await Promise.all(files)).map(compressedSize));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`weight: ${(bytes / 1000).toFixed(1)} kB compressed with gzip`);

  const first: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const { page, context } = await visit(browser, { viewport: PHONE });
    await slowDown(page);
    first.push(await secondsUntil(page, url, "form input[type=email]"));
    await context.close();
  }
  console.log(`slow 3G, first visit until the sign-in can be used: ${median(first)}`);

  const known = async (address: string) => {
    const { page } = await visit(browser, { viewport: PHONE });
    await page.goto(address);
    await signIn(page, coordinator);
    await page.locator(".verdict").waitFor();
    // The browser keeps the page by then.
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (await caches.match("/") === undefined) {
        await new Promise((done) => setTimeout(done, 50));
      }
    });
    await slowDown(page);
    const comeAgain = async () => {
      await page.goto("about:blank");
      await page.waitForTimeout(PREFLIGHT_MS + 1000);
      return await secondsUntil(page, address, ".verdict");
    };
    return { page, comeAgain, again: [] as number[], renewed: [] as number[] };
  };
  const ways = {
    "of the project": await known(url),
    "through the page's host": await known(await serve(true)),
  };
  // In turn, so that what else the machine does falls upon both.
  for (let time = 0; time < TIMES; time++) {
    for (const { page, comeAgain, again, renewed } of Object.values(ways)) {
      again.push(await comeAgain());
      await expire(page);
      renewed.push(await comeAgain());
    }
  }
  for (const [name, { again, renewed }] of Object.entries(ways)) {
    console.log(`slow 3G, come again, asking ${name}, until the headline: ${median(again)}`);
    console.log(`  an hour later, when the session has to be renewed first: ${median(renewed)}`);
  }

  const { page } = ways["of the project"];
  let asked = 0;
  page.on("request", () => asked++);
  await page.waitForTimeout(IDLE_SECONDS * 1000);
  console.log(`idle: ${(asked / IDLE_SECONDS).toFixed(2)} requests a second`);
}
