/**
 * A coordinator's way through the page in Firefox, which lays out lines and columns in another way than Chromium.
 *
 * Its name is the last in this folder, because files start in that order, two at a time, and it is the shortest.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Browser } from "puppeteer-core";
import {
  isOnWebsite,
  mentor,
  ORGANISATION_A,
  ORGANISATION_B,
  setStatus,
} from "../../stack/observe.ts";
import { assertThousandsInOrder, withThousands } from "./big_and_ugly.ts";
import { PHONE, ZOOMED } from "./browser.ts";
import { changingHost, untilKept } from "./changing_host.ts";
import { FIREFOX, FirefoxPage } from "./firefox.ts";
import {
  awaitSaid,
  awaitTexts,
  consoleTest,
  type PageContext,
  type Scenarios,
  tryAgain,
} from "./harness.ts";
import { assertInOrder } from "./page_checks.ts";

const IN_SYNC = "Ja. Nettsiden stemmer for alle 5 likepersonene.";
const PROMISED =
  "Snart. 1 likeperson kan fortsatt vises på nettsiden, men fjerningen sendes automatisk.";

const firefox: Scenarios<Browser> = {
  "a coordinator's way on a phone": (world) => goTheWay(world, PHONE),

  "the same way at 400 %": (world) => goTheWay(world, ZOOMED),

  "3,000 mentors, ugly names and 40,000 rows fit, on a phone and at 400 %": (world) =>
    withThousands(world.stack, async () => {
      const page = await FirefoxPage.open(world.browser, PHONE);
      await page.goto(world.consoleUrl);
      await signIn(page, world, ORGANISATION_B);
      await awaitSaid(page.locator(".verdict"), "");
      await assertThousandsInOrder(page, world);
      assertEquals(page.complaints, []);
    }),
};

consoleTest("The page in Firefox", FIREFOX, { "Firefox": firefox });

/** From signing in to coming again, and back to where all is in sync. */
async function goTheWay(world: PageContext<Browser>, viewport: typeof PHONE): Promise<void> {
  const { stack, browser } = world;
  await using host = changingHost(world);
  const page = await FirefoxPage.open(browser, viewport);
  const heading = page.locator("h1");
  const verdict = page.locator(".verdict");
  await page.goto(host.url);
  await awaitTexts(heading, "Logg inn");
  await assertInOrder(page, "sign in");
  await signIn(page, world, ORGANISATION_A);
  await awaitTexts(verdict, IN_SYNC);
  await assertInOrder(page, "overview");

  await stack.simulator.addFault({
    match: { method: "PATCH", mentorId: mentor("a1") },
    times: null,
    answer: { status: 503, code: "0x0", message: "Busy." },
  });
  await setStatus(stack, "a1", "paused");
  await awaitSaid(
    page.locator("li.mentor"),
    "Åse Eksempel",
    "Vi fikk ikke kontakt med HLFs register",
  );
  await awaitTexts(verdict, PROMISED);
  await assertInOrder(page, "overview, a removal on its way");
  await stack.simulator.clearFaults();
  await tryAgain(stack, ["a1"]);
  await awaitTexts(verdict, IN_SYNC);
  assertEquals(await isOnWebsite(stack, "a1"), false);

  await page.press("link", "Likepersoner");
  await awaitTexts(heading, "Likepersoner");
  await awaitSaid(page.locator("li.mentor"), "Åse Eksempel", "Bekreftet fjernet");
  await assertInOrder(page, "mentors");

  await page.press("link", "Dag Tenkt");
  await awaitTexts(heading, "Dag Tenkt");
  await page.press("button", "Send nå: Dag Tenkt");
  await awaitSaid(
    page.locator("main .card"),
    "HLFs register har bekreftet at Dag Tenkt skal vises",
  );
  await assertInOrder(page, "mentor");

  await page.press("link", "Logg");
  await awaitTexts(heading, "Logg");
  await awaitSaid(page.locator("details.attempt"), "Åse Eksempel", "Skulle fjernes");
  await page.click("details.attempt summary");
  await assertInOrder(page, "log");

  await untilKept(page, "<html");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  host.change = () => new Response("maintenance", { status: 503 });
  await page.goto("about:blank");
  await page.goto(host.url);
  await awaitTexts(verdict, IN_SYNC);
  assertEquals(page.complaints, []);
}

async function signIn(
  page: FirefoxPage,
  { stack }: PageContext<Browser>,
  organisationId: string,
): Promise<void> {
  const coordinator = stack.coordinators.find((one) => one.organisationId === organisationId);
  await page.fill("input[type=email]", coordinator?.email ?? "");
  await page.fill("input[type=password]", coordinator?.password ?? "");
  await page.press("button", "Logg inn");
}
