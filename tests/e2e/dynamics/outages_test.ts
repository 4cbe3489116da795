import { assert, assertEquals } from "@std/assert";
import {
  auditRows,
  awaitAlerts,
  completeLog,
  eventually,
  isOnWebsite,
  mentor,
  openAlerts,
  ORGANISATION_A,
  ORGANISATION_B,
  post,
  setStatus,
  sweep,
  untilIdle,
} from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { QUICK_BACKOFF, scenariosTest } from "../harness.ts";

/** Every alert of a kind, open or over. */
async function timesRaised(stack: Stack, kind: string): Promise<number> {
  const [row] = await stack.sql<{ count: number }>(
    "select count(*)::integer as count from public.hlf_sync_alerts where kind = $1",
    [kind],
  );
  return row?.count ?? 0;
}

async function deadLetters(stack: Stack): Promise<string[]> {
  const rows = await stack.sql<{ mentor_id: string }>(
    "select mentor_id from public.hlf_sync_state where dead_lettered_at is not null order by 1",
  );
  return rows.map((row) => row.mentor_id);
}

async function forgetAlerts(stack: Stack): Promise<void> {
  await stack.sql("delete from public.hlf_sync_alerts where true");
}

async function gateReason(stack: Stack): Promise<string | null> {
  const [row] = await stack.sql<{ reason: string | null }>(
    "select case when closed_until > now() then reason end as reason from public.hlf_sync_gate",
  );
  return row?.reason ?? null;
}

/** Whoever is to be hidden and is not confirmed so, fifteen minutes later, is in an alert. */
async function assertTold(stack: Stack, code: string): Promise<void> {
  await stack.sql(
    "update public.hlf_sync_state set requested_at = requested_at - interval '16 minutes' where mentor_id = $1",
    [mentor(code)],
  );
  await eventually(`${code} is in an alert`, async () => {
    await stack.sql("select hlf_sync.watch()");
    const alerts = await openAlerts(stack);
    return alerts.includes("rows_overdue") || alerts.includes("dead_letters");
  });
}

