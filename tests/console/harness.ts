/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { parse } from "csv-parse/sync";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import {
  awaitAlerts,
  awaitHeeded,
  completeLog,
  eventually,
  mentor,
  ORGANISATION_A,
  ORGANISATION_B,
  setStatus,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { serveConsole } from "../../console/serve.ts";
import type { Settings } from "../../console/src/model/config.ts";
import { type Driver, type Visit, visit } from "./browser.ts";

/** A stack, and the page on a host of its own. */
export interface StackWithPage {
  readonly stack: Stack;
  readonly consoleUrl: string;
}

/** The same, and a browser to look at it with. */
export interface PageContext<AnyBrowser = Browser> extends StackWithPage {
  readonly browser: AnyBrowser;
}

/** What is tried, by what it shows. */
export type Scenarios<AnyBrowser = Browser> = Readonly<
  Record<string, (world: PageContext<AnyBrowser>) => Promise<void>>
>;

/**
 * Runs scenarios on one stack, one after the other, each from a state where all is in sync. With the
 * environment variable `SCENARIO` only those whose name contains it.
 */
export function consoleTest<AnyBrowser>(
  title: string,
  driver: Driver<AnyBrowser>,
  groups: Readonly<Record<string, Scenarios<AnyBrowser>>>,
): void {
  const wanted = Deno.env.get("SCENARIO") ?? "";
  const isAnyWanted = Object.entries(groups).some(([group, scenarios]) =>
    Object.keys(scenarios).some((name) => `${group}: ${name}`.includes(wanted))
  );
  // The scenario that is wanted may stand in another file.
  if (!isAnyWanted) return;
  // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
  Deno.test({ name: title, sanitizeExit: false }, async (t) => {
    await using resources = new AsyncDisposableStack();
    resources.defer(() => void (Deno.exitCode = 0));
    const stack = await startConfiguredStack({
      ports: "free",
      cron: "by hand",
      websiteCacheSeconds: 0,
      // So late that nothing is tried again behind a scenario's back.
      functionEnvironment: { HLF_SYNC_BACKOFF_SECONDS: "1800,1800,1800,1800,1800,1800,1800" },
    });
    resources.defer(() => stack.stop());
    // By hand, jobs run only when a scenario sweeps; however long that takes, they count as having just run.
    await stack.sql("update hlf_sync.pulse set jobs_scheduled_at = 'infinity' where true");
    const { url: consoleUrl, stop } = await serveConsole({
      port: 0,
      apiUrl: stack.apiUrl,
      publishableKey: stack.publishableKey,
      // As the simulator's public page follows at once; the scenarios of the lag ask for one.
      settings: { websiteLagMinutes: 0 },
    });
    resources.defer(stop);
    const browser = await driver.launch(resources);
    const seed = await readSeed(stack);
    for (const [group, scenarios] of Object.entries(groups)) {
      for (const [scenario, run] of Object.entries(scenarios)) {
        const name = `${group}: ${scenario}`;
        await t.step({
          name,
          ignore: !name.includes(wanted),
          sanitizeExit: false,
          async fn() {
            await untilIdle(stack);
            await awaitAlerts(stack);
            try {
              await run({ stack, consoleUrl, browser });
            } finally {
              await driver.tidy(browser);
              await restore(stack, seed);
            }
          },
        });
      }
    }
  });
}

interface SeededMentor {
  readonly id: string;
  readonly full_name: string;
  readonly status: string;
}

function readSeed(stack: Stack): Promise<readonly SeededMentor[]> {
  return stack.sql<SeededMentor & Record<string, unknown>>(
    "select id, full_name, status::text from public.mentors",
  );
}

/** Puts everything back that scenarios change, except the log. */
async function restore(stack: Stack, seed: readonly SeededMentor[]): Promise<void> {
  await stack.simulator.clearFaults();
  await stack.simulator.setLatency({ seconds: 0 });
  for (
    const query of [
      "update public.hlf_sync_switches set is_enabled = true where not is_enabled",
      `delete from public.organisation_members as m using auth.users as u
       where u.id = m.user_id and u.email = 'nordfjell@example.org'
         and m.organisation_id = '${ORGANISATION_B}'`,
      "delete from public.hlf_nightly_runs",
      "select hlf_sync.open_gate('credentials')",
      "select hlf_sync.close_alert(kind) from public.hlf_sync_alerts where closed_at is null",
    ]
  ) await stack.sql(query);
  // Back to the status of the seed: a change makes whoever is stuck due again.
  for (const { id, full_name, status } of seed) {
    await stack.sql(
      `update public.mentors set full_name = $2, status = $3::text::public.mentor_status
       where id = $1::text::uuid
         and (full_name, status) is distinct from ($2, $3::text::public.mentor_status)`,
      [id, full_name, status],
    );
  }
  await stack.sql("update public.hlf_sync_state set due_at = now() where due_at > now()");
}

/** Makes Dynamics refuse mentors, each alone, and pauses them, until they are given up. */
export async function makeStuck(stack: Stack, codes: readonly string[]): Promise<void> {
  for (const code of codes) {
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor(code) },
      times: null,
      // By definition about one record, so that nobody stops for it but the one.
      answer: { status: 403, code: "0x80048306", message: "No." },
    });
    await setStatus(stack, code, "paused");
  }
  await eventually("all are stuck", async () => {
    await tryAgain(stack, codes);
    const [row] = await stack.sql<{ stuck: number }>(
      `select count(*)::integer as stuck from public.hlf_sync_state
       where dead_lettered_at is not null and mentor_id = any ($1::text[]::uuid[])`,
      [codes.map(mentor)],
    );
    return row?.stuck === codes.length;
  });
  await awaitHeeded(stack);
  await completeLog(stack);
}

