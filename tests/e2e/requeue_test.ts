import { assertEquals } from "@std/assert";
import { QUICK_BACKOFF, scenariosTest } from "./harness.ts";
import {
  isOnWebsite,
  mentor,
  ORGANISATION_A,
  ORGANISATION_B,
  requeue,
  setStatus,
  signIn,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

async function deadLetters(stack: Stack): Promise<string[]> {
  const rows = await stack.sql<{ mentor_id: string }>(
    "select mentor_id from public.hlf_sync_state where dead_lettered_at is not null order by 1",
  );
  return rows.map((row) => row.mentor_id);
}

/** Sees what a sync would change, as the console does. */
async function preview(stack: Stack): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/preview_hlf_sync`, {
    method: "POST",
    headers: { "content-type": "application/json", ...await signIn(stack) },
    body: JSON.stringify({ org_id: ORGANISATION_A }),
  });
  return await response.json();
}

scenariosTest("requeue", { functionEnvironment: QUICK_BACKOFF }, {
  async "one, some, all: dead letters are put right, and nobody else's"(stack) {
    await stack.simulator.addFault({
      match: { target: "patch" },
      times: null,
      // By definition about one record, so that each is refused alone.
      answer: { status: 403, code: "0x80048306" },
    });
    for (const code of ["a1", "a2", "a3", "b1"]) await setStatus(stack, code, "paused");
    await untilIdle(stack);
    assertEquals(await deadLetters(stack), ["a1", "a2", "a3", "b1"].map(mentor));
    await stack.simulator.clearFaults();
    const outOfStep = (await preview(stack)).filter((row) => row.is_in_sync === false);
    assertEquals(outOfStep.map((row) => row.mentor_id), ["a1", "a2", "a3"].map(mentor));

    const coordinator = await signIn(stack);
    const again = (...mentorIds: string[]) =>
      requeue(stack, coordinator, ORGANISATION_A, ...mentorIds);
    assertEquals(await again(mentor("a1"), mentor("b1")), ["accepted", 1]);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), false);
    // A double click: whichever comes first requeues, the other finds nothing left.
    const twice = await Promise.all([again(), again()]);
    assertEquals(twice.map(([, count]) => count).sort(), [0, 2]);
    await untilIdle(stack);
    assertEquals(await deadLetters(stack), [mentor("b1")]);
    assertEquals(
      await stack.sql(
        `select distinct triggered_by_event as event from public.hlf_sync_audit_log
         where outcome = 'success' and mentor_id in ($1, $2, $3)
           and triggered_by_event like 'manual%'`,
        [mentor("a1"), mentor("a2"), mentor("a3")],
      ),
      [{ event: "manual_coordinator_requeue" }],
    );
  },

  async "another organisation's dead letters are out of reach"(stack) {
    assertEquals(await requeue(stack, await signIn(stack), ORGANISATION_B), ["not_found", 0]);
    assertEquals(await deadLetters(stack), [mentor("b1")]);
  },

  async "too many presses are refused"(stack) {
    await stack.sql(
      `insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action, created_at)
       select m.user_id, m.organisation_id, $1, 'requeue', now() - press * interval '1 millisecond'
       from public.organisation_members as m, generate_series(1, 30) as press
       where m.organisation_id = $2 and m.role = 'coordinator'`,
      [mentor("b1"), ORGANISATION_B],
    );
    const coordinator = await signIn(stack, ORGANISATION_B);
    assertEquals(await requeue(stack, coordinator, ORGANISATION_B), ["too_many_requests", 0]);
  },
});
