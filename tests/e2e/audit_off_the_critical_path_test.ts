import { assertEquals } from "@std/assert";
import { QUICK_BACKOFF, scenariosTest } from "./harness.ts";
import {
  auditRows,
  awaitAuditRows,
  completeLog,
  eventually,
  isOnWebsite,
  lastAttempt,
  mentor,
  setStatus,
} from "../../stack/observe.ts";
import { readDatabaseKind } from "../../stack/configured_stack.ts";
import { untilSilence } from "../../stack/silence.ts";
import type { Stack } from "../../stack/stack_types.ts";

const AUDIT_INSERTS = { method: "POST", resource: "hlf_sync_audit_log" };

/** What a sync left behind, apart from its row. */
async function confirmed(stack: Stack, code: string): Promise<string | undefined> {
  const [state] = await stack.sql<{ confirmed: string }>(
    `select confirmed_operation::text as confirmed from public.hlf_sync_state
     where mentor_id = $1 and due_at is null and in_flight_attempt_id is null
       and confirmed_generation = generation`,
    [mentor(code)],
  );
  return state?.confirmed;
}

async function syncIsDone(stack: Stack, code: string): Promise<void> {
  await eventually(
    `${code} is removed and settled`,
    async () => !(await isOnWebsite(stack, code)) && (await confirmed(stack, code)) === "remove",
  );
}

scenariosTest("the audit log is off the critical path", { functionEnvironment: QUICK_BACKOFF }, {
  async "a log that does not answer holds nothing up"(stack) {
    const before = await lastAttempt(stack, "a1");
    const released = Promise.withResolvers<void>();
    // Held back until released: were the sync to wait for it, it would never be done.
    stack.setRestFault({ match: AUDIT_INSERTS, until: released.promise, times: 1 });
    await setStatus(stack, "a1", "paused");
    await syncIsDone(stack, "a1");
    assertEquals(await auditRows(stack, "a1", before), []);

    // Meanwhile the database fills the row in; the function's own insert then comes too late.
    await completeLog(stack);
    const [filled] = await auditRows(stack, "a1", before);
    assertEquals(filled?.outcome, "success");
    released.resolve();
    // The function writes its rows one after the other, so the next row comes after the late one.
    await setStatus(stack, "a1", "resigned");
    const rows = await awaitAuditRows(stack, "a1", 2, before);
    assertEquals(rows.map((row) => row.triggered_by_event), [
      "status_change:paused",
      "status_change:resigned",
    ]);
    assertEquals(rows[0], filled);
    // That the late one was not answered in time is as it may be; the database has not refused it.
    assertEquals(
      stack.functionOutput.filter(({ line }) =>
        line.includes("audit_insert_failed") && !line.includes('"code":"network"')
      ),
      [],
    );
  },

  async "a table that is slow holds nothing up"(stack) {
    // PGlite has one connection, so there a slow statement holds up everything, whatever the function does.
    if (readDatabaseKind() === "pglite") return;
    const before = await lastAttempt(stack, "a1");
    // Until it is let go on: were the sync to wait for it, it would never be done.
    await stack.sql("create table public.patience (is_over boolean)");
    await stack.sql(
      `create function public.dawdle() returns trigger language plpgsql security definer as
       $$ begin
         while not exists (select from public.patience) loop perform pg_sleep(0.05); end loop;
         return new;
       end $$`,
    );
    await stack.sql(
      `create trigger dawdle before insert on public.hlf_sync_audit_log
       for each row execute function public.dawdle()`,
    );
    try {
      await setStatus(stack, "a1", "active");
      await eventually(
        "a1 is shown and settled",
        async () =>
          (await isOnWebsite(stack, "a1")) && (await confirmed(stack, "a1")) === "restore",
      );
      assertEquals(await auditRows(stack, "a1", before), [], "settled before its row is written");
    } finally {
      await stack.sql("insert into public.patience values (true)");
      await untilSilence(stack);
      await stack.sql("drop function public.dawdle() cascade");
      await stack.sql("drop table public.patience");
    }
    // On a busy machine REST's time for a statement may have run out before: then the database fills the row in.
    await completeLog(stack);
    assertEquals((await auditRows(stack, "a1", before)).length, 1);
  },

  async "a log that fails holds nothing up, says so once, and is completed later"(stack) {
    const before = await lastAttempt(stack, "a2");
    const printed = stack.functionOutput.length;
    await stack.sql(
      "alter table public.hlf_sync_audit_log add constraint out_of_order check (retry_count < 0) not valid",
    );
    await setStatus(stack, "a2", "paused");
    await syncIsDone(stack, "a2");
    const failed = await eventually("the failed insert is told", () => {
      const lines = stack.functionOutput.slice(printed).filter(({ line }) =>
        line.includes("audit_insert_failed")
      );
      return lines.length > 0 && lines;
    });
    assertEquals(failed.length, 1);
    assertEquals(failed[0]?.stream, "stderr");
    assertEquals(await auditRows(stack, "a2", before), []);

    await stack.sql("alter table public.hlf_sync_audit_log drop constraint out_of_order");
    await completeLog(stack);
    await completeLog(stack);
    const rows = await auditRows(stack, "a2", before);
    assertEquals(
      rows.map(({ outcome, dynamics_response_code, retry_count }) => ({
        outcome,
        dynamics_response_code,
        retry_count,
      })),
      [{ outcome: "success", dynamics_response_code: 204, retry_count: 0 }],
    );
  },

  async "retries go on while the log fails, and each attempt gets its row in the end"(stack) {
    const before = await lastAttempt(stack, "a3");
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a3") },
      times: 3,
      answer: { status: 500, code: "0x80044150" },
    });
    stack.setRestFault({
      match: AUDIT_INSERTS,
      answer: { status: 503, code: "PGRST001", message: "out of order" },
    });
    await setStatus(stack, "a3", "paused");
    await syncIsDone(stack, "a3");
    assertEquals(await auditRows(stack, "a3", before), []);
    stack.setRestFault(null);
    await completeLog(stack);
    assertEquals(
      (await auditRows(stack, "a3", before)).map((row) => [row.outcome, row.retry_count]),
      [["failure", 0], ["failure", 1], ["failure", 2], ["success", 3]],
    );
  },
});
