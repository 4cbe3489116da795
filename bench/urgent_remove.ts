/**
 * How long an urgent remove takes in the middle of a backlog of restores, from falling due to settled, with answers of Dynamics
 * of 20 ms, 300 ms and 2 s; beside another checkout of the project where one is named. The removes fall due at random moments,
 * every other one without a nudge, as if it were lost.
 *
 * @module
 */
import { resolve } from "node:path";
import { ORGANISATION_A } from "../stack/observe.ts";
import { startPostgresServer } from "../stack/postgres/server.ts";
import { startStack } from "../stack/stack.ts";
import type { Stack } from "../stack/stack_types.ts";
import { systemSleep as sleep } from "../supabase/functions/_shared/clock.ts";
import { byTurns } from "./rounds.ts";
import { median } from "./statistics.ts";

/** Of each latency: how large a backlog outlasts the samples, and the mean gap between two. */
const CASES = [
  { latency: 0.02, backlog: 24_000, gapSeconds: 0.4 },
  { latency: 0.3, backlog: 3_500, gapSeconds: 0.6 },
  { latency: 2, backlog: 900, gapSeconds: 1 },
] as const;
const LATENCIES = CASES.map(({ latency }) => latency);
/** Of each latency and round. */
const SAMPLES = 24;
const ROUNDS = 4;

async function measure(
  stack: Stack,
  { latency, backlog, gapSeconds }: typeof CASES[number],
): Promise<{ nudged: number[]; silent: number[] }> {
  await stack.simulator.setLatency({ seconds: 0 });
  await stack.sql("update public.hlf_sync_switches set is_enabled = false where true");
  await stack.sql("delete from public.mentors");
  await stack.sql("delete from public.hlf_sync_state");
  await stack.sql("delete from hlf_sync.attempts");
  const rows = await stack.sql<{ id: string }>(
    `insert into public.mentors (organisation_id, full_name, status, certification_expiry_date)
     select $1::text::uuid, 'Invented person ' || n, 'active', '2040-01-01'
     from generate_series(1, $2::integer) as n returning id`,
    [ORGANISATION_A, backlog + SAMPLES],
  );
  const ids = rows.map(({ id }) => id);
  const urgent = ids.slice(0, SAMPLES);
  await stack.simulator.seed(ids.map((mentorId) => ({ mentorId, published: true })));
  await stack.sql(
    `update public.hlf_sync_state set due_at = case when mentor_id = any ($1::text[]::uuid[]) then null else now() end,
       confirmed_operation = 'restore', confirmed_generation = generation`,
    [urgent],
  );
  await stack.sql("vacuum (analyze) public.hlf_sync_state");
  await stack.simulator.setLatency({ seconds: latency });
  await stack.sql(
    `insert into public.hlf_sync_switches (organisation_id, is_enabled) values ($1::text::uuid, true)
     on conflict (organisation_id) do nothing`,
    [ORGANISATION_A],
  );
  // Switching on would make those due who are not to be yet.
  await stack.sql(
    `do $$ begin
       set local session_replication_role = replica;
       update public.hlf_sync_switches set is_enabled = true where organisation_id = '${ORGANISATION_A}';
     end $$`,
  );
  await stack.sql(`select hlf_sync.nudge('{"type": "sweep"}')`);
  await sleep(2 + 2 * latency);
  for (const [index, id] of urgent.entries()) {
    const isNudged = index % 2 === 0;
    await stack.sql(
      isNudged
        ? "update public.mentors set status = 'paused' where id = $1::text::uuid"
        : `do $$ begin
             set local session_replication_role = replica;
             update public.mentors set status = 'paused' where id = '${id}';
             update public.hlf_sync_state set wanted_operation = 'remove', generation = generation + 1,
               triggered_by_event = 'status_change:paused', requested_at = clock_timestamp(), due_at = clock_timestamp()
             where mentor_id = '${id}';
           end $$`,
      isNudged ? [id] : [],
    );
    await sleep(gapSeconds * -Math.log(1 - Math.random() * 0.98));
  }
  const [left] = await stack.sql<{ count: number }>(
    "select count(*)::integer as count from public.hlf_sync_state where due_at is not null",
  );
  if ((left?.count ?? 0) === 0) console.error(`${latency} s: the backlog was over before`);
  const deadline = performance.now() + 60_000;
  for (;;) {
    const settled = await stack.sql<{ id: string; milliseconds: number }>(
      `select s.mentor_id as id, extract(epoch from t.settled_at - s.requested_at)::float8 * 1000 as milliseconds
       from public.hlf_sync_state as s
       join hlf_sync.attempts as t on t.mentor_id = s.mentor_id and t.operation = 'remove' and t.outcome = 'success'
       where s.mentor_id = any ($1::text[]::uuid[])`,
      [urgent],
    );
    if (settled.length === SAMPLES) {
      const of = (parity: number) =>
        settled.filter(({ id }) => urgent.indexOf(id) % 2 === parity).map((one) =>
          one.milliseconds
        );
      // What is left of the backlog is nobody's.
      await stack.sql(
        "update public.hlf_sync_state set due_at = null where in_flight_attempt_id is null",
      );
      await sleep(3 + 2 * latency);
      return { nudged: of(0), silent: of(1) };
    }
    if (performance.now() > deadline) throw new Error(`${settled.length} of ${SAMPLES} settled`);
    await sleep(0.5);
  }
}

async function runHere(): Promise<void> {
  const server = await startPostgresServer();
  const stack = await startStack({
    database: { kind: "postgres", url: server.databaseUrl, postgrest: Deno.env.get("POSTGREST") },
    cron: false,
    functionProcesses: 1,
    websiteCacheSeconds: 3600,
    functionEnvironment: { HLF_SYNC_CONCURRENCY: "50", HLF_SYNC_TIME_BUDGET_SECONDS: "300" },
  });
  try {
    await stack.simulator.setLimits(null);
    await stack.sql("update public.hlf_sync_gate set max_requests = 100000000");
    for (const one of CASES) {
      console.log(JSON.stringify({ latency: one.latency, ...await measure(stack, one) }));
    }
  } finally {
    await stack.stop();
    await server.stop();
  }
}

interface Line {
  readonly latency: number;
  readonly nudged: number[];
  readonly silent: number[];
}

async function runIn(checkout: string): Promise<Line[]> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "-A", "bench/urgent_remove.ts", "--here"],
    cwd: checkout,
    stdout: "piped",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`The bench failed in ${checkout}`);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith('{"latency'))
    .map((line) => JSON.parse(line));
}

function describe(values: readonly number[]): string {
  return `${Math.round(median(values))} / ${Math.round(Math.max(...values))} (${values.length})`;
}

if (Deno.args.includes("--here")) {
  await runHere();
} else {
  const checkouts = [...Deno.args, "."].map((path) => resolve(path));
  const found = await byTurns(
    ROUNDS,
    Object.fromEntries(checkouts.map((path) => [path, () => runIn(path)])),
  );
  for (const latency of LATENCIES) {
    for (const [index, path] of checkouts.entries()) {
      const lines = (found[path] ?? []).flat().filter((line) => line.latency === latency);
      const nudged = lines.flatMap((line) => line.nudged);
      const silent = lines.flatMap((line) => line.silent);
      const name = index === checkouts.length - 1 ? "this" : `checkout ${index + 1}`;
      console.log(
        `${latency} s  ${name}  nudged ${describe(nudged)}  silent ${describe(silent)}  all ${
          describe([...nudged, ...silent])
        }`,
      );
    }
  }
}
