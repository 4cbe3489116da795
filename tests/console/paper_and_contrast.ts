/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { mentor, setStatus } from "../../stack/observe.ts";
import { makeStuck, open, type Scenarios, signedIn } from "./harness.ts";
import { assertFits } from "./page_checks.ts";

/** As wide as paper is. */
const A4 = { width: 794, height: 1123 };

/** What a coordinator prints, or sees who has chosen the colours of the whole device. */
export const paperAndContrast: Scenarios = {
  "what is printed says how things are, without what can only be pressed": async (world) => {
    await makeStuck(world.stack, ["a1", "a2"]);
    const { page } = await signedIn(world, { viewport: A4, isImpatient: true });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (
      const [view, shown] of [
        ["#/", "Nei. 2 likepersoner kan fortsatt vises på nettsiden"],
        ["#/likepersoner", "Åse Eksempel"],
        [`#/likeperson/${mentor("a1")}`, "Skulle fjernes"],
        ["#/logg", "Gitt opp"],
        ["#/revisjon", "Resultater per dag"],
      ] as const
    ) {
      await page.goto(`${world.consoleUrl}/${view}`);
      await page.getByText(shown).filter({ visible: true }).first().waitFor();
      const pressable = page.locator("nav, button, select, input").filter({ visible: true });
      assertEquals(await pressable.count(), 0, `${view}: ${await pressable.allInnerTexts()}`);
      await assertFits(page, `${view} on paper`);
      // Ink on paper, whatever the screen looks like.
      const [ink, paper] = await page.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.color, style.backgroundColor];
      });
      assert(
        brightness(ink ?? "") < 90 && paper === "rgba(0, 0, 0, 0)",
        `${view}: ${ink} ${paper}`,
      );
    }
  },

  "with forced colours nothing is told by colour alone": async (world) => {
    const { stack } = world;
    await makeStuck(stack, ["a1", "a2"]);
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a4") },
      times: null,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    await setStatus(stack, "a4", "paused");
    const { page } = await signedIn(world, { isImpatient: true });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ forcedColors: "active", colorScheme });
      await open(page, "Likepersoner");
      await page.getByText("5 likepersoner i listen").waitFor();
      const menu = page.getByRole("navigation", { name: "Hovedmeny" }).getByRole("link");
      assertEquals(await outlined(menu), ["Likepersoner"], "the current view");
      const choices = page.locator(".choice a");
      assertEquals((await outlined(choices)).length, 1, "the chosen filter");
      for (const badge of await page.locator(".badge").all()) {
        assert(await badge.locator("svg").isVisible(), "a shape beside the word");
        assert(await borderOf(badge) > 0, "a badge can be told from text");
      }
      await page.goto(`${world.consoleUrl}/#/revisjon`);
      await page.locator(".drawing rect").first().waitFor();
      const swatches = await page.locator(".legend li").evaluateAll((items) =>
        items.map((item) => getComputedStyle(item, "::before").backgroundColor)
      );
      const bars = await page.locator(".drawing rect").evaluateAll((rects) =>
        rects.map((rect) => getComputedStyle(rect).fill)
      );
      assertEquals(new Set(swatches).size, 3, "three swatches");
      assert(bars.every((fill) => swatches.includes(fill)), `${bars} ${swatches}`);
    }
  },
};

type Elements = ReturnType<Page["locator"]>;

/** The words of those that have an outline. */
function outlined(elements: Elements): Promise<string[]> {
  return elements.evaluateAll((all) =>
    all.filter((element) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    }).map((element) => element.textContent?.trim() ?? "")
  );
}

function borderOf(element: Elements): Promise<number> {
  return element.evaluate((one) => parseFloat(getComputedStyle(one).borderTopWidth));
}

/** From 0 to 255. */
function brightness(colour: string): number {
  const parts = colour.match(/\d+/g)?.slice(0, 3).map(Number) ?? [255];
  return parts.reduce((sum, part) => sum + part, 0) / parts.length;
}
