import { assert, assertEquals } from "@std/assert";
import { eventually, mentor, ORGANISATION_A, setStatus, untilIdle } from "../../stack/observe.ts";
import { visit } from "./browser.ts";
import {
  makeStuck,
  openMentor,
  row,
  type Scenarios,
  signedIn,
  signIn,
  withSettings,
} from "./harness.ts";

/** What the page must not say unless it is so. */
export const truth: Scenarios = {
  "promises nothing while nothing can be sent, and names whom to call": async (world) => {
    const { stack } = world;
    await stack.sql(
      "update public.hlf_sync_switches set is_enabled = false where organisation_id = $1::text::uuid",
      [ORGANISATION_A],
    );
    await setStatus(stack, "a1", "paused");
    const { page } = await signedIn(world, {
      isImpatient: true,
      settings: {
        urgent: { phone: "+47 22 00 00 00", text: null },
        support: { name: "Drift AS", email: "drift@example.org", phone: null },
      },
    });
    await row(page, "Åse Eksempel").getByText("Kan fortsatt vises på nettsiden").waitFor();
    const said = await page.locator("main").innerText();
    assert(said.includes("Nei. 1 likeperson kan fortsatt vises på nettsiden"), said);
    assertEquals(said.match(/sendes automatisk|Sendes straks|av seg selv/i), null);
    await page.waitForFunction(() =>
      document.title === "(1) Stemmer nettsiden? – Likepersoner på nettsiden"
    );
    await row(page, "Åse Eksempel").getByRole("link", { name: "Ring HLF: +47 22 00 00 00" })
      .waitFor();
    await page.locator("main").getByRole("link", { name: "drift@example.org" }).first().waitFor();
  },

  "does not say that something is sent by itself when what sends cannot be called": async (
    world,
  ) => {
    const { stack } = world;
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a1") },
      times: null,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    await setStatus(stack, "a1", "paused");
    const { page } = await signedIn(world, { isImpatient: true });
    const verdict = page.locator(".verdict");
    await verdict.getByText("Snart. 1 likeperson kan fortsatt vises på nettsiden").waitFor();
    await stack.sql("select hlf_sync.raise_alert('cannot_call')");
    await verdict.getByText(
      "Nei. 1 likeperson kan fortsatt vises på nettsiden, og ingenting sendes nå.",
    ).waitFor();
    const said = await page.locator("main").innerText();
    assertEquals(said.match(/sendes automatisk|Sendes straks|Neste forsøk/i), null, said);
    await page.getByText("Endringer sendes ikke som de skal.").waitFor();
  },

  "says until when a confirmed removal may be seen, and names the newest confirmation": async (
    world,
  ) => {
    await setStatus(world.stack, "a1", "paused");
    const { page } = await signedIn(world, {
      isImpatient: true,
      settings: { websiteLagMinutes: 75 },
    });
    await page.locator(".verdict").getByText("er fjernet, men kan være synlig").waitFor();
    assertEquals(await page.getByText("Ja. Nettsiden stemmer").count(), 0);
    const newest = page.getByRole("region", { name: "Siste bekreftelser" }).getByRole("listitem");
    await newest.first().getByText("Åse Eksempel").waitFor();
    await newest.first().getByText(/kan være synlig på nettsiden til/).waitFor();
  },

  "calls nobody deleted whose name is not read, and has the file wait for it": async (world) => {
    const { page, context } = await signedIn(world);
    const names = Promise.withResolvers<void>();
    await context.route(/read_hlf_sync_news/, async (route) => {
      await names.promise;
      await route.continue();
    });
    await page.goto(`${world.consoleUrl}/#/logg`);
    await page.reload();
    await page.locator("details.attempt").first().getByText("Henter navn").waitFor();
    assertEquals(await page.getByText("Slettet likeperson").count(), 0);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Last ned som CSV" }).click();
    await page.getByText("Henter navn …", { exact: true }).waitFor();
    names.resolve();
    const text = await Deno.readTextFile(await (await downloading).path());
    assert(text.includes("Åse Eksempel") && !text.includes("Henter navn"), text);
  },

  "goes on without what it may not read": async (world) => {
    const { stack } = world;
    await stack.sql("revoke select on public.hlf_coordinator_notifications from authenticated");
    try {
      const { page } = await signedIn(world);
      await page.getByText("Ja. Nettsiden stemmer for alle 5 likepersonene.").waitFor();
      await page.getByRole("region", { name: "Hendelser de siste 14 dagene" })
        .getByText("Kan ikke vises akkurat nå.").waitFor();
      assertEquals(await page.getByText("Får ikke kontakt").count(), 0);
    } finally {
      await stack.sql("grant select on public.hlf_coordinator_notifications to authenticated");
    }
  },

  "drops what came of a press once the row says something newer": async (world) => {
    const { page } = await signedIn(world, { isImpatient: true });
    const dag = await openMentor(page, world, "a4");
    await page.getByRole("button", { name: "Send nå: Dag Tenkt" }).click();
    await dag.getByText("har bekreftet at Dag Tenkt skal vises").waitFor();
    await setStatus(world.stack, "a4", "paused");
    await dag.getByText("har bekreftet at Dag Tenkt skal vises").waitFor({ state: "detached" });
  },

  "groups what stopped for the same reason, with the one thing that helps": async (world) => {
    await makeStuck(world.stack, ["a1", "a2"]);
    await world.stack.sql(
      `update public.hlf_sync_state set last_error = 'listing_not_found code=0x80040217'
       where dead_lettered_at is not null`,
    );
    const { page, context } = await signedIn(world, { isImpatient: true });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const cause = page.locator(".cause");
    await cause.getByText("Mangler oppføring hos HLF: 2 likepersoner").waitFor();
    await cause.getByRole("button", { name: "Kopier liste til HLF" }).click();
    await cause.getByText("2 likepersoner er kopiert").waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert(copied.includes("Åse Eksempel") && copied.includes(mentor("a2")), copied);
  },

  "answers whether somebody is on the website now, and how it came to that": async (world) => {
    const { stack } = world;
    const { page, context } = await visit(world.browser, { isImpatient: true });
    const address = await withSettings(world, context, {
      websiteLagMinutes: 75,
      websiteUrl: "https://hlf.example.org/likepersoner",
      listingUrl: "https://hlf.example.org/likeperson/{id}",
    });
    await page.goto(address);
    await signIn(page, { email: "nordfjell@example.org", password: "demo-password" });
    await page.locator(".verdict").waitFor();
    await setStatus(stack, "a1", "paused");
    await untilIdle(stack);
    await page.goto(`${address}/#/likeperson/${mentor("a1")}`);
    const listing = page.getByRole("link", { name: "Se oppføringen slik alle ser den" });
    assertEquals(
      await listing.getAttribute("href"),
      `https://hlf.example.org/likeperson/${mentor("a1")}`,
    );
    const [{ day } = { day: "" }] = await stack.sql<{ day: string }>(
      `select to_char(certification_expiry_date, 'FMDD') as day from public.mentors
       where id = '${mentor("a1")}'`,
    );
    await page.getByText("Sertifisert til og med").locator("..")
      .getByText(new RegExp(`^${day}\\. `)).waitFor();
    const steps = page.locator(".timeline").first().getByRole("listitem");
    await steps.getByText("Skjult for alle senest").waitFor();
    // The log is read apart from the state, and may come after it.
    await eventually("the timeline has its four steps", async () => {
      const texts = await steps.allInnerTexts();
      return texts.map((step) => step.replace(/\s.*/s, "")).join(" ") ===
        "Grunn Sendt Bekreftet Skjult";
    });
    await page.getByRole("link", { name: "Åpne nettsiden slik alle ser den" }).waitFor();

    // Eli is paused in the seed.
    for (
      const [kind, people] of [
        ["shown", ["Bjørn Prøvesen", "Cecilie Oppdiktet", "Dag Tenkt"]],
        ["hidden", ["Eli Fiktiv", "Åse Eksempel"]],
        ["paused", ["Eli Fiktiv", "Åse Eksempel"]],
        ["expired_cert", []],
      ] as const
    ) {
      await page.goto(`${address}/#/likepersoner`);
      await page.getByRole("combobox", { name: "Hvem" }).selectOption(kind);
      await page.waitForURL(new RegExp(`er=${kind}`));
      // The address changes before the list does.
      await eventually(`${kind}: ${people.join(", ")}`, async () => {
        const listed = await page.locator("li.mentor .mentor-title a").allInnerTexts();
        return listed.toSorted((a, b) => a.localeCompare(b, "nb")).join() === people.join();
      });
    }
  },
};
