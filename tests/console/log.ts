import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually, mentor, setStatus } from "../../stack/observe.ts";
import { addDays, dayOf, daysBetween } from "../../console/src/model/moment.ts";
import {
  awaitTexts,
  downloadCsv,
  makeStuck,
  open,
  type PageContext,
  type Scenarios,
  searchMentor,
  signedIn,
} from "./harness.ts";

export const log: Scenarios = {
  "shows every attempt, newest first, and new ones as they come": async (world) => {
    const { page } = await opened(world);
    const before = await attempts(page).count();
    await setStatus(world.stack, "a2", "paused");
    const newest = page.locator(".attempts > li:first-child").filter({ hasText: "Bjørn Prøvesen" });
    await newest.getByText("Skulle fjernes").waitFor();
    await eventually("one more is listed", async () => await attempts(page).count() === before + 1);
  },

  "explains an error in plain words, with what to do": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const { page } = await opened(world);
    const attempt = attempts(page).filter({ hasText: "Gitt opp" }).first();
    await attempt.locator("summary").click();
    await attempt.getByText("Vi ble logget inn, men får ikke lov til å endre oppføringer.")
      .waitFor();
    await attempt.getByText("Trykk «Send nå» når tilgangen er rettet").waitFor();
    await attempt.getByText("0x80048306").waitFor();
  },

  "tells of an attempt whom it was about, when exactly, and by which reference": async (world) => {
    const { page } = await opened(world);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const attempt = attempts(page).filter({ hasText: "Dag Tenkt" }).first();
    await attempt.locator("summary").click();
    const moment = await attempt.locator("summary time").getAttribute("datetime");
    const [row] = await world.stack.sql<{ id: string; seconds: string }>(
      `select id, to_char(created_at at time zone 'Europe/Oslo', 'HH24:MI:SS') as seconds
       from public.hlf_sync_audit_log
       where mentor_id = '${mentor("a4")}' and created_at = $1::text::timestamptz`,
      [moment],
    );
    await attempt.getByText(row?.seconds ?? "no such row").waitFor();
    await attempt.getByRole("button", { name: "Kopier referanse" }).click();
    await attempt.getByText("Kopiert.").waitFor();
    assertEquals(await page.evaluate(() => navigator.clipboard.readText()), row?.id);
    await attempt.getByRole("link", { name: "Se likepersonen" }).click();
    await page.getByRole("heading", { name: "Dag Tenkt" }).waitFor();
  },

  "is narrowed down by mentor, outcome and days, in the address too": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const [counted] = await world.stack.sql<{ count: number }>(
      `select count(*)::integer from public.hlf_sync_audit_log
       where mentor_id = '${mentor("a1")}' and outcome = 'dead_lettered'`,
    );
    const { page } = await opened(world);
    await searchMentor(page, "ase");
    await page.getByRole("combobox", { name: "Resultat" }).selectOption({ label: "Gitt opp" });
    await page.getByText(`${counted?.count} vises`, { exact: true }).waitFor();
    await attempts(page).first().filter({ hasText: "Åse Eksempel" }).waitFor();
    await page.reload();
    await page.getByText(`${counted?.count} vises`, { exact: true }).waitFor();
    const longAgo = addDays(dayOf(new Date()), -300);
    await page.getByLabel("Til og med").fill(longAgo);
    await page.getByText("Ingen forsøk passer til dette.").waitFor();
    assert(page.url().includes(`to=${longAgo}`) && page.url().includes("outcome=dead_lettered"));
    await page.getByRole("link", { name: "Nullstill" }).click();
    await page.getByText("Ingen forsøk passer til dette.").waitFor({ state: "detached" });
  },

  "counts outcomes for each day, drawn and as a table, and as the database does": async (world) => {
    const { page } = await opened(world);
    await page.getByRole("link", { name: "For revisjon" }).click();
    await page.locator(".drawing rect").first().waitFor();
    // Of several days, should midnight pass meanwhile.
    const summary = await world.stack.sql<{ day: string; outcome: string; count: number }>(
      `select (created_at at time zone 'Europe/Oslo')::date::text as day, outcome::text, count(*)::integer
       from public.hlf_sync_audit_log
       where organisation_id = '00000000-0000-4000-8000-00000000000a' group by 1, 2`,
    );
    const expect = (rows: typeof summary) =>
      ["success", "failure", "dead_lettered"].map((outcome) =>
        String(
          rows.filter((row) => row.outcome === outcome).reduce((sum, { count }) => sum + count, 0),
        )
      );
    const expected = expect(summary);
    await awaitTexts(page.locator(".sum"), ...expected);
    await page.getByText("Vis diagrammet som tabell").click();
    assertEquals(await page.locator("tbody tr").count(), 30);
    const lastDay = summary.map(({ day }) => day).sort().at(-1) ?? "";
    await awaitTexts(
      page.locator("tbody tr").nth(daysBetween(lastDay, dayOf(new Date()))).getByRole("cell"),
      ...expect(summary.filter(({ day }) => day === lastDay)),
    );
    const label = await page.getByRole("img").getAttribute("aria-label");
    assert(label?.includes(`${expected[0]} bekreftet`), label ?? "");
    assertEquals(await page.locator(".drawing rect").count(), summary.length);
  },

  "is saved as CSV, whole, under the filter, and harmless to a spreadsheet": async (world) => {
    const { stack } = world;
    await stack.sql(
      `update public.mentors set full_name = '=HYPERLINK("http://evil.example")'
       where id = '${mentor("a3")}'`,
    );
    // More rows than one page of the log, and than one answer of REST.
    await stack.sql(
      `insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
        dynamics_response_code, retry_count, outcome, triggered_by_event)
       select hlf_sync.uuid_v7(), '00000000-0000-4000-8000-00000000000a', '${mentor("a3")}',
        'restore', 204, 0, 'success', 'nightly_reconciliation' from generate_series(1, 1200)`,
    );
    const { page } = await opened(world);
    await searchMentor(page, "=hyper");
    await page.getByText("50 vises").waitFor();
    await page.getByRole("button", { name: "Vis eldre" }).click();
    await page.getByText("100 vises").waitFor();
    const { name, rows } = await downloadCsv(page);
    assert(/^hlf-logg-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/.test(name));
    const [expected] = await stack.sql<{ count: number }>(
      `select count(*)::integer from public.hlf_sync_audit_log where mentor_id = '${mentor("a3")}'`,
    );
    assertEquals(rows.length, expected?.count);
    assertEquals(new Set(rows.map((row) => row["Referanse"])).size, rows.length);
    assertEquals(rows[0]?.["Likeperson"], `'=HYPERLINK("http://evil.example")`);
  },

  "knows the state of its seals": async (world) => {
    const { page } = await opened(world);
    await page.getByRole("link", { name: "For revisjon" }).click();
    await page.getByRole("button", { name: "Kontroller at loggen ikke er endret" }).click();
    await page.getByText("Ingen forseglede dager i tidsrommet").waitFor();
    const addYesterday = () =>
      world.stack.sql(
        `insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
          dynamics_response_code, retry_count, outcome, triggered_by_event, created_at)
         values (hlf_sync.uuid_v7(), '00000000-0000-4000-8000-00000000000a', '${mentor("a2")}',
          'restore', 204, 0, 'success', 'break_glass', now() - interval '1 day')`,
      );
    await addYesterday();
    await world.stack.sql("select hlf_sync.seal_audit_log()");
    await page.getByRole("button", { name: "Kontroller at loggen ikke er endret" }).click();
    await page.getByText("1 dag er kontrollert. Ingenting er endret.").waitFor();
    await addYesterday();
    await page.getByRole("button", { name: "Kontroller at loggen ikke er endret" }).click();
    await page.getByText("en rad er lagt til").waitFor();
  },
};

async function opened(world: PageContext) {
  const visited = await signedIn(world);
  await open(visited.page, "Logg");
  await attempts(visited.page).first().waitFor();
  return visited;
}

function attempts(page: Page) {
  return page.locator("details.attempt");
}
