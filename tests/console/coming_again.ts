import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually, mentor } from "../../stack/observe.ts";
import { visit } from "./browser.ts";
import { type ChangingHost, changingHost, kept, untilKept } from "./changing_host.ts";
import { open, type PageContext, type Scenarios, signIn } from "./harness.ts";

/** A host whose page bears this number, so that it can be told from others. */
function numbered(number: number): ChangingHost["change"] {
  return async (path, response) => {
    if (path !== "/") return response;
    const text = await response.text();
    const page = text.replace("<head>", `<head><meta name="number" content="${number}">`);
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
  };
}

function numberOf(page: Page): Promise<string | null> {
  return page.locator("meta[name=number]").getAttribute("content");
}

/** Opens the page of a host and signs in. */
async function signedInAt({ browser, stack }: PageContext, { url }: ChangingHost) {
  const visited = await visit(browser);
  await visited.page.goto(url);
  const [coordinator] = stack.coordinators;
  if (coordinator === undefined) throw new Error("No demo coordinator");
  await signIn(visited.page, coordinator);
  await visited.page.locator(".verdict").waitFor();
  return visited;
}

/** The same, until the browser keeps the page and its worker answers for it. */
async function known(world: PageContext, host: ChangingHost) {
  const visited = await signedInAt(world, host);
  const { page } = visited;
  await untilKept(page, "<html");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  return visited;
}

async function comeAgain(page: Page, url: string): Promise<void> {
  await page.goto("about:blank");
  await page.goto(url);
}

