/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { isOnWebsite, mentor, setStatus } from "../../stack/observe.ts";
import { awaitTexts, open, row, type Scenarios, signedIn } from "./harness.ts";

export const overview: Scenarios = {
  "greets a coordinator with whether the website is in sync": async (world) => {
    const { page, complaints } = await signedIn(world);
    await awaitTexts(
      page.locator(".verdict"),
      "Ja. Nettsiden stemmer for alle 5 likepersonene.",
    );
    await awaitTexts(page.locator(".tile-number"), "5", "0", "0");
    await page.getByText("Nettsiden viser endringen med en gang").waitFor();
    assertEquals(complaints, []);
  },

  "shows a mentor who was paused in the database by itself": async (world) => {
    const { page } = await signedIn(world);
    await open(page, "Likepersoner");
    await row(page, "Åse Eksempel").getByText("Skal vises").waitFor();
    await setStatus(world.stack, "a1", "paused");
    await row(page, "Åse Eksempel").getByText("Skal ikke vises").waitFor();
    await row(page, "Åse Eksempel").getByText("Bekreftet fjernet").waitFor();
    await row(page, "Åse Eksempel").getByText("Stemmer", { exact: true }).waitFor();
    assertEquals(await isOnWebsite(world.stack, "a1"), false);
  },

  "says what waits and why, and agrees with the database on every mentor": async (world) => {
    const { stack } = world;
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a2") },
      times: null,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    const { page } = await signedIn(world, { isImpatient: true });
    await setStatus(stack, "a2", "paused");
    await row(page, "Bjørn Prøvesen").getByText("Vi fikk ikke kontakt med HLFs register").waitFor();
    await row(page, "Bjørn Prøvesen").getByText("Kan fortsatt vises på nettsiden").waitFor();
    await awaitTexts(
      page.locator(".verdict"),
      "Snart. 1 likeperson kan fortsatt vises på nettsiden, men fjerningen sendes automatisk.",
    );
    const standings = await stack.sql<{ standing: string }>(
      `select standing from public.hlf_sync_mentor_status
       where organisation_id = '00000000-0000-4000-8000-00000000000a'`,
    );
    const counted = ["in_sync", "waiting", "stuck"].map((standing) =>
      String(standings.filter((row) => row.standing === standing).length)
    );
    await awaitTexts(page.locator(".tile-number"), ...counted);
  },

  "tells of the night, alerts, notifications and a closed gate": async (world) => {
    const { stack } = world;
    const { page } = await signedIn(world, { isImpatient: true });
    await page.getByText("Den første nattkontrollen går i natt").waitFor();
    await stack.sql("select hlf_sync.raise_alert('nights_stopped')");
    await page.getByText("Nattkontrollen har ikke gått").waitFor();
    await stack.sql("select hlf_sync.close_gate('credentials', null)");
    await page.getByText("Ingenting kan sendes før innloggingen er fornyet").waitFor();
    await stack.sql(
      `insert into public.hlf_nightly_runs (run_date, finished_at, drift_count, listing_count)
       values (current_date, now(), 2, 8)`,
    );
    await page.getByText("Oppføringene hos HLF ble sammenlignet med appen i dag").waitFor();
  },

  "keeps what it knew while the database is away, and says so": async (world) => {
    const { page } = await signedIn(world, { isImpatient: true });
    await page.context().setOffline(true);
    await page.getByText("Får ikke kontakt").waitFor();
    await awaitTexts(page.locator(".tile-number"), "5", "0", "0");
    await page.context().setOffline(false);
    await page.getByText("Får ikke kontakt").waitFor({ state: "detached" });
  },

  "speaks English when asked, and remembers it": async (world) => {
    const { page } = await signedIn(world);
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Is the website right?" }).waitFor();
    assertEquals(await page.locator("html").getAttribute("lang"), "en");
    await page.reload();
    await page.getByText("Yes. The website is right for all 5 mentors.").waitFor();
    await page.waitForFunction(() =>
      document.title === "Is the website right? – Mentors on the website"
    );
  },
};
