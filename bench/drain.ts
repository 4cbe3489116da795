import type { Stack } from "../stack/stack_types.ts";
import { systemSleep as sleep } from "../supabase/functions/_shared/clock.ts";
import { BenchError } from "./errors.ts";
import { type FunctionProcess, REAL_FUNCTION, startFunction } from "./function_process.ts";
import { type Ground, IN_FLIGHT } from "./ground.ts";
import { type ProcessorTime, readProcessorTime, since } from "./processor_time.ts";
import { runProgram } from "./run_program.ts";

/** Jobs before the measured ones: compiler, connections and plans are warm, as in a worker that has been up. */
const WARM_UP = 300;
/** The function with another way to the database. */
const OTHER_FUNCTION = "bench/programs/function.ts";

/** How a function reaches the database: by the stand-in for PostgREST, past it, or by the real one. */
type Way = "stand-in" | "direct" | "postgrest";

const ROLES = [
  ["simulator/main", "dynamics"],
  ["supabase/functions/hlf-sync/", "worker"],
  ["bench/programs/", "worker"],
  ["postgrest", "bench"],
  ["postgres", "postgres"],
] as const;

/** One backlog, worked off. */
export interface Drained {
  readonly syncsPerSecond: number;
  /** Milliseconds of processor time for each sync; `bench` is the process that plays REST, or PostgREST. */
  readonly processor: ProcessorTime;
  /** Syncs of each process. */
  readonly shares: readonly number[];
  /** Requests that the stand-in for REST was sent; 0 for whoever goes past it. */
  readonly roundTrips: number;
}

/** Has one or more processes of a function work a backlog off, from the nudge to the last row settled and audited. */
export async function drainWithFunction(
  ground: Ground,
  jobs: number,
  { processes = 1, way = "stand-in" }: { processes?: number; way?: Way } = {},
): Promise<Drained> {
  const { stack, postgrest } = ground;
  const environment = {
    ...ground.environment,
    HLF_SYNC_CONCURRENCY: String(IN_FLIGHT),
    ...(way === "direct" && { BENCH_DATABASE_URL: stack.databaseUrl }),
    ...(way === "postgrest" && postgrest !== null && {
      BENCH_POSTGREST_URL: postgrest.url,
      BENCH_POSTGREST_TOKEN: postgrest.serviceToken,
    }),
  };
  const program = way === "stand-in" ? REAL_FUNCTION : OTHER_FUNCTION;
  const functions = await Promise.all(
    Array.from(
      { length: processes },
      () => startFunction(program, environment, stack.secretKey),
    ),
  );
  try {
    await ground.makeDue(WARM_UP);
    await workOff(ground, functions, WARM_UP);
    await ground.makeDue(jobs);
    return await workOff(ground, functions, jobs);
  } finally {
    await Promise.all(functions.map((one) => one.stop()));
  }
}

async function workOff(
  { stack }: Ground,
  functions: readonly FunctionProcess[],
  jobs: number,
): Promise<Drained> {
  const before = readProcessorTime(ROLES);
  const seenBefore = stack.traffic.seen;
  const [start] = await stack.sql<{ now: string }>("select clock_timestamp()::text as now");
  // One of several may find nothing left, and then says nothing.
  const shares = functions.map(() => 0);
  const finished = functions.map(async (one, index) => {
    shares[index] = Number((await one.event("drain_finished", 120))["attempts"]);
  });
  await Promise.all(functions.map((one) => one.post({ type: "sweep" })));
  await Promise.race([Promise.all(finished), untilNothingIsDue(stack)]);
  for (const one of finished) one.catch(() => {});
  const seconds = await readSeconds(stack, start?.now ?? "", jobs);
  const used = since(before, readProcessorTime(ROLES));
  return {
    syncsPerSecond: jobs / seconds,
    processor: perJob(used, jobs),
    shares,
    roundTrips: stack.traffic.seen - seenBefore,
  };
}

async function untilNothingIsDue(stack: Stack): Promise<void> {
  for (;;) {
    await sleep(0.5);
    const [row] = await stack.sql<{ open: boolean }>(
      `select exists (select from public.hlf_sync_state
       where due_at is not null or in_flight_attempt_id is not null) as open`,
    );
    // And so long that those who did something have said so.
    if (row?.open === false) return await sleep(0.5);
  }
}

/** Until the last is settled and its audit row is there, by the database's clock. */
async function readSeconds(
  stack: Stack,
  start: string,
  jobs: number,
): Promise<number> {
  for (let tries = 0; tries < 3000; tries++) {
    const [row] = await stack.sql<{ settled: number; audited: number; seconds: number }>(
      `select settled, audited, extract(epoch from greatest(last_settled, last_audited) - $1::text::timestamptz)::float8
         as seconds
       from (
         select count(*)::integer as settled, max(settled_at) as last_settled
         from hlf_sync.attempts where outcome = 'success'
       ) as attempts, (
         select count(*)::integer as audited, max(created_at) as last_audited
         from public.hlf_sync_audit_log where created_at >= $1::text::timestamptz
       ) as log`,
      [start],
    );
    if (row?.settled === jobs && row.audited === jobs) return row.seconds;
    await sleep(0.02);
  }
  throw new BenchError("The function did not sync and audit everybody once", "unexpected_result");
}

/** Has a program of its own do the same jobs: the ceiling, or a rival. */
export async function drainWithProgram(
  { stack }: Ground,
  name: string,
  mentorIds: readonly string[],
): Promise<Drained> {
  const before = readProcessorTime(ROLES);
  const told = await runProgram(name, {
    simulatorUrl: stack.simulatorUrl,
    databaseUrl: stack.databaseUrl,
    mentorIds: [...mentorIds],
    warmUp: WARM_UP,
    inFlight: IN_FLIGHT,
  });
  const jobs = mentorIds.length;
  const used = perJob(since(before, readProcessorTime(ROLES)), jobs + WARM_UP);
  return {
    syncsPerSecond: jobs / told.seconds,
    processor: { ...used, worker: told.processorSeconds * 1000 / jobs },
    shares: [jobs],
    roundTrips: 0,
  };
}

function perJob(used: ProcessorTime, jobs: number): ProcessorTime {
  return Object.fromEntries(
    Object.entries(used).map(([role, seconds]) => [role, seconds * 1000 / jobs]),
  );
}