export const comingAgain: Scenarios = {
  "who comes again sees how things are while the host has not answered yet": async (world) => {
    await using host = changingHost(world);
    const { page, complaints } = await known(world, host);
    const released = Promise.withResolvers<void>();
    host.change = async (_path, response) => {
      await released.promise;
      return response;
    };
    const data: string[] = [];
    page.on("request", (request) => {
      if (request.url().startsWith(world.stack.apiUrl)) data.push(new URL(request.url()).pathname);
    });
    await comeAgain(page, `${host.url}/#/`);
    await page.locator(".verdict").waitFor();
    released.resolve();
    // Neither waited for the other, and nothing had to be asked before them.
    assertEquals(data.slice(0, 2).toSorted(), [
      "/rest/v1/rpc/get_hlf_organisations",
      "/rest/v1/rpc/read_hlf_sync_news",
    ]);
    // What was asked before the page's script was read is not asked again.
    assertEquals(data.filter((path) => path.endsWith("organisations")).length, 1);
    assertEquals(complaints, []);
  },

  "what is shown first is asked for before the page's script is read": async (world) => {
    await using host = changingHost(world);
    const { page } = await known(world, host);
    host.change = async (path, response) => {
      if (path !== "/") return response;
      const text = await response.text();
      const bare = text.replace(/<script type="module">[\s\S]*<\/script>/, "");
      return new Response(bare, { headers: { "content-type": "text/html; charset=utf-8" } });
    };
    const data: string[] = [];
    page.on("request", (request) => {
      if (request.url().startsWith(world.stack.apiUrl)) data.push(new URL(request.url()).pathname);
    });
    await page.reload();
    assertEquals(data.toSorted(), [
      "/rest/v1/rpc/get_hlf_organisations",
      "/rest/v1/rpc/read_hlf_sync_news",
    ]);
  },

  "a new version takes the place of the one that was kept": async (world) => {
    await using host = changingHost(world);
    host.change = numbered(1);
    const { page } = await known(world, host);
    const isShown = Promise.withResolvers<void>();
    host.change = async (path, response) => {
      await isShown.promise;
      return await numbered(2)(path, response);
    };
    await page.goto("about:blank");
    await page.goto(host.url);
    const newer = page.waitForEvent("domcontentloaded");
    isShown.resolve();
    // Looking into the page before would count as somebody's touch, as Playwright evaluates "by a gesture", and a page in use stays.
    await newer;
    assertEquals(await numberOf(page), "2");
    await page.locator(".verdict").waitFor();
    host.change = numbered(3);
    await page.reload();
    assertEquals(await numberOf(page), "3");
  },

  "whoever uses the page already is not interrupted by a new version, and has it at the next visit":
    async (world) => {
      await using host = changingHost(world);
      host.change = numbered(1);
      const { page } = await known(world, host);
      const released = Promise.withResolvers<void>();
      host.change = async (path, response) => {
        await released.promise;
        return await numbered(2)(path, response);
      };
      await comeAgain(page, host.url);
      await open(page, "Likepersoner");
      await page.evaluate(() =>
        navigator.serviceWorker.addEventListener(
          "message",
          ({ data }) => document.documentElement.dataset.told = data,
        )
      );
      released.resolve();
      await page.locator("html[data-told=newer]").waitFor();
      await open(page, "Logg");
      await page.locator("details.attempt").first().waitFor();
      assertEquals(await numberOf(page), "1");
      await comeAgain(page, host.url);
      assertEquals(await numberOf(page), "2");
    },

  "a host in trouble takes the page from nobody, and a page that has gone is not shown for ever":
    async (world) => {
      await using host = changingHost(world);
      host.change = numbered(1);
      const { page } = await known(world, host);
      host.change = () => new Response("maintenance", { status: 503 });
      await comeAgain(page, host.url);
      await page.locator(".verdict").waitFor();
      host.change = () => new Response("Moved.", { status: 410 });
      await comeAgain(page, host.url);
      await page.locator(".verdict").waitFor();
      await eventually("it is forgotten", async () => await kept(page) === null);
      await comeAgain(page, host.url);
      assertStringIncludes(await page.innerText("body"), "Moved.");
    },

  "a worker that is broken is replaced without anybody's doing": async (world) => {
    await using host = changingHost(world);
    const { page } = await known(world, host);
    const broken = `addEventListener("install", () => skipWaiting());
      addEventListener("fetch", (event) => event.respondWith(Promise.reject(new Error("broken"))));`;
    host.change = (path, response) =>
      path === "/worker.js"
        ? new Response(broken, { headers: { "content-type": "text/javascript" } })
        : response;
    await page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
    });
    const isThere = () => comeAgain(page, host.url).then(() => true, () => false);
    await eventually("the broken one is at work", async () => !await isThere());
    host.change = (_path, response) => response;
    const workers = () => host.asked.filter((path) => path === "/worker.js").length;
    const before = workers();
    await isThere();
    // The browser does so after a visit, and not while there is one after the other.
    await eventually("the worker is asked for anew", () => workers() > before);
    await eventually("the page is back", isThere);
    await page.locator(".verdict").waitFor();
  },

  "without a worker the page is the same": async (world) => {
    await using host = changingHost(world);
    host.change = (path, response) =>
      path === "/worker.js" ? new Response("Not found", { status: 404 }) : response;
    const { page, complaints } = await signedInAt(world, host);
    assertEquals(complaints.filter((complaint) => !complaint.includes("(404)")), []);
    assertEquals(await kept(page), null);
  },

  "nothing is kept but the page, and no address that somebody came by": async (world) => {
    await using host = changingHost(world);
    const { page } = await known(world, host);
    for (
      const view of ["?code=not-a-code", "index.html", `#/likeperson/${mentor("a1")}`, "#/logg"]
    ) {
      await comeAgain(page, `${host.url}/${view}`);
      await page.locator("h1").waitFor();
    }
    await page.waitForLoadState("networkidle");
    const keys = await page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
      return (await Promise.all(all.map((cache) => cache.keys()))).flat().map(({ url }) => url);
    });
    assertEquals(keys, [`${host.url}/`]);
    const answer = await fetch(world.consoleUrl);
    assertEquals(await kept(page), await answer.text());
  },
};
