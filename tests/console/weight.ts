import { assert, assertEquals } from "@std/assert";
import type { Request } from "playwright-core";
import { mentor } from "../../stack/observe.ts";
import { compressedSize } from "../../console/build.ts";
import { visit } from "./browser.ts";
import { open, type Scenarios, signedIn } from "./harness.ts";

/** Compressed, everything that is no data. */
const BUDGET_BYTES = 70_000;

export const weight: Scenarios = {
  "a view costs one request beyond data, within the budget": async (
    world,
  ) => {
    const { browser, consoleUrl, stack } = world;
    // The session is taken over, so that each view is looked at by a browser that has seen nothing.
    const { context } = await signedIn(world);
    const state = await context.storageState();
    for (const view of ["", "#/likepersoner", `#/likeperson/${mentor("a1")}`, "#/logg"]) {
      const fresh = await browser.newContext({ storageState: state });
      const page = await fresh.newPage();
      const asked: Request[] = [];
      page.on("request", (request) => {
        const isData = request.url().startsWith(`${stack.apiUrl}/`);
        if (!isData && !request.url().startsWith("data:")) asked.push(request);
      });
      await page.goto(`${consoleUrl}/${view}`);
      await page.locator("h1").waitFor();
      await page.waitForLoadState("networkidle");
      assertEquals(asked.map((request) => request.url()), [`${consoleUrl}/`]);
      // The worker travels with the first view, whether or not the browser tells of it.
      let bytes = await compressedSize(await (await fetch(`${consoleUrl}/worker.js`)).text());
      for (const request of asked) {
        bytes += await compressedSize(await (await request.response())?.text() ?? "");
      }
      assert(bytes > 10_000 && bytes < BUDGET_BYTES, `${view}: ${bytes} bytes`);

      await fresh.close();
    }
  },

  "a view costs no request beyond data when it follows another": async (world) => {
    const { page } = await signedIn(world);
    const asked: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(`${world.stack.apiUrl}/`)) asked.push(request.url());
    });
    await open(page, "Likepersoner");
    await page.getByRole("link", { name: "Dag Tenkt" }).click();
    await page.locator("details.attempt").first().waitFor();
    await open(page, "Logg");
    await page.locator("details.attempt").first().waitFor();
    await open(page, "Oversikt");
    await page.locator(".verdict").waitFor();
    assertEquals(asked, []);
  },

  "who comes again waits for one answer, not for one after the other": async (world) => {
    const { page, context } = await signedIn(world);
    const news = Promise.withResolvers<void>();
    await context.route(/\/rest\/v1\/organisation_members/, async (route) => {
      await news.promise;
      await route.continue();
    });
    page.on("request", (request) => {
      if (request.url().endsWith("/rpc/read_hlf_sync_news")) news.resolve();
    });
    await page.reload();
    await page.locator(".verdict").waitFor();
  },

  "nothing but the news is asked for while nothing happens, whichever view is open": async (
    world,
  ) => {
    const { page } = await signedIn(world);
    for (const view of ["#/", "#/likepersoner", `#/likeperson/${mentor("a1")}`, "#/logg"]) {
      await page.goto(`${world.consoleUrl}/${view}`);
      // What the view itself reads once is read by then.
      for (let news = 0; news < 2; news++) await page.waitForResponse(/read_hlf_sync_news/);
      const asked: string[] = [];
      const note = (request: Request) => asked.push(new URL(request.url()).pathname);
      page.on("request", note);
      for (let news = 0; news < 2; news++) await page.waitForResponse(/read_hlf_sync_news/);
      page.off("request", note);
      assertEquals([...new Set(asked)], ["/rest/v1/rpc/read_hlf_sync_news"], view);
    }
  },

  "the sign-in costs one request, and asks nothing of the project": async (
    { browser, consoleUrl },
  ) => {
    const { page } = await visit(browser);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(consoleUrl);
    await page.getByRole("heading", { name: "Logg inn" }).waitFor();
    assertEquals(asked.filter((url) => !url.startsWith("data:")), [`${consoleUrl}/`]);
  },
};
