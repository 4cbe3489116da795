import { assert, assertEquals } from "@std/assert";
import { buildConsole } from "../build.ts";
import { consoleTest, signedIn } from "./harness.ts";

/** Compressed, everything that is no data. */
const BUDGET_BYTES = 150_000;

consoleTest("Weight", {
  "the page weighs less than its budget": async () => {
    const { gzippedBytes } = await buildConsole();
    assert(gzippedBytes < BUDGET_BYTES, `${gzippedBytes} bytes`);
  },

  "no view costs more than one request beyond data": async (world) => {
    const { page } = await signedIn(world);
    const asked: string[] = [];
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      const isData = origin === world.stack.apiUrl || pathname === "/config.json";
      if (!isData && !request.url().startsWith("data:")) asked.push(request.url());
    });
    for (const view of ["", "#/likepersoner", "#/logg"]) {
      await page.goto("about:blank");
      asked.length = 0;
      await page.goto(`${world.consoleUrl}/${view}`);
      await page.locator("h1").waitFor();
      await page.waitForLoadState("networkidle").catch(() => {});
      assertEquals(asked.length, 1, `${view}: ${asked}`);
    }
    asked.length = 0;
    await page.getByRole("link", { name: "Oversikt" }).click();
    await page.locator(".verdict").waitFor();
    assertEquals(asked, []);
  },
});