const numbered = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, "0")}`;

/** Adds active mentors who have listings and are confirmed. */
async function addMentors(stack: Stack, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => numbered(n + 1));
  const rows = await stack.simulator.listings();
  await stack.simulator.seed([
    ...rows.map(({ mentorId, published, name }) => ({ mentorId, published, name })),
    ...ids.map((mentorId) => ({ mentorId, published: true })),
  ]);
  await stack.sql(
    `insert into public.mentors (id, organisation_id, full_name, status)
     select id, $2, 'Oppdiktet', 'active' from unnest($1::uuid[]) as id
     on conflict do nothing`,
    [ids, ORGANISATION_B],
  );
  await settledAll(stack);
  return ids;
}

/** A thousand take a while on a busy machine; what counts is that they come to an end. */
async function settledAll(stack: Stack): Promise<void> {
  const left = async () => {
    const [row] = await stack.sql<{ open: number }>(
      `select count(*)::integer as open from public.hlf_sync_state
       where due_at is not null or in_flight_attempt_id is not null`,
    );
    return row?.open ?? 0;
  };
  for (let before = Infinity, open = await left(); open > 0 && open < before;) {
    before = open;
    await untilIdle(stack).catch(() => {});
    open = await left();
  }
  await untilIdle(stack);
}

async function setStatuses(stack: Stack, ids: readonly string[], status: string): Promise<void> {
  await stack.sql(
    "update public.mentors set status = $1::public.mentor_status where id = any ($2::uuid[])",
    [
      status,
      ids,
    ],
  );
}

async function shownOf(stack: Stack, ids: readonly string[]): Promise<number> {
  const shown = new Set(await stack.simulator.website());
  return ids.filter((id) => shown.has(id)).length;
}

scenariosTest("outages of Dynamics", { functionEnvironment: QUICK_BACKOFF }, {
  async "one listing refused with 403 holds up nobody, flaps no alert, and ends with its coordinators told"(
    stack,
  ) {
    const others = await addMentors(stack, 50);
    await forgetAlerts(stack);
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: mentor("a1") },
      times: null,
      answer: { status: 403, code: "0x80040220" },
    });
    await setStatuses(stack, [mentor("a1"), ...others], "paused");
    await untilIdle(stack);
    assertEquals([await shownOf(stack, others), await isOnWebsite(stack, "a1")], [0, true]);
    assertEquals(await deadLetters(stack), [mentor("a1")]);
    assertEquals(await timesRaised(stack, "credentials_rejected"), 0);
    await awaitAlerts(stack, "dead_letters");
    assertEquals(
      await stack.sql(
        "select organisation_id, mentor_id from public.hlf_coordinator_notifications where kind = 'dead_lettered'",
      ),
      [{ organisation_id: ORGANISATION_A, mentor_id: mentor("a1") }],
    );
    const rows = await auditRows(stack, "a1");
    assertEquals(rows.at(-1)?.outcome, "dead_lettered");
    await assertTold(stack, "a1");

    await stack.simulator.clearFaults();
    await setStatus(stack, "a1", "resigned");
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), false);
  },

  async "the application's user disabled and enabled again: nobody is given up, and all is done"(
    stack,
  ) {
    await forgetAlerts(stack);
    await stack.simulator.setCredentials({ userDisabled: true });
    const ids = ["a2", "a3", "b1"].map(mentor);
    await setStatuses(stack, ids, "paused");
    await eventually("the gate is closed", async () => (await gateReason(stack)) === "credentials");
    for (let minute = 0; minute < 3; minute++) await sweep(stack);
    assertEquals(await shownOf(stack, ids), 3);
    assertEquals(await deadLetters(stack), []);
    await awaitAlerts(stack, "credentials_rejected");
    await assertTold(stack, "a2");
    await stack.simulator.setCredentials({ userDisabled: false });
    await untilIdle(stack);
    assertEquals([await shownOf(stack, ids), await deadLetters(stack)], [0, []]);
    await awaitAlerts(stack);
  },

  async "a misspelt column with a thousand mentors: no dead letter, one alert, all done once it is right"(
    stack,
  ) {
    const ids = await addMentors(stack, 1000);
    await setStatuses(stack, ids, "active");
    await settledAll(stack);
    await forgetAlerts(stack);
    await stack.restartFunction({ DYNAMICS_LISTING_PUBLISHED: "hlf_publisert" });
    await setStatuses(stack, ids, "paused");
    await eventually("the gate is closed", async () => (await gateReason(stack)) === "settings");
    for (let minute = 0; minute < 3; minute++) await sweep(stack);
    assertEquals(await shownOf(stack, ids), 1000);
    assertEquals(await deadLetters(stack), []);
    await awaitAlerts(stack, "settings_rejected");
    assertEquals(await timesRaised(stack, "settings_rejected"), 1);
    assertEquals(
      await stack.sql(
        "select id from public.hlf_sync_audit_log where outcome = 'dead_lettered' and mentor_id = any ($1::uuid[])",
        [ids],
      ),
      [],
    );
    await stack.restartFunction({ DYNAMICS_LISTING_PUBLISHED: "hlf_published" });
    await settledAll(stack);
    assertEquals([await shownOf(stack, ids), await deadLetters(stack)], [0, []]);
    await awaitAlerts(stack);
  },

  async "the environment renamed: nothing gets through, it is told, and all is done afterwards"(
    stack,
  ) {
    await forgetAlerts(stack);
    for (const target of ["patch", "query", "whoami"] as const) {
      await stack.simulator.addFault({
        match: { target },
        times: null,
        answer: { status: 404, body: "<html><body>Sorry</body></html>" },
      });
    }
    await setStatus(stack, "a4", "paused");
    await eventually("an attempt has failed", async () => {
      await completeLog(stack);
      return (await auditRows(stack, "a4")).some(({ error_message }) =>
        error_message?.startsWith("invalid_response")
      );
    });
    await post(stack, { type: "health" }, { apikey: stack.secretKey });
    assert((await openAlerts(stack)).includes("dynamics_unreachable"));
    await assertTold(stack, "a4");
    assertEquals(await isOnWebsite(stack, "a4"), true);
    await stack.simulator.clearFaults();
    await untilIdle(stack);
    if ((await deadLetters(stack)).length > 0) await setStatus(stack, "a4", "resigned");
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a4"), false);
    await post(stack, { type: "health" }, { apikey: stack.secretKey });
    await awaitAlerts(stack);
  },
});
