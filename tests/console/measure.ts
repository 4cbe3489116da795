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

/** The middle one of several, in seconds. */
async function median(measure: () => Promise<number>): Promise<string> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time++) times.push(await measure());
  return (times.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)] ?? NaN).toFixed(2);
}

/**
 * A way to the project on which questions whether the browser may ask (preflights) take as long as any other answer, if wanted:
 * the browser's own emulation leaves them out.
 */
function serveWay(apiUrl: string) {
  const way = { isPreflightSlow: false };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "OPTIONS" && way.isPreflightSlow) {
        await new Promise((resolve) => setTimeout(resolve, SLOW_3G.latency));
      }
      const { method, headers, body, url } = request;
      const { pathname, search } = new URL(url);
      return await fetch(`${apiUrl}${pathname}${search}`, { method, headers, body });
    },
  );
  return Object.assign(way, {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  });
}

async function secondsUntil(page: Page, url: string, selector: string): Promise<number> {
  const start = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator(selector).waitFor({ timeout: 60_000 });
  return (performance.now() - start) / 1000;
}

if (import.meta.main) {
  await using resources = new AsyncDisposableStack();
  resources.defer(() => void (Deno.exitCode = 0));
  const stack = await startConfiguredStack({ ports: "free", cron: false });
  resources.defer(() => stack.stop());
  await untilIdle(stack);
  const way = serveWay(stack.apiUrl);
  resources.defer(way.stop);
  const { url, stop } = await serveConsole({
    port: 0,
    apiUrl: way.url,
    publishableKey: stack.publishableKey,
  });
  resources.defer(stop);
  const browser = await launchBrowser();
  resources.defer(() => browser.close());
  const [coordinator] = stack.coordinators;
  if (coordinator === undefined) throw new Error("The stack has no demo coordinator");

  const files = ["", "worker.js"].map(async (name) => await (await fetch(`${url}/${name}`)).text());
  const sizes = await Promise.all((await Promise.all(files)).map(compressedSize));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`weight: ${(bytes / 1000).toFixed(1)} kB compressed with gzip`);

  const first = await median(async () => {
    const { page, context } = await visit(browser, { viewport: PHONE });
    await slowDown(page);
    const seconds = await secondsUntil(page, url, "form input[type=email]");
    await context.close();
    return seconds;
  });
  console.log(`slow 3G, first visit until the sign-in can be used: ${first} s`);

  const { page: known } = await visit(browser, { viewport: PHONE });
  await known.goto(url);
  await signIn(known, coordinator);
  await known.locator(".verdict").waitFor();
  // The browser keeps the page by then.
  await known.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (await caches.match("/") === undefined) await new Promise((done) => setTimeout(done, 50));
  });
  await slowDown(known);
  const comeAgain = async () => {
    await known.goto("about:blank");
    await known.waitForTimeout(PREFLIGHT_MS + 1000);
    return await secondsUntil(known, url, ".verdict");
  };
  console.log(
    `slow 3G, signed in and come again, until the headline: ${await median(comeAgain)} s`,
  );
  way.isPreflightSlow = true;
  console.log(`the same with slow preflights: ${await median(comeAgain)} s`);

  const renewed = await median(async () => {
    await known.evaluate(() => {
      for (const [key, value] of Object.entries(localStorage)) {
        if (!key.endsWith("-auth-token")) continue;
        localStorage.setItem(key, JSON.stringify({ ...JSON.parse(value), expires_at: 1 }));
      }
    });
    return await comeAgain();
  });
  console.log(`and an hour later, when the session has to be renewed first: ${renewed} s`);

  let asked = 0;
  known.on("request", () => asked++);
  await known.waitForTimeout(IDLE_SECONDS * 1000);
  console.log(`idle: ${(asked / IDLE_SECONDS).toFixed(2)} requests a second`);
}
