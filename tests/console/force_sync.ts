import { assertEquals } from "@std/assert";
import { isOnWebsite, mentor, setStatus } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { openMentor, posts, row, type Scenarios, signedIn } from "./harness.ts";

export const forceSync: Scenarios = {
  "confirms, once, however often the button is pressed": async (world) => {
    const { stack } = world;
    const { page, context } = await signedIn(world);
    const asked = posts(page, "/functions/v1/hlf-sync");
    const dag = await openMentor(page, world, "a4");
    const pressesBefore = await presses(stack);
    await stack.simulator.clearRequests();
    // On its way until it was seen to be.
    const seen = Promise.withResolvers<void>();
    await context.route(/\/functions\/v1\//, async (route) => {
      await seen.promise;
      await route.continue();
    });
    await dag.getByRole("button", { name: "Send nå: Dag Tenkt" })
      .dblclick();
    await dag.getByText("Sender Dag Tenkt til HLF").waitFor();
    seen.resolve();
    await dag.getByText("HLFs register har bekreftet at Dag Tenkt skal vises").waitFor();
    assertEquals((await patches(stack)).length, 1);
    assertEquals(asked.length, 1);
    assertEquals(await presses(stack), pressesBefore + 1);
    await page.getByRole("button", { name: "Lukk meldingen" }).click();
    await dag.locator(".message").waitFor({ state: "detached" });
  },

  "confirms, once, when two people press at the same time": async (world) => {
    const { stack } = world;
    const visits = [await signedIn(world), await signedIn(world)];
    const pages = visits.map(({ page }) => page);
    const pressesBefore = await presses(stack);
    await stack.simulator.clearRequests();
    // Neither press arrives before both were made, nor does Dynamics answer the first before the second is there.
    await stack.simulator.setLatency({ seconds: 4 });
    const both = Promise.withResolvers<void>();
    let pressed = 0;
    for (const { context } of visits) {
      await context.route(/\/functions\/v1\//, async (route) => {
        if (route.request().method() === "POST" && ++pressed === visits.length) both.resolve();
        if (route.request().method() === "POST") await both.promise;
        await route.continue();
      });
    }
    for (const page of pages) await openMentor(page, world, "a4");
    await Promise.all(
      pages.map((page) => page.getByRole("button", { name: "Send nå: Dag Tenkt" }).click()),
    );
    for (const page of pages) await page.getByText("bekreftet at Dag Tenkt skal vises").waitFor();
    assertEquals((await patches(stack)).length, 1);
    assertEquals(await presses(stack), pressesBefore + 1);
  },

  "says what went wrong, what to do, and when it is tried again": async (world) => {
    await world.stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a1") },
      times: 1,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    const { page } = await signedIn(world);
    await page.goto(`${world.consoleUrl}/#/likeperson/${mentor("a1")}`);
    await page.getByText("Gir HLFs register beskjed nå om at likepersonen skal vises.").waitFor();
    await page.getByRole("button", { name: "Send nå: Åse Eksempel" }).click();
    const message = page.locator(".message.wait");
    await message.getByText("Det gikk ikke denne gangen for Åse Eksempel.").waitFor();
    await message.getByText("Vi fikk ikke kontakt med HLFs register.").waitFor();
    await message.getByText(/Neste forsøk i (dag|morgen) kl\.\s\d\d\.\d\d/).waitFor();
    const attempt = page.locator("details.attempt").filter({ hasText: "Feilet" }).first();
    await attempt.getByText("Sendt av en koordinator").waitFor({ state: "attached" });
    await attempt.locator("summary").click();
    await attempt.getByText("503", { exact: true }).waitFor();
  },

  "shows what came of it on the overview too, until it is read": async (world) => {
    await world.stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a1") },
      times: 1,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    await setStatus(world.stack, "a1", "paused");
    const { page } = await signedIn(world, { isImpatient: true });
    await row(page, "Åse Eksempel").getByText("Neste forsøk").waitFor();
    await page.getByRole("button", { name: "Send nå: Åse Eksempel" }).click();
    await row(page, "Åse Eksempel").getByText("bekreftet at Åse Eksempel er fjernet").waitFor();
    await page.getByText("Ja. Nettsiden stemmer").waitFor();
    await page.getByRole("button", { name: "Lukk meldingen" }).click();
    await row(page, "Åse Eksempel").waitFor({ state: "detached" });
    assertEquals(await isOnWebsite(world.stack, "a1"), false);
  },

  "explains a refusal": async (world) => {
    const { stack } = world;
    const { page } = await signedIn(world);
    const dag = await openMentor(page, world, "a4");
    await stack.sql("update public.hlf_sync_switches set is_enabled = false where true");
    await dag.getByRole("button").click();
    await dag.getByText("Organisasjonen er ikke koblet til HLF nå").waitFor();
  },

  "explains that the function cannot be reached": async (world) => {
    const { page, context } = await signedIn(world);
    const dag = await openMentor(page, world, "a4");
    await context.route(/\/functions\/v1\//, (route) => route.abort());
    await dag.getByRole("button").click();
    await dag.getByText("Det er trygt å sende en gang til").waitFor();
  },
};

async function patches(stack: Stack) {
  const requests = await stack.simulator.requests();
  return requests.filter(({ method, mentorId }) => method === "PATCH" && mentorId === mentor("a4"));
}

async function presses(stack: Stack): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    `select count(*)::integer from public.hlf_sync_manual_actions
     where action = 'force_sync' and mentor_id = '${mentor("a4")}'`,
  );
  return row?.count ?? 0;
}