/** Lets the time pass after which these mentors are tried again. */
export async function tryAgain(stack: Stack, codes: readonly string[]): Promise<void> {
  await stack.sql(
    `update public.hlf_sync_state set due_at = now()
     where due_at > now() and mentor_id = any ($1::text[]::uuid[])`,
    [codes.map(mentor)],
  );
  await sweep(stack);
}

/** Another host of the page, with other settings, for as long as a browser is open; its address. */
export async function withSettings(
  { stack }: PageContext,
  context: BrowserContext,
  settings: Partial<Settings>,
): Promise<string> {
  const { url, stop } = await serveConsole({
    port: 0,
    apiUrl: stack.apiUrl,
    publishableKey: stack.publishableKey,
    settings,
  });
  context.once("close", () => void stop());
  return url;
}

/** Opens the page and signs a demo coordinator in. */
export async function signedIn(
  { stack, consoleUrl, browser }: PageContext,
  options: Parameters<typeof visit>[1] & {
    organisationId?: string;
    settings?: Partial<Settings>;
  } = {},
): Promise<Visit> {
  const visited = await visit(browser, options);
  const address = options.settings === undefined
    ? consoleUrl
    : await withSettings({ stack, consoleUrl, browser }, visited.context, options.settings);
  const coordinator = stack.coordinators.find(({ organisationId }) =>
    organisationId === (options.organisationId ?? ORGANISATION_A)
  );
  if (coordinator === undefined) throw new Error("No such demo coordinator");
  await visited.page.goto(address);
  await signIn(visited.page, coordinator);
  await visited.page.locator(".verdict").waitFor();
  return visited;
}

export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.getByLabel("E-post").fill(email);
  await page.getByLabel("Passord", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Logg inn", exact: true }).click();
}

/** Signs up a user who coordinates nothing; returns the id. */
export async function signUp(
  stack: Stack,
  person: { email: string; password: string },
): Promise<string> {
  const response = await fetch(`${stack.apiUrl}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify(person),
  });
  if (!response.ok) throw new Error(`Cannot sign up: ${response.status}`);
  return (await response.json()).user.id;
}

/** Goes to a view by the menu. */
export async function open(page: Page, name: "Oversikt" | "Likepersoner" | "Logg"): Promise<void> {
  const menu = page.getByRole("navigation", { name: "Hovedmeny" });
  await menu.getByRole("link", { name, exact: true }).click();
}

/** Collects the URLs ending in `end` that the page posts to from now on. */
export function posts(page: Page, end: string): readonly string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith(end)) asked.push(request.url());
  });
  return asked;
}

/** Downloads the log as it is filtered, and reads it as a Norwegian spreadsheet does. */
export async function downloadCsv(page: Page) {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Last ned som CSV" }).click();
  const download = await downloading;
  const text = await Deno.readTextFile(await download.path());
  const rows: Record<string, string>[] = parse(text, { delimiter: ";", bom: true, columns: true });
  return { name: download.suggestedFilename(), rows };
}

/** Goes to the page of one mentor; the card that says how things are. */
export async function openMentor(page: Page, { consoleUrl }: PageContext, code: string) {
  await page.goto(`${consoleUrl}/#/likeperson/${mentor(code)}`);
  return page.locator("main .card").first();
}

/** Narrows the log down to one mentor, as somebody does who types the name. */
export async function searchMentor(page: Page, name: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Likeperson" });
  await field.fill(name);
  await field.blur();
}

/** Waits until elements say just this, in their order: what is read apart may come later. */
export async function awaitTexts(
  elements: Pick<Locator, "allInnerTexts">,
  ...texts: readonly string[]
): Promise<void> {
  const wanted = JSON.stringify(texts);
  let said = "";
  await eventually(() => `${wanted} is said, not ${said}`, async () => {
    said = JSON.stringify(await elements.allInnerTexts());
    return said === wanted;
  });
}

/** Waits until one of the elements says all of this. */
export async function awaitSaid(
  elements: Pick<Locator, "allInnerTexts">,
  ...texts: readonly string[]
): Promise<void> {
  await eventually(`one says ${texts.join(", ")}`, async () => {
    const said = await elements.allInnerTexts();
    return said.some((one) => texts.every((text) => one.includes(text)));
  });
}

/** The row of a mentor in a list. */
export function row(page: Page, name: string) {
  return page.locator("li.mentor").filter({ hasText: name });
}
