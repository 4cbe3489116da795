import { assertEquals } from "@std/assert";
import { mentor } from "../../local/stack/observe.ts";
import { consoleTest, open, row, signedIn } from "./harness.ts";

consoleTest("Force sync", {
  "confirms, once, however often the button is pressed": async (world) => {
    const { stack } = world;
    const { page } = await signedIn(world);
    await open(page, "Likepersoner");
    await stack.simulator.clearRequests();
    await stack.simulator.setLatency({ seconds: 0.5 });
    await row(page, "Dag Tenkt").getByRole("button", { name: "Synkroniser nå: Dag Tenkt" })
      .dblclick();
    await row(page, "Dag Tenkt").getByText("Sender Dag Tenkt til Dynamics").waitFor();
    await row(page, "Dag Tenkt").getByText("Dynamics har bekreftet at Dag Tenkt vises").waitFor();
    await stack.simulator.setLatency({ seconds: 0 });
    const sent = (await stack.simulator.requests()).filter(({ method, mentorId }) =>
      method === "PATCH" && mentorId === mentor("a4")
    );
    assertEquals(sent.length, 1);
    const actions = await stack.sql<{ action: string }>(
      `select action from public.hlf_sync_manual_actions where mentor_id = '${mentor("a4")}'`,
    );
    assertEquals(actions, [{ action: "force_sync" }]);
    await page.getByRole("button", { name: "Lukk meldingen" }).click();
    assertEquals(await row(page, "Dag Tenkt").locator(".message").count(), 0);
  },

  "says what went wrong, what to do, and when it is tried again": async (world) => {
    await world.stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a1") },
      times: 1,
      answer: { status: 503, code: "0x0", message: "Busy." },
    });
    const { page } = await signedIn(world);
    await page.goto(`${world.consoleUrl}/#/likeperson/${mentor("a1")}`);
    await page.getByText("Sender beskjed til Dynamics nå om at likepersonen skal vises.").waitFor();
    await page.getByRole("button", { name: "Synkroniser nå: Åse Eksempel" }).click();
    const message = page.locator(".message.wait");
    await message.getByText("Det gikk ikke denne gangen for Åse Eksempel.").waitFor();
    await message.getByText("Dynamics var nede.").waitFor();
    await message.getByText("Neste forsøk i dag kl.").waitFor();
    const attempt = page.locator("details.attempt").first();
    await attempt.getByText("En koordinator synkroniserte").waitFor({ state: "attached" });
    await attempt.locator("summary").click();
    await attempt.getByText("503").waitFor();
  },

  "explains a refusal": async (world) => {
    const { stack } = world;
    const { page } = await signedIn(world);
    await open(page, "Likepersoner");
    await stack.sql("update public.organisations set hlf_sync_enabled = false");
    await row(page, "Dag Tenkt").getByRole("button").click();
    await row(page, "Dag Tenkt").getByText("Organisasjonen er ikke koblet til HLF nå").waitFor();
    await stack.sql("update public.organisations set hlf_sync_enabled = true");
  },

  "explains that the function cannot be reached": async (world) => {
    const { page, context } = await signedIn(world);
    await open(page, "Likepersoner");
    await context.route(/\/functions\/v1\//, (route) => route.abort());
    await row(page, "Dag Tenkt").getByRole("button").click();
    await row(page, "Dag Tenkt").getByText("Det er trygt å trykke en gang til").waitFor();
  },
}, { HLF_SYNC_BACKOFF_SECONDS: "3,3,3,3,3,3,3" });
