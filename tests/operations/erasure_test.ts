import { assert, assertEquals } from "@std/assert";
import { stackTest } from "../stack_test_frame.ts";
import {
  auditRows,
  eventually,
  isOnWebsite,
  mentor,
  ORGANISATION_A,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

/** Tables of ours in which a text stands. */
async function tablesWith(stack: Stack, text: string): Promise<string[]> {
  const tables = await stack.sql<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_catalog.pg_tables
    where schemaname in ('public', 'hlf_sync', 'auth', 'net') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await stack.sql(`select from ${name} as t where strpos(t::text, $1) > 0 limit 1`, [
      text,
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

/** An attempt of two days ago, whose day is sealed. */
async function sealAttempt(stack: Stack, code: string): Promise<void> {
  await stack.sql(
    `insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
      dynamics_response_code, retry_count, outcome, triggered_by_event, created_at)
     values (hlf_sync.uuid_v7(), $1, $2, 'restore', 204, 0, 'success', 'break_glass', now() - interval '2 days')`,
    [ORGANISATION_A, mentor(code)],
  );
  await stack.sql("select hlf_sync.seal_audit_log()");
}

stackTest("the runbook of erasure", {}, async (stack) => {
  await untilIdle(stack);
  await sealAttempt(stack, "a1");
  const person = ["Åse Eksempel", "aase@example.org"];
  for (const text of person) {
    assertEquals(await tablesWith(stack, text), ["public.mentors"]);
  }

  await stack.sql("delete from public.mentors where id = $1", [mentor("a1")]);
  await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
  await untilIdle(stack);
  const [confirmed] = await stack.sql<{ operation: string }>(
    `select confirmed_operation as operation from public.hlf_sync_state
      where mentor_id = $1 and confirmed_generation = generation`,
    [mentor("a1")],
  );
  assertEquals(confirmed?.operation, "remove");
  await stack.simulator.deleteListing(mentor("a1"));

  for (const text of person) assertEquals(await tablesWith(stack, text), []);
  const names = (await stack.simulator.listings()).map(({ name }) => name);
  assertEquals(names.includes("Åse Eksempel"), false);
  const rows = await auditRows(stack, "a1");
  assertEquals(rows.at(-1)?.triggered_by_event, "status_change:deleted");

  // What is asked again finds nothing to remove, and makes nothing.
  await stack.sql(
    `update public.hlf_sync_state set due_at = now(), generation = generation + 1
      where mentor_id = $1`,
    [mentor("a1")],
  );
  await untilIdle(stack);
  assertEquals((await auditRows(stack, "a1")).at(-1)?.dynamics_response_code, 200);
  assertEquals((await stack.simulator.listings()).length, names.length);

  // Two sealed days, or three if midnight has passed.
  const [log] = await stack.sql<{ is_intact: boolean; checked_days: number }>(
    `select is_intact, checked_days from public.verify_hlf_sync_audit('2026-01-01', '2100-01-01')`,
  );
  assertEquals(log?.is_intact, true);
  assert((log?.checked_days ?? 0) >= 2);
});
