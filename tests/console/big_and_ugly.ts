/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { eventually, ORGANISATION_B } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { PHONE, ZOOMED } from "./browser.ts";
import { awaitSaid, type Scenarios, signedIn, type StackWithPage } from "./harness.ts";
import { type AnyPage, assertInOrder } from "./page_checks.ts";

/** 3,000 mentors of another organisation, with names as people have them, and 40,000 rows of the log. */
const MENTORS = `
  with added as (
    insert into public.mentors (id, organisation_id, full_name, status)
    select
      ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '${ORGANISATION_B}',
      case n % 10
        when 0 then repeat('Langtnavnutenmellomrom', 6)
        when 1 then '   '
        when 2 then 'Ola Hansen'
        when 3 then E'Kari \\u202eNavn'
        else 'Likeperson nummer ' || n
      end,
      case when n % 10 = 4 then 'paused' else 'active' end::public.mentor_status
    from generate_series($1::integer, $1::integer + 99) as n
    returning id
  )
  select count(*) from added`;
const STANDINGS = `
  update public.hlf_sync_state
  set due_at = case when right(mentor_id::text, 1) = '5' then now() + interval '1 day' end,
    confirmed_operation = wanted_operation, confirmed_generation = generation,
    confirmed_at = now() - interval '3 days',
    dead_lettered_at = case when right(mentor_id::text, 1) = '4' then now() end,
    attempts = 8, last_error = case when right(mentor_id::text, 1) = '4' then 'timeout' end
  where mentor_id::text like '00000000-0000-4000-9000-%'`;
const LOG = `
  insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
    dynamics_response_code, retry_count, outcome, triggered_by_event)
  select hlf_sync.uuid_v7(), '${ORGANISATION_B}',
    ('00000000-0000-4000-9000-' || lpad((1 + n % 3000)::text, 12, '0'))::uuid,
    'restore', 204, 0, 'success', 'nightly_reconciliation'
  from generate_series($1::integer, $1::integer + 4999) as n`;

export const bigAndUgly: Scenarios = {
  "3,000 mentors, ugly names and 40,000 rows fit, on a phone and at 400 %": (world) =>
    withThousands(world.stack, async () => {
      const { page } = await signedIn(world, { viewport: PHONE, organisationId: ORGANISATION_B });
      await assertThousandsInOrder(page, world);

      await page.goto(`${world.consoleUrl}/#/`);
      await page.locator(".cause").getByRole("button", { name: "Send alle 300 nå" }).click();
      const people = page.getByRole("dialog").getByRole("listitem");
      await people.first().waitFor();
      await eventually("all 300 are listed", async () => await people.count() === 300);
      await people.first().scrollIntoViewIfNeeded();
      const box = await people.first().boundingBox();
      assertEquals((box?.height ?? 0) > 20, true, "names can be read at 400 %");
      await page.keyboard.press("Escape");
    }),
};

/** Each view's address, how its heading begins, and what is there once it is read. */
const VIEWS = [
  ["#/", "Stemmer nettsiden?", ".verdict"],
  ["#/likepersoner", "Likepersoner", "li.mentor"],
  ["#/likeperson/00000000-0000-4000-9000-000000000010", "Langtnavn", "details.attempt"],
  ["#/logg", "Logg", "details.attempt"],
  ["#/revisjon", "For revisjon", ".drawing rect"],
] as const;

const HEADLINE = "Nei. 300 likepersoner kan fortsatt vises på nettsiden og må følges opp.";

/** What Playwright's page can, and Firefox's. */
interface NarrowPage extends AnyPage {
  goto(address: string): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  locator(selector: string): Pick<Locator, "allInnerTexts">;
}

/** Looks at every view of the 3,000 mentors, and into everything that can be opened there, on a phone and at 400 %. */
export async function assertThousandsInOrder(
  page: NarrowPage,
  { consoleUrl }: StackWithPage,
): Promise<void> {
  for (const viewport of [PHONE, ZOOMED]) {
    await page.setViewportSize(viewport);
    for (const [view, heading, ready] of VIEWS) {
      const what = `${view} at ${viewport.width} px`;
      await page.goto(`${consoleUrl}/${view}`);
      await eventually(`${what} is read`, () =>
        page.evaluate<boolean>(
          `document.querySelector("h1")?.textContent.startsWith("${heading}") === true &&
            document.querySelector("${ready}") !== null`,
        ));
      if (view === "#/") await awaitSaid(page.locator(".verdict"), HEADLINE);
      await page.evaluate(openDetails);
      await assertInOrder(page, what);
    }
  }
}

function openDetails(): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("main details")) {
    details.open = true;
  }
}

/** Gives an organisation 3,000 mentors with 40,000 rows in the log, for as long as something is done. */
export async function withThousands(stack: Stack, act: () => Promise<void>): Promise<void> {
  await fill(stack);
  try {
    await act();
  } finally {
    await empty(stack);
  }
}

async function fill(stack: Stack): Promise<void> {
  // Nothing of it is to be sent: that is not what is looked at.
  await stack.sql(
    "update public.hlf_sync_switches set is_enabled = false where organisation_id = $1::text::uuid",
    [ORGANISATION_B],
  );
  // A hundred at a time, as each is locked until the end of its transaction.
  for (let first = 1; first <= 3000; first += 100) await stack.sql(MENTORS, [first]);
  await stack.sql(STANDINGS);
  for (let first = 1; first <= 40_000; first += 5000) await stack.sql(LOG, [first]);
}

async function empty(stack: Stack): Promise<void> {
  for (let tail = 0; tail <= 99; tail++) {
    await stack.sql(
      "delete from public.mentors where id::text like '00000000-0000-4000-9000-%' || $1::text",
      [String(tail).padStart(2, "0")],
    );
  }
  await stack.sql(
    "delete from public.hlf_sync_state where mentor_id::text like '00000000-0000-4000-9000-%'",
  );
}
