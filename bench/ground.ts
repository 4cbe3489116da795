import { startPostgresServer } from "../stack/postgres/server.ts";
import { functionEnvironment } from "../stack/functions/function_environment.ts";
import { startStack } from "../stack/stack.ts";
import type { Stack } from "../stack/stack_types.ts";
import { BenchError } from "./errors.ts";
import { type Postgrest, startNamedPostgrest } from "../stack/rest/postgrest.ts";

/** How long the simulated Dynamics takes for each answer. */
export const DYNAMICS_SECONDS = 0.02;
/** The most that Dataverse takes of one application user at a time, less a reserve: the gate's default. */
export const IN_FLIGHT = 50;

/**
 * Where all measurements are taken: a PostgreSQL server, REST over it and the simulator. No function runs until a
 * measurement starts one, and no cron job disturbs it.
 */
export interface Ground {
  readonly stack: Stack;
  /** The real one over the same database; null where the environment's `POSTGREST` names none. */
  readonly postgrest: Postgrest | null;
  /** The settings of a function process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces all mentors and their listings by so many that are in sync; returns their ids. */
  fill(mentors: number): Promise<string[]>;
  /** Makes the listings what the app wants, except one in `driftEvery`, and forgets attempts and nights. */
  bringInSync(options: { driftEvery: number }): Promise<void>;
  /** Makes so many of the mentors due, half to remove and half to restore, with nothing left of what was before. */
  makeDue(mentors: number): Promise<void>;
  /** Back to tables without dead rows. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws {StackError} when a part cannot be started */
export async function startGround(): Promise<Ground> {
  const server = await startPostgresServer();
  try {
    const stack = await startStack({
      database: { kind: "postgres", url: server.databaseUrl },
      cron: false,
      functionProcesses: 0,
      websiteCacheSeconds: 3600,
    });
    await stack.simulator.setLimits(null);
    await stack.simulator.setLatency({ seconds: DYNAMICS_SECONDS });
    // The budget of a real application user would stop a backlog of this size half-way, round after round.
    await stack.sql("update public.hlf_sync_gate set max_requests = 100000000");
    const postgrest = await startNamedPostgrest(
      Deno.env.get("POSTGREST"),
      stack.databaseUrl,
      stack.jwtSecret,
    );
    return {
      stack,
      postgrest,
      environment: functionEnvironment(stack, stack),
      fill: (mentors) => fill(stack, mentors),
      bringInSync: ({ driftEvery }) => bringInSync(stack, driftEvery),
      makeDue: (mentors) => makeDue(stack, mentors),
      tidy: () => tidy(stack),
      stop: async () => {
        await postgrest?.stop();
        await stack.stop();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

const ORGANISATION = "00000000-0000-4000-8000-00000000000a";

async function fill(stack: Stack, mentors: number): Promise<string[]> {
  await stack.sql("delete from public.mentors");
  await stack.sql("delete from public.hlf_sync_state");
  await stack.sql("delete from hlf_sync.attempts");
  const rows = await stack.sql<{ id: string }>(
    `insert into public.mentors (organisation_id, full_name, status)
     select $1, 'Invented person ' || n, (case n % 2 when 0 then 'active' else 'paused' end)::public.mentor_status
     from generate_series(1, $2::integer) as n returning id`,
    [ORGANISATION, mentors],
  );
  await bringInSync(stack, Infinity);
  return rows.map(({ id }) => id);
}

async function bringInSync(stack: Stack, driftEvery: number): Promise<void> {
  await stack.sql("delete from hlf_sync.attempts");
  await stack.sql("delete from public.hlf_sync_drifts");
  await stack.sql("delete from public.hlf_nightly_runs");
  // In sync with Dynamics since yesterday.
  await stack.sql(
    `update public.hlf_sync_state set due_at = null, attempts = 0, confirmed_operation = wanted_operation,
       confirmed_generation = generation, confirmed_at = now() - interval '1 day'`,
  );
  await tidy(stack);
  const rows = await stack.sql<{ id: string; published: boolean }>(
    "select id, status = 'active' as published from public.mentors order by id",
  );
  await stack.simulator.seed(
    rows.map(({ id, published }, index) => ({
      mentorId: id,
      published: index % driftEvery === driftEvery - 1 ? !published : published,
    })),
  );
  await stack.simulator.clearRequests();
}

async function makeDue(stack: Stack, mentors: number): Promise<void> {
  await stack.sql("delete from hlf_sync.attempts");
  await stack.sql("update public.hlf_sync_state set due_at = null, attempts = 0");
  await tidy(stack);
  await stack.simulator.clearRequests();
  const due = await stack.sql(
    `update public.hlf_sync_state set due_at = clock_timestamp(), generation = generation + 1
     where mentor_id in (select mentor_id from public.hlf_sync_state order by mentor_id limit $1) returning 1`,
    [mentors],
  );
  if (due.length !== mentors) {
    throw new BenchError(
      `${due.length} mentors are due instead of ${mentors}`,
      "unexpected_result",
    );
  }
}

async function tidy(stack: Stack): Promise<void> {
  for (const table of ["public.mentors", "public.hlf_sync_state", "hlf_sync.attempts"]) {
    await stack.sql(`vacuum (analyze) ${table}`);
  }
}
