import type { Stack } from "../stack/stack_types.ts";
import { systemSleep as sleep } from "../supabase/functions/_shared/clock.ts";
import { type FunctionProcess, REAL_FUNCTION, startFunction } from "./function_process.ts";
import { DYNAMICS_SECONDS, type Ground, IN_FLIGHT } from "./ground.ts";
import { millisecondsOf } from "./processor_time.ts";
import { median } from "./statistics.ts";
import { figure, percent, type Section } from "./table.ts";

/** Milliseconds that a hosted isolate has in its life. <https://supabase.com/docs/guides/functions/limits> */
const LIFE = 2000;

/** What an isolate spends its processor time on, by the thread that the hosted runtime counts: the first of the process. */
export async function measureIsolate(
  ground: Ground,
  { attempts, singles, listings, latencies }: {
    attempts: number;
    singles: number;
    listings: number;
    latencies: readonly number[];
  },
): Promise<Section> {
  const { stack } = ground;
  const row = (what: string, count: number, milliseconds: number, claims?: number) => [
    what,
    figure(milliseconds),
    figure(milliseconds * 1000 / count),
    claims === undefined ? "" : figure(claims),
    claims === undefined ? "" : figure(milliseconds / claims),
    percent(milliseconds / LIFE),
  ];
  await ground.fill(attempts);
  const rows = await withFunction(ground, async (one) => {
    const started = millisecondsOf(one.process.pid);
    const first = await drainOnce(ground, one, 1);
    const others: number[] = [];
    for (let n = 0; n < singles; n++) others.push(await drainOnce(ground, one, 1));
    return [
      row("to the first answer", 1, started),
      row("the first sync, with the engine loaded for it", 1, first),
      row("a sync that comes alone", 1, median(others), 1),
    ];
  });
  for (const seconds of latencies) {
    await stack.simulator.setLatency({ seconds });
    const spent = await withFunction(ground, (one) => drainOnce(ground, one, attempts));
    const what = `a backlog of ${figure(attempts)}, Dynamics answering in ${seconds * 1000} ms`;
    rows.push(row(what, attempts, spent, await countClaims(stack)));
  }
  await stack.simulator.setLatency({ seconds: DYNAMICS_SECONDS });
  await ground.fill(listings);
  const spent = await withFunction(ground, (one) => spend(one, "nightly", "night_finished"));
  rows.push(row(`a night of ${figure(listings)} listings`, listings, spent));
  return {
    title: "An isolate's processor time",
    header: ["", "ms", "µs each", "claims", "ms a claim", `of ${figure(LIFE)}`],
    rows,
    notes: [
      `Of the first thread, from \`/proc/<pid>/schedstat\`; each backlog and the night by a new process, whose code nothing ` +
      `has compiled yet. A sync that comes alone: the median of ${singles}, after the first. Claims that got something, and ` +
      "what follows from them.",
    ],
  };
}

/** What is claimed together has one time. */
async function countClaims(stack: Stack): Promise<number> {
  const [row] = await stack.sql<{ claims: number }>(
    "select count(distinct claimed_at)::integer as claims from hlf_sync.attempts",
  );
  return row?.claims ?? NaN;
}

async function withFunction<T>(
  ground: Ground,
  use: (one: FunctionProcess) => Promise<T>,
): Promise<T> {
  const environment = { ...ground.environment, HLF_SYNC_CONCURRENCY: String(IN_FLIGHT) };
  const one = await startFunction(REAL_FUNCTION, environment, ground.stack.secretKey);
  try {
    return await use(one);
  } finally {
    await one.stop();
  }
}

async function drainOnce(ground: Ground, one: FunctionProcess, attempts: number): Promise<number> {
  await ground.makeDue(attempts);
  return await spend(one, "sweep", "drain_finished");
}

async function spend(one: FunctionProcess, type: string, event: string): Promise<number> {
  const before = millisecondsOf(one.process.pid);
  const finished = one.event(event, 300);
  await one.post({ type });
  await finished;
  // The last audit rows are on their way.
  await sleep(0.2);
  return millisecondsOf(one.process.pid) - before;
}
