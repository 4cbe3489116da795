/**
 * Takes the pictures of the page that are in `docs/pictures/`, with the seed's invented people and a month that never was.
 *
 * @module
 */
import type { Browser } from "playwright-core";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { mentor, setStatus, untilIdle } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { serveConsole } from "../../console/serve.ts";
import { DESKTOP, launchBrowser, PHONE, visit } from "./browser.ts";
import { makeStuck, open, signIn } from "./harness.ts";

const FOLDER = new URL("../../docs/pictures/", import.meta.url);

interface Picture {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
  readonly view: "Oversikt" | "Logg";
}

const PICTURES: readonly Picture[] = [
  { name: "console-phone", viewport: PHONE, colorScheme: "light", view: "Oversikt" },
  { name: "console-phone-dark", viewport: PHONE, colorScheme: "dark", view: "Oversikt" },
  { name: "console-desktop", viewport: DESKTOP, colorScheme: "light", view: "Oversikt" },
  { name: "console-desktop-dark", viewport: DESKTOP, colorScheme: "dark", view: "Oversikt" },
  { name: "console-log", viewport: DESKTOP, colorScheme: "light", view: "Logg" },
];

/** A month of attempts, most of them successful, with one bad day. */
const HISTORY = `
  insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
    dynamics_response_code, retry_count, outcome, error_message, triggered_by_event, created_at)
  select
    encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing substring(
      int8send((extract(epoch from happened.at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1),
      'hex')::uuid,
    '00000000-0000-4000-8000-00000000000a',
    ('00000000-0000-4000-8000-0000000000a' || 1 + (day * 3 + n) % 5)::uuid,
    case when n % 3 = 0 then 'remove' else 'restore' end::public.hlf_sync_operation,
    case when n > 8 then 503 else 204 end,
    0,
    case when n > 8 then 'failure' else 'success' end::public.hlf_sync_outcome,
    case when n > 8 then 'unavailable' end,
    case when n % 3 = 0 then 'status_change:paused' else 'status_change:active' end,
    happened.at
  from generate_series(1, 28) as day
  cross join generate_series(1, 14) as n
  cross join lateral (select now() - make_interval(days => day, mins => n * 7) as at) as happened
  where n <= (day * 7 + day * day) % 8 + 1 or day = 11`;

async function stage(stack: Stack): Promise<void> {
  await untilIdle(stack);
  await stack.sql(HISTORY);
  await stack.sql("select hlf_sync.seal_audit_log()");
  await stack.sql(
    `insert into public.hlf_nightly_runs (run_date, started_at, finished_at, reminder_count,
      drift_count, listing_count)
     values (current_date, date_trunc('day', now()) + interval '2 hours',
      date_trunc('day', now()) + interval '2 hours 1 minute', 1, 0, 8)`,
  );
  await stack.simulator.addFault({
    match: { method: "PATCH", mentorId: mentor("a4") },
    times: null,
    answer: { status: 503, code: "0x0", message: "Busy." },
  });
  await setStatus(stack, "a4", "paused");
  await makeStuck(stack, ["a2"]);
}

async function take(
  { name, viewport, colorScheme, view }: Picture,
  stack: Stack,
  consoleUrl: string,
  browser: Browser,
): Promise<void> {
  const { page, context } = await visit(browser, {
    viewport,
    colorScheme,
    deviceScaleFactor: viewport === PHONE ? 2 : 1.5,
  });
  const [coordinator] = stack.coordinators;
  if (coordinator === undefined) throw new Error("The stack has no demo coordinator");
  await page.goto(consoleUrl);
  await signIn(page, coordinator);
  await page.locator(".verdict").waitFor();
  await open(page, view);
  await page.locator(view === "Logg" ? "details.attempt" : ".mentor").first().waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: new URL(`${name}.png`, FOLDER).pathname });
  await context.close();
}

if (import.meta.main) {
  await using resources = new AsyncDisposableStack();
  resources.defer(() => void (Deno.exitCode = 0));
  const stack = await startConfiguredStack({
    ports: "free",
    cron: false,
    functionEnvironment: { HLF_SYNC_BACKOFF_SECONDS: "1,1800,1800,1800,1800,1800,1800" },
  });
  resources.defer(() => stack.stop());
  const { url, stop } = await serveConsole({
    port: 0,
    apiUrl: stack.apiUrl,
    publishableKey: stack.publishableKey,
    settings: { websiteLagMinutes: 15, urgent: { phone: "+47 22 00 00 00", text: null } },
  });
  resources.defer(stop);
  const browser = await launchBrowser();
  resources.defer(() => browser.close());
  await stage(stack);
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const picture of PICTURES) await take(picture, stack, url, browser);
}
