import { assert, assertEquals } from "@std/assert";
import { eventually, isOnWebsite, mentor } from "../../stack/observe.ts";
import { makeStuck, open, posts, row, type Scenarios, signedIn, tryAgain } from "./harness.ts";

export const requeue: Scenarios = {
  "sends one again, after a preview, and follows it to the end": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const { page } = await signedIn(world, { isImpatient: true });
    await page.getByText("Nei. 1 likeperson kan fortsatt vises på nettsiden og må følges opp.")
      .waitFor();
    await row(page, "Åse Eksempel").getByText("Hva du kan gjøre: Si fra").waitFor();
    await world.stack.simulator.clearFaults();
    await page.getByRole("button", { name: "Send nå: Åse Eksempel" }).click();
    await page.getByRole("dialog", { name: "Send beskjed om 1 likeperson nå?" }).waitFor();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Skulle fjernes").waitFor();
    const asked = posts(page, "/rest/v1/rpc/requeue_hlf_dead_letters");
    await dialog.getByRole("button", { name: "Send nå" }).dblclick();
    await dialog.getByText("1 bekreftet av HLF.").waitFor();
    await dialog.getByText("Nettsiden viser endringen med en gang").waitFor();
    assertEquals(asked.length, 1);
    assertEquals(await dialog.getByText("måtte ikke følges opp lenger").count(), 0);
    await page.getByRole("dialog", { name: "Beskjed om 1 likeperson er sendt" }).waitFor();
    await dialog.getByRole("button", { name: "Lukk" }).click();
    await page.getByText("Ja. Nettsiden stemmer").waitFor();
    assertEquals(await isOnWebsite(world.stack, "a1"), false);
  },

  "changes nothing when cancelled": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const { page } = await signedIn(world, { isImpatient: true });
    const opener = page.getByRole("button", { name: "Send nå: Åse Eksempel" });
    await opener.click();
    await page.getByRole("dialog").getByRole("button", { name: "Avbryt" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually(
      "the button has the focus again",
      () => opener.evaluate((button) => button === document.activeElement),
    );
    const [state] = await world.stack.sql<{ dead: boolean }>(
      `select dead_lettered_at is not null as dead from public.hlf_sync_state
       where mentor_id = '${mentor("a1")}'`,
    );
    assertEquals(state?.dead, true);
  },

  "sends those that were selected, and no others": async (world) => {
    await makeStuck(world.stack, ["a1", "a2", "a3"]);
    const { page } = await signedIn(world, { isImpatient: true });
    await page.getByRole("link", { name: /har stoppet/ }).click();
    await page.getByText("3 likepersoner i listen").waitFor();
    await page.getByLabel("Velg Åse Eksempel").check();
    await page.getByLabel("Velg Cecilie Oppdiktet").check();
    await world.stack.simulator.clearFaults();
    await page.getByRole("button", { name: "Send 2 valgte nå" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send begge nå" }).click();
    await dialog.getByText("2 bekreftet av HLF.").waitFor();
    await dialog.getByRole("button", { name: "Lukk" }).click();
    await page.getByText("1 likeperson i listen").waitFor();
    await row(page, "Bjørn Prøvesen").getByText("Må følges opp", { exact: true }).waitFor();
  },

  "sends all, and says for each what came of it and what to do": async (world) => {
    const { stack } = world;
    await makeStuck(stack, ["a1", "a2"]);
    const { page } = await signedIn(world, { isImpatient: true });
    await stack.simulator.clearFaults();
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor("a2") },
      times: null,
      answer: { status: 403, code: "0x80048306", message: "No." },
    });
    await page.getByRole("button", { name: "Send begge nå" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send begge nå" }).click();
    await dialog.getByText("1 bekreftet av HLF. 1 prøves igjen automatisk.").waitFor();
    await eventually("the other is given up again", async () => {
      await tryAgain(stack, ["a2"]);
      return await dialog.getByText("1 bekreftet av HLF. 1 stoppet igjen.").isVisible();
    });
    const people = await dialog.getByRole("listitem").allInnerTexts();
    assert(people.some((text) => text.includes("Åse Eksempel") && text.includes("Bekreftet")));
    assert(
      people.some((text) =>
        text.includes("Bjørn Prøvesen") &&
        text.includes("Løsningen mangler tilgang i HLFs register") &&
        text.includes("Si fra til den som drifter")
      ),
    );
  },

  "sends nothing that somebody else was faster with": async (world) => {
    const { stack } = world;
    await makeStuck(stack, ["a1", "a2"]);
    const { page } = await signedIn(world, { isImpatient: true });
    await stack.simulator.clearFaults();
    await page.getByRole("button", { name: "Send begge nå" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send begge nå" }).waitFor();
    await stack.sql(
      `select hlf_sync.request_sync(array[row('${
        mentor("a1")
      }', '00000000-0000-4000-8000-00000000000a', 'remove',
        'status_change:paused', null)::hlf_sync.sync_request])`,
    );
    await dialog.getByRole("button", { name: "Send begge nå" }).click();
    await dialog.getByText("1 likeperson måtte ikke følges opp lenger").waitFor();
    await dialog.getByText("2 bekreftet av HLF.").waitFor();
    await dialog.getByRole("button", { name: "Lukk" }).click();
    await open(page, "Likepersoner");
    await row(page, "Bjørn Prøvesen").getByText("Stemmer", { exact: true }).waitFor();
  },
};
