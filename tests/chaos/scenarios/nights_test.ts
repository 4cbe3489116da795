import { assertEquals } from "@std/assert";
import { stackTest } from "../../stack_test_frame.ts";
import { eventually, mentor, post, untilIdle } from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";

/** The certificate of a mentor, in days from today. */
async function expiresIn(stack: Stack, code: string, days: number): Promise<void> {
  await stack.sql(
    `update public.mentors set certification_expiry_date = hlf_sync.today_in_oslo() + $1::text::integer
     where id = $2::text::uuid`,
    [String(days), mentor(code)],
  );
}

/** Every certificate, and what was noted of it, ends a day sooner. */
async function aDayPasses(stack: Stack): Promise<void> {
  for (
    const table of ["mentors", "cert_expiry_reminders", "hlf_mentor_status_transitions"]
  ) {
    await stack.sql(
      `update public.${table} set certification_expiry_date = certification_expiry_date - 1
       where certification_expiry_date is not null`,
    );
  }
}

/** Two processes and pg_cron itself, all at the same moment. */
async function nightsAtOnce(stack: Stack): Promise<void> {
  const nightly = () => post(stack, { type: "nightly" }, { apikey: stack.secretKey });
  const inDatabase = () => stack.sql("select hlf_sync.run_night(hlf_sync.today_in_oslo())");
  await Promise.all([nightly(), inDatabase(), nightly(), inDatabase(), nightly()]);
  await eventually("the night is finished", async () => {
    const open = await stack.sql("select from public.hlf_nightly_runs where finished_at is null");
    const runs = await stack.sql("select from public.hlf_nightly_runs");
    return runs.length > 0 && open.length === 0;
  });
  await untilIdle(stack);
}

/** What the nights left behind, with mentors by their codes. */
async function traces(stack: Stack): Promise<Record<string, unknown>> {
  const reminders = await stack.sql<{ trace: string }>(
    `select right(mentor_id::text, 2) || ' ' || threshold_day as trace
     from public.cert_expiry_reminders order by mentor_id, threshold_day desc`,
  );
  const transitions = await stack.sql<{ trace: string }>(
    `select right(mentor_id::text, 2) || ' ' || from_status || ' to ' || to_status as trace
     from public.hlf_mentor_status_transitions order by mentor_id, id`,
  );
  const notifications = await stack.sql<{ trace: string }>(
    `select right(mentor_id::text, 2) || ' ' || kind as trace
     from public.hlf_coordinator_notifications order by mentor_id, kind`,
  );
  const runs = await stack.sql<{ trace: string }>(
    `select format('%s reminded, %s expired, %s duplicates', reminder_count, expired_count, duplicate_count)
       as trace
     from public.hlf_nightly_runs where run_date = hlf_sync.today_in_oslo()`,
  );
  const told = (rows: { trace: string }[]) => rows.map(({ trace }) => trace);
  return {
    reminders: told(reminders),
    transitions: told(transitions),
    notifications: told(notifications),
    runs: told(runs),
  };
}

const AFTER_THREE_MISSED_NIGHTS = {
  // a1 passed 30 days three nights ago, a2 two thresholds meanwhile, b1 reaches 7 days today.
  reminders: ["a1 30", "a2 30", "a2 14", "b1 30", "b1 14", "b1 7"],
  transitions: ["a3 active to expired_cert"],
  notifications: [
    "a1 certification_reminder",
    "a2 certification_reminder",
    "a3 certification_expired",
    "b1 certification_reminder",
  ],
  runs: ["6 reminded, 1 expired, 0 duplicates"],
};

stackTest("nights at once, and after missed ones, remind and expire exactly once", {
  functionProcesses: 2,
}, async (stack, step) => {
  await untilIdle(stack);
  await expiresIn(stack, "a1", 27);
  await expiresIn(stack, "a2", 12);
  await expiresIn(stack, "a3", -3);
  await expiresIn(stack, "a4", 31);
  // Paused already: nothing to remind of, nothing to take away.
  await expiresIn(stack, "a5", -3);
  await expiresIn(stack, "b1", 7);

  await step("after three missed nights, with two processes at once", async () => {
    await stack.sql(
      `insert into public.hlf_nightly_runs (run_date, finished_at)
           values (hlf_sync.today_in_oslo() - 4, now() - interval '4 days')`,
    );
    await nightsAtOnce(stack);
    assertEquals(await traces(stack), AFTER_THREE_MISSED_NIGHTS);
    assertEquals((await stack.simulator.website()).includes(mentor("a3")), false);
  });

  await step("a second time on the same date", async () => {
    await nightsAtOnce(stack);
    assertEquals(await traces(stack), AFTER_THREE_MISSED_NIGHTS);
  });

  await step("and on the day after", async () => {
    await aDayPasses(stack);
    await nightsAtOnce(stack);
    const { reminders, transitions } = await traces(stack);
    assertEquals(reminders, ["a1 30", "a2 30", "a2 14", "a4 30", "b1 30", "b1 14", "b1 7"]);
    assertEquals(transitions, AFTER_THREE_MISSED_NIGHTS.transitions);
  });
});
