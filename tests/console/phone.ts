import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { isOnWebsite, mentor, setStatus } from "../../stack/observe.ts";
import { PHONE } from "./browser.ts";
import {
  downloadCsv,
  makeStuck,
  open,
  openMentor,
  row,
  type Scenarios,
  searchMentor,
  signedIn,
} from "./harness.ts";

const AGAIN_AFTER_MS = 5_000;
const PATIENCE_MS = 120_000;

/**
 * Taps until something of it is seen, as a person does: a browser that gets no processor time between the finger's coming and
 * going takes it for a long press, which presses no button.
 */
async function tapUntil(button: Locator, seen: Locator): Promise<void> {
  for (let patience = PATIENCE_MS; patience > 0; patience -= AGAIN_AFTER_MS) {
    // Gone, or covered, once the tap before has taken effect after all.
    await button.tap({ timeout: AGAIN_AFTER_MS }).catch(() => {});
    if (await seen.first().waitFor({ timeout: AGAIN_AFTER_MS }).then(() => true, () => false)) {
      return;
    }
  }
  await seen.first().waitFor();
}

/** The other scenarios hold a wider device; this goes their way once by touch. */
export const phone: Scenarios = {
  "everything works on a phone, by touch": async (world) => {
    const { stack } = world;
    const { page, complaints } = await signedIn(world, { viewport: PHONE, hasTouch: true });
    await open(page, "Likepersoner");
    const ase = row(page, "Åse Eksempel");
    await ase.getByText("Skal vises").waitFor();
    await setStatus(stack, "a1", "paused");
    await ase.getByText("Bekreftet fjernet").waitFor();
    assertEquals(await isOnWebsite(stack, "a1"), false);

    const dag = await openMentor(page, world, "a4");
    await tapUntil(
      page.getByRole("button", { name: "Send nå: Dag Tenkt" }),
      dag.getByText(/Sender Dag Tenkt|bekreftet at Dag Tenkt/),
    );
    await dag.getByText("bekreftet at Dag Tenkt skal vises").waitFor();

    await makeStuck(stack, ["a2"]);
    await open(page, "Oversikt");
    const dialog = page.getByRole("dialog");
    const confirm = dialog.getByRole("button", { name: "Send nå" });
    await tapUntil(page.getByRole("button", { name: "Send nå: Bjørn Prøvesen" }), confirm);
    await stack.simulator.clearFaults();
    const done = dialog.getByText("1 bekreftet av HLF.");
    await tapUntil(confirm, done.or(dialog.getByText("Sender …")));
    await done.waitFor();
    const inSync = page.getByText("Ja. Nettsiden stemmer");
    await tapUntil(dialog.getByRole("button", { name: "Lukk" }), inSync);
    assertEquals(await isOnWebsite(stack, "a2"), false);

    await open(page, "Logg");
    await searchMentor(page, "prøvesen");
    const outcomes = page.getByRole("combobox", { name: "Resultat" });
    await tapUntil(page.getByRole("button", { name: "Resultat og datoer" }), outcomes);
    await outcomes.selectOption("dead_lettered");
    const [counted] = await stack.sql<{ count: number }>(
      `select count(*)::integer from public.hlf_sync_audit_log
       where mentor_id = '${mentor("a2")}' and outcome = 'dead_lettered'`,
    );
    await page.getByText(`${counted?.count} vises`, { exact: true }).waitFor();
    const { rows } = await downloadCsv(page);
    assertEquals(rows.length, counted?.count);
    assert(rows.every((row) => row["Resultat"] === "Gitt opp"));
    assertEquals(complaints, []);
  },
};
