import { assertEquals } from "@std/assert";
import { QUICK_BACKOFF, scenariosTest, withoutIds } from "./harness.ts";
import {
  auditRows,
  awaitAuditRows,
  eventually,
  isOnWebsite,
  lastAttempt,
  mentor,
  ORGANISATION_A,
  post,
  setStatus,
  signIn,
  untilIdle,
} from "../../stack/observe.ts";

const row = {
  organisation_id: ORGANISATION_A,
  operation: "remove",
  dynamics_response_code: 204,
  retry_count: 0,
  outcome: "success",
  error_message: null,
  triggered_by_event: "status_change:paused",
};

scenariosTest("status changes", { functionEnvironment: QUICK_BACKOFF }, {
  async "a paused mentor leaves the website and comes back"(stack) {
    assertEquals(await isOnWebsite(stack, "a1"), true);
    const before = await lastAttempt(stack, "a1");

    await setStatus(stack, "a1", "paused");
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
    await setStatus(stack, "a1", "active");
    await eventually("a1 is back", () => isOnWebsite(stack, "a1"));

    assertEquals(withoutIds(await awaitAuditRows(stack, "a1", 2, before)), [
      { ...row, mentor_id: mentor("a1") },
      {
        ...row,
        mentor_id: mentor("a1"),
        operation: "restore",
        triggered_by_event: "status_change:active",
      },
    ]);
  },

  async "three times unavailable, then well"(stack) {
    const before = await lastAttempt(stack, "a1");
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a1") },
      times: 3,
      answer: { status: 503 },
    });
    await setStatus(stack, "a1", "paused");
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));

    const failure = {
      ...row,
      mentor_id: mentor("a1"),
      dynamics_response_code: 503,
      outcome: "failure",
      error_message: "unavailable",
    };
    assertEquals(withoutIds(await awaitAuditRows(stack, "a1", 4, before)), [
      { ...failure, retry_count: 0 },
      { ...failure, retry_count: 1 },
      { ...failure, retry_count: 2 },
      { ...row, mentor_id: mentor("a1"), retry_count: 3 },
    ]);
  },

  async "an outage ends in the dead letter, and force sync puts it right"(stack) {
    const before = await lastAttempt(stack, "a2");
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a2") },
      times: null,
      answer: { status: 503 },
    });
    await setStatus(stack, "a2", "paused");
    const rows = await awaitAuditRows(stack, "a2", 8, before);
    assertEquals(withoutIds(rows), [
      ...[0, 1, 2, 3, 4, 5, 6].map((retry_count) => ({
        ...row,
        mentor_id: mentor("a2"),
        dynamics_response_code: 503,
        outcome: "failure",
        error_message: "unavailable",
        retry_count,
      })),
      {
        ...row,
        mentor_id: mentor("a2"),
        dynamics_response_code: 503,
        outcome: "dead_lettered",
        error_message: "unavailable",
        retry_count: 8,
      },
    ]);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a2"), true);
    assertEquals(
      await stack.sql(
        "select kind from public.hlf_coordinator_notifications where mentor_id = $1 and kind = 'dead_lettered'",
        [mentor("a2")],
      ),
      [{ kind: "dead_lettered" }],
    );

    await stack.simulator.clearFaults();
    const answer = await post(
      stack,
      { type: "force_sync", mentor_id: mentor("a2") },
      await signIn(stack),
    );
    assertEquals(answer.status, 200);
    assertEquals(answer.body.outcome, "success");
    assertEquals(await isOnWebsite(stack, "a2"), false);
    assertEquals(withoutIds(await awaitAuditRows(stack, "a2", 1, rows.at(-1)?.id)), [
      { ...row, mentor_id: mentor("a2"), triggered_by_event: "manual_coordinator_requeue" },
    ]);
  },

  async "a refusal that comes to one mentor is the dead letter of a short series"(stack) {
    const before = await lastAttempt(stack, "a3");
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a3") },
      times: 4,
      answer: { status: 400, code: "0x80048d19", message: "Åse Eksempel is not valid" },
    });
    await setStatus(stack, "a3", "resigned");
    const refused = {
      ...row,
      mentor_id: mentor("a3"),
      dynamics_response_code: 400,
      outcome: "failure",
      retry_count: 0,
      error_message: "rejected code=0x80048d19",
      triggered_by_event: "status_change:resigned",
    };
    assertEquals(withoutIds(await awaitAuditRows(stack, "a3", 4, before)), [
      refused,
      { ...refused, retry_count: 1 },
      { ...refused, retry_count: 2 },
      { ...refused, outcome: "dead_lettered", retry_count: 4 },
    ]);
  },

  async "no answer at all is a failure without a code"(stack) {
    const before = await lastAttempt(stack, "a4");
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a4") },
      answer: { commitThenReset: true },
    });
    await setStatus(stack, "a4", "paused");
    assertEquals(withoutIds(await awaitAuditRows(stack, "a4", 2, before)), [
      {
        ...row,
        mentor_id: mentor("a4"),
        dynamics_response_code: null,
        outcome: "failure",
        error_message: "network",
      },
      { ...row, mentor_id: mentor("a4"), retry_count: 1 },
    ]);
  },

  async "a deleted mentor leaves the website, also when the listing is gone already"(stack) {
    await stack.sql(
      `insert into public.mentors (id, organisation_id, full_name) values ($1, $3, 'Ny Oppdiktet'), ($2, $3, 'Nyere Oppdiktet')`,
      [mentor("c1"), mentor("c2"), ORGANISATION_A],
    );
    await stack.simulator.upsertListing({ mentorId: mentor("c1"), published: true });
    await stack.simulator.upsertListing({ mentorId: mentor("c2"), published: true });
    await untilIdle(stack);
    const before = await lastAttempt(stack, "c1");
    assertEquals(await isOnWebsite(stack, "c1"), true);
    await stack.simulator.deleteListing(mentor("c2"));

    await stack.sql("delete from public.mentors where id in ($1, $2)", [
      mentor("c1"),
      mentor("c2"),
    ]);
    await eventually("c1 is gone", async () => !(await isOnWebsite(stack, "c1")));
    await untilIdle(stack);
    const deleted = { ...row, triggered_by_event: "status_change:deleted" };
    assertEquals(withoutIds(await awaitAuditRows(stack, "c1", 1, before)), [
      { ...deleted, mentor_id: mentor("c1") },
    ]);
    const gone = withoutIds(await awaitAuditRows(stack, "c2", 1)).at(-1);
    assertEquals(gone, { ...deleted, mentor_id: mentor("c2"), dynamics_response_code: 200 });
    assertEquals(
      (await stack.simulator.listings()).some((listing) => listing.mentorId === mentor("c2")),
      false,
      "nothing is ever created",
    );
  },

  async "ten status changes in a second end in the last one"(stack) {
    const before = await lastAttempt(stack, "a1");
    for (let change = 0; change < 10; change++) {
      await setStatus(stack, "a1", change % 2 === 0 ? "active" : "paused");
    }
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), false);
    assertEquals((await auditRows(stack, "a1", before)).at(-1)?.operation, "remove");
  },

  async "ten status changes before the function looks are one sync"(stack) {
    const before = await lastAttempt(stack, "a1");
    stack.killFunction("SIGKILL");
    for (let change = 0; change < 10; change++) {
      await setStatus(stack, "a1", change % 2 === 0 ? "resigned" : "active");
    }
    await stack.restartFunction();
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), true);
    assertEquals(withoutIds(await awaitAuditRows(stack, "a1", 1, before)), [{
      ...row,
      mentor_id: mentor("a1"),
      operation: "restore",
      triggered_by_event: "status_change:active",
    }]);
  },

  async "a lost nudge is made good by the sweep"(stack) {
    await setStatus(stack, "a1", "active");
    await untilIdle(stack);
    await stack.sql("alter table public.mentors disable trigger user");
    await setStatus(stack, "a1", "paused");
    await stack.sql("alter table public.mentors enable trigger user");
    await stack.sql("select hlf_sync.sweep()");
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
  },

  async "an export log that the host app may have is left alone"(stack) {
    await stack.sql("create table public.bufdir_export_audit_log (id integer primary key)");
    await stack.sql("insert into public.bufdir_export_audit_log values (1)");
    await setStatus(stack, "a1", "active");
    await untilIdle(stack);
    assertEquals(await stack.sql("select * from public.bufdir_export_audit_log"), [{ id: 1 }]);
    assertEquals(
      await stack.sql(
        "select p.proname from pg_proc as p where p.prosrc like '%bufdir%'",
      ),
      [],
    );
  },
});
