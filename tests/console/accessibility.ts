import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { DESKTOP, PHONE, visit } from "./browser.ts";
import { eventually, mentor, setStatus } from "../../stack/observe.ts";
import { makeStuck, type Scenarios, signedIn, signIn, signUp, tryAgain } from "./harness.ts";
import { assertAccessible, assertFits, assertSpaced } from "./page_checks.ts";

const DEVICES = { desktop: DESKTOP, phone: PHONE };
const STRANGER = { email: "fremmed@example.org", password: "demo-password" };
const COLOURS = ["light", "dark"] as const;

export const accessibility: Scenarios = {
  "no view has a violation, on a desktop or a phone, in light or dark": async (world) => {
    const { stack, browser, consoleUrl } = world;
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a4") },
      times: null,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    await setStatus(stack, "a4", "paused");
    await signUp(stack, STRANGER);
    await makeStuck(stack, ["a1", "a2"]);
    for (const [device, viewport] of Object.entries(DEVICES)) {
      const check = async (page: Page, view: string) => {
        await assertFits(page, `${view} (${device})`);
        await assertSpaced(page, `${view} (${device})`);
        for (const colorScheme of COLOURS) {
          await page.emulateMedia({ colorScheme });
          await assertAccessible(page, `${view} (${device}, ${colorScheme})`);
        }
      };
      const stranger = await visit(browser, { viewport });
      await stranger.page.goto(consoleUrl);
      await stranger.page.getByRole("heading", { name: "Logg inn" }).waitFor();
      await stranger.page.getByRole("button", { name: "Logg inn", exact: true }).click();
      await check(stranger.page, "sign in");
      await signIn(stranger.page, { ...STRANGER, password: "wrong" });
      await stranger.page.getByText("stemmer ikke").waitFor();
      await check(stranger.page, "sign in, refused");
      await signIn(stranger.page, STRANGER);
      await stranger.page.getByRole("heading", { name: "Du er ikke koordinator" }).waitFor();
      await check(stranger.page, "no coordinator");

      const { page } = await signedIn(world, { viewport });
      await page.getByText("Vi fikk ikke kontakt").waitFor();
      await check(page, "overview");
      await page.getByRole("button", { name: "Send begge nå" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Send begge nå" }).waitFor();
      await check(page, "requeue");
      await page.getByRole("dialog").getByRole("button", { name: "Send begge nå" }).click();
      await page.getByText("2 prøves igjen automatisk.").waitFor();
      await eventually("both are given up again", async () => {
        await tryAgain(stack, ["a1", "a2"]);
        return await page.getByText("2 stoppet igjen.").isVisible();
      });
      await check(page, "requeue, done");
      await page.keyboard.press("Escape");
      // The step that the dialog made in the browser's history is taken back a moment later.
      await page.waitForFunction(() => !history.state?.isDialog);
      await page.goto(`${consoleUrl}/#/likepersoner`);
      await page.getByText("5 likepersoner i listen").waitFor();
      await page.getByLabel("Velg Åse Eksempel").check();
      await page.getByRole("button", { name: "Send nå: Dag Tenkt" }).click();
      await page.locator(".message.wait").waitFor();
      await check(page, "mentors");
      await page.goto(`${consoleUrl}/#/likeperson/${mentor("a1")}`);
      await page.locator("details.attempt").first().click();
      await check(page, "mentor");
      await page.goto(`${consoleUrl}/#/logg`);
      await page.locator("details.attempt").first().locator("summary").click();
      await check(page, "log");
      await page.getByRole("link", { name: "For revisjon" }).click();
      await page.getByText("Vis diagrammet som tabell").click();
      await page.getByRole("button", { name: "Kontroller at loggen ikke er endret" }).click();
      await page.locator(".message").waitFor();
      await check(page, "audit");
      await page.goto(`${consoleUrl}/#/nowhere`);
      await page.getByRole("heading", { name: "Denne siden finnes ikke" }).waitFor();
      await check(page, "not found");
      await stack.sql("select hlf_sync.close_gate('credentials', null)");
      await page.goto(`${consoleUrl}/#/`);
      await page.getByText("Ingenting kan sendes før innloggingen er fornyet").waitFor();
      await check(page, "overview, held back");
      await stack.sql("select hlf_sync.open_gate('credentials')");
      await page.context().close();
      await stranger.context.close();
    }
  },

  "everything works by keyboard alone": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const { page } = await visit(world.browser, { isImpatient: true });
    // As in Safari, where a row that moves loses the focus.
    await page.addInitScript(() => Reflect.deleteProperty(Element.prototype, "moveBefore"));
    await page.goto(world.consoleUrl);
    await press(page, "E-post");
    await page.keyboard.type("nordfjell@example.org");
    await page.keyboard.press("Tab");
    await page.keyboard.type("demo-password");
    await page.keyboard.press("Enter");
    await page.getByText("Nei. 1 likeperson").waitFor();
    await world.stack.simulator.clearFaults();

    await press(page, "Send nå: Åse Eksempel");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Skulle fjernes").waitFor();
    await press(page, "Send nå");
    await page.keyboard.press("Space");
    await page.getByText("1 bekreftet av HLF.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement !== document.body);

    await press(page, "Likepersoner");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Likepersoner", level: 1 }).waitFor();
    await awaitFocus(page, "Likepersoner");
    // So slow that the row moves to its place among those that are right only after a while.
    await world.stack.simulator.setLatency({ seconds: 2 });
    await world.stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a4") },
      times: 1,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    await setStatus(world.stack, "a4", "paused");
    await page.locator("li.mentor:first-child").filter({ hasText: "Dag Tenkt" })
      .getByText("Neste forsøk").waitFor();
    await press(page, "Send nå: Dag Tenkt");
    await page.keyboard.press("Enter");
    await page.getByText("HLFs register har bekreftet at Dag Tenkt er fjernet").waitFor();
    await page.locator("li.mentor:first-child").filter({ hasText: "Bjørn Prøvesen" }).waitFor();
    await awaitFocus(page, "Send nå: Dag Tenkt");
    await page.keyboard.press("Tab");
    await awaitFocus(page, "Lukk meldingen");
    await page.keyboard.press("Enter");
    await awaitFocus(page, "Dag Tenkt");

    await page.goto(`${world.consoleUrl}/#/logg`);
    await page.locator("details.attempt").first().waitFor();
    await press(page, "Likeperson");
    await page.keyboard.type("dag");
    await page.keyboard.press("Tab");
    await page.waitForURL((url) => url.hash.includes(mentor("a4")));
    await awaitFocus(page, "Resultat");
    await press(page, "For revisjon");
    await page.keyboard.press("Enter");
    await press(page, "Kontroller at loggen ikke er endret");
    await page.keyboard.press("Enter");
    await page.getByText("Ingen forseglede dager").waitFor();
    await press(page, "Tilbake til loggen");
    await page.keyboard.press("Enter");
    await page.locator("details.attempt").first().waitFor();
    await press(page, "Last ned som CSV");
    const downloading = page.waitForEvent("download");
    await page.keyboard.press("Enter");
    await downloading;
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Hva det betyr:").first().waitFor();
    await press(page, "Logg ut", "Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Logg inn" }).waitFor();
  },

  "the skip link leads past the menu": async (world) => {
    const { page } = await signedIn(world);
    await page.reload();
    await page.locator(".verdict").waitFor();
    await page.keyboard.press("Tab");
    await awaitFocus(page, "Hopp til innholdet");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.id === "main");
  },

  "what is touched on a phone is large enough": async (world) => {
    await makeStuck(world.stack, ["a1", "a2"]);
    const { page } = await signedIn(world, { viewport: PHONE });
    await page.getByRole("button", { name: "Send begge nå" }).waitFor();
    for (
      const [view, ready] of [
        ["", ".verdict"],
        ["#/likepersoner", "li.mentor"],
        ["#/logg", "details.attempt"],
      ] as const
    ) {
      await page.goto(`${world.consoleUrl}/${view}`);
      await page.locator(ready).first().waitFor();
      if (view === "#/logg") await page.getByRole("button", { name: "Resultat og datoer" }).click();
      const small = await page.evaluate(() =>
        [...document.querySelectorAll(
          "button, nav a, .tile, select, input:not([type=checkbox]), label.check",
        )]
          .filter((element) => element.checkVisibility())
          .filter((element) => element.getBoundingClientRect().height < 44)
          .map((element) => element.outerHTML)
      );
      assertEquals(small, [], view);
    }
  },
};

/** Goes on with Tab, or back, until something of this name has the focus. */
async function press(page: Page, name: string, key = "Tab"): Promise<void> {
  // Round and round, as what is looked for may be drawn later.
  await eventually(`"${name}" is reached with the keyboard`, async () => {
    for (let tabs = 0; tabs < 60; tabs++) {
      if (await focused(page) === name) return true;
      await page.keyboard.press(key);
    }
    return false;
  });
}

async function awaitFocus(page: Page, name: string): Promise<void> {
  let found = "";
  await eventually(() => `"${name}" has the focus, not "${found}"`, async () => {
    found = await focused(page);
    return found === name;
  });
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    const label = element instanceof HTMLInputElement || element instanceof HTMLSelectElement
      ? element.labels?.[0]?.firstChild?.textContent
      : null;
    return element?.getAttribute("aria-label") ?? label ?? element?.textContent?.trim() ?? "";
  });
}
