import { assert, assertEquals } from "@std/assert";
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
    await page.getByRole("button", { name: "Send nå: Dag Tenkt" }).tap();
    await dag.getByText("bekreftet at Dag Tenkt skal vises").waitFor();

    await makeStuck(stack, ["a2"]);
    await open(page, "Oversikt");
    await page.getByRole("button", { name: "Send nå: Bjørn Prøvesen" }).tap();
    await stack.simulator.clearFaults();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Send nå" }).tap();
    await dialog.getByText("1 bekreftet av HLF.").waitFor();
    await dialog.getByRole("button", { name: "Lukk" }).tap();
    await page.getByText("Ja. Nettsiden stemmer").waitFor();
    assertEquals(await isOnWebsite(stack, "a2"), false);

    await open(page, "Logg");
    await searchMentor(page, "prøvesen");
    await page.getByRole("button", { name: "Resultat og datoer" }).tap();
    await page.getByRole("combobox", { name: "Resultat" }).selectOption("dead_lettered");
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
