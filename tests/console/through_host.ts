import { assert, assertEquals } from "@std/assert";
import { serveConsole } from "../../console/serve.ts";
import { visit } from "./browser.ts";
import { makeStuck, type PageContext, type Scenarios, signIn } from "./harness.ts";

/** A way to the project that notes what comes along: the browser does not tell of its questions whether it may ask. */
function notingWay({ stack }: PageContext) {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ method, headers, body, url }) => {
      const { pathname, search } = new URL(url);
      asked.push(`${method} ${pathname}`);
      return await fetch(`${stack.apiUrl}${pathname}${search}`, { method, headers, body });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

export const throughHost: Scenarios = {
  "reads and sends again, and no browser asks first whether it may ask the database": async (
    world,
  ) => {
    const { stack, browser } = world;
    await makeStuck(stack, ["a1"]);
    await using way = notingWay(world);
    const { url, stop } = await serveConsole({
      port: 0,
      apiUrl: way.url,
      publishableKey: stack.publishableKey,
      settings: { websiteLagMinutes: 0, asksThroughHost: true },
    });
    await using _host = { [Symbol.asyncDispose]: stop };
    const { page, context, complaints } = await visit(browser, { isImpatient: true });
    const origins = new Map<string, string>();
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      const [, part = ""] = pathname.match(/^\/(\w+)\/v1\//) ?? [];
      if (part !== "") origins.set(part, origin);
    });
    const [coordinator] = stack.coordinators;
    if (coordinator === undefined) throw new Error("No demo coordinator");
    await page.goto(url);
    await signIn(page, coordinator);
    await page.locator(".verdict").waitFor();
    await stack.simulator.clearFaults();
    await page.getByRole("button", { name: "Send nå: Åse Eksempel" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send nå" }).click();
    await dialog.getByText("1 bekreftet av HLF.").waitFor();
    await dialog.getByRole("button", { name: "Lukk" }).click();
    // Coming again, the answers to what was asked ahead are taken.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await page.goto("about:blank");
    const before = way.asked.length;
    await page.goto(url);
    await page.getByText("Ja. Nettsiden stemmer").waitFor();
    const news = way.asked.slice(before).filter((what) => what.endsWith("get_hlf_organisations"));
    assertEquals(news, ["POST /rest/v1/rpc/get_hlf_organisations"]);

    assertEquals(Object.fromEntries(origins), { rest: url, auth: way.url });
    const questions = way.asked.filter((what) => what.startsWith("OPTIONS "));
    assertEquals(questions.filter((what) => what.includes("/rest/")), []);
    // Of what is still asked of the project the browser does ask first, or nothing would be seen here at all.
    assert(questions.some((what) => what.includes("/auth/")), questions.join());
    assert(way.asked.includes("POST /rest/v1/rpc/requeue_hlf_dead_letters"));
    assertEquals(complaints, []);
    await context.close();
  },
};
