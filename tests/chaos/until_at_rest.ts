import type { Played } from "./played.ts";
import type { ChaosStack } from "./chaos_stack.ts";

/**
 * Time in which everything has to be quiet again once the faults are over: several times the lease of a night's reader, because
 * the night of a reader whose reading failed is begun anew only when its lease has run out.
 */
const PATIENCE_MILLISECONDS = 240_000;
/** As long as the next sweep waits for what the one before has set off; an attempt of a killed worker ends by a sweep alone. */
const ROUND_MILLISECONDS = 5_000;
/** Longer than any late answer: after that Dynamics carries nothing out any more. */
const LATEST_COMMIT_MILLISECONDS = 4_000;

interface Unrest {
  readonly due: number;
  readonly in_flight: number;
  readonly unsettled: number;
  readonly queued: number;
  readonly gate: string | null;
  /** Open alerts, except dead letters, which are a person's to end, and jobs, as schedules sweep when they say so. */
  readonly alerts: readonly string[];
}

/**
 * Sweeps, as pg_cron does every minute, until nothing is due, under way or on its way.
 *
 * @param options.untilAlertsAreOver whether to wait for the rounds in which alerts end, some of which come after their cause
 * @throws {Error} that says what does not come to rest
 */
export async function untilAtRest(
  chaosStack: ChaosStack,
  played: Played,
  { untilAlertsAreOver = false }: { readonly untilAlertsAreOver?: boolean } = {},
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (true) {
    await endTrouble(chaosStack);
    await sweep(chaosStack);
    await answered(chaosStack);
    const unrest = await look(chaosStack);
    const openCalls = countOpenCalls(chaosStack);
    const isQuiet = unrest.due + unrest.in_flight + unrest.unsettled + unrest.queued === 0 &&
      unrest.gate === null && (!untilAlertsAreOver || unrest.alerts.length === 0) &&
      openCalls === 0;
    if (isQuiet && !await awaitsLateCommit(chaosStack, played)) return;
    if (performance.now() > deadline) {
      throw new Error(`It does not come to rest: ${JSON.stringify({ ...unrest, openCalls })}`);
    }
    await pause(60);
  }
}

/**
 * Ends what a schedule has put out of order in the database. Once is not enough: a statement that was given up with its
 * connection may be carried out late, and do it again although the faults are over.
 */
export async function endTrouble(chaosStack: ChaosStack): Promise<void> {
  await chaosStack.sql(
    "update public.hlf_sync_switches set is_enabled = true where not is_enabled",
  );
  await chaosStack.sql("update stand_in.faults set is_out_of_order = false where is_out_of_order");
  // Looked for first, as whoever alters the log locks it.
  await chaosStack.sql(
    `do $$ begin
       if exists (select from pg_catalog.pg_constraint where conname = 'out_of_order') then
         alter table public.hlf_sync_audit_log drop constraint if exists out_of_order;
       end if;
     end $$`,
  );
}

/**
 * What pg_cron does every minute. The time it gives the function's own audit inserts is scaled like all others, so that
 * function and database meet over one row.
 */
export async function sweep(chaosStack: ChaosStack): Promise<void> {
  await chaosStack.sql("select hlf_sync.sweep(), hlf_sync.watch()");
  // Out of order it may be while the log is made to fail; the sweep itself only notes that.
  await chaosStack.sql("select hlf_sync.fill_audit_gaps('0.02 seconds')").catch(() => {});
}

/**
 * Waits a while for what a sweep has set off. On a busy machine sweeps that follow each other regardless would ask for more
 * than is ever answered.
 */
async function answered(chaosStack: ChaosStack): Promise<void> {
  const deadline = performance.now() + ROUND_MILLISECONDS;
  do {
    await pause(40);
  } while (
    performance.now() < deadline &&
    ((await look(chaosStack)).queued > 0 || countOpenCalls(chaosStack) > 0)
  );
}

/** Calls of the workers to the database that have not been answered yet. */
function countOpenCalls({ workers }: ChaosStack): number {
  return workers.reduce((sum, worker) => sum + worker.openCalls, 0);
}

async function look(chaosStack: ChaosStack): Promise<Unrest> {
  const [row] = await chaosStack.sql<Unrest>(
    `select
       (select count(*)::integer from public.hlf_sync_state where due_at is not null) as due,
       (select count(*)::integer from public.hlf_sync_state
        where in_flight_attempt_id is not null) as in_flight,
       (select count(*)::integer from hlf_sync.attempts where outcome is null) as unsettled,
       (select count(*)::integer from net.http_request_queue) as queued,
       (select reason from public.hlf_sync_gate where closed_until > clock_timestamp()) as gate,
       array(
         select kind from public.hlf_sync_alerts
         where closed_at is null and kind not in ('dead_letters', 'jobs_stopped') order by kind
       ) as alerts`,
  );
  if (row === undefined) throw new Error("The database does not say how it is");
  return row;
}

async function awaitsLateCommit(
  chaosStack: ChaosStack,
  { lateCommitFaults }: Played,
): Promise<boolean> {
  if (lateCommitFaults.size === 0) return false;
  const since = Date.now() - LATEST_COMMIT_MILLISECONDS;
  const requests = await chaosStack.simulator.requests();
  return requests.some((request) =>
    lateCommitFaults.has(request.fault ?? "") && !request.committed &&
    Date.parse(request.receivedAt) > since
  );
}

/** The next night, begun by two workers at once, until it is finished. */
export async function nextNight(chaosStack: ChaosStack): Promise<void> {
  // As if a day had passed: the date's run is what makes a second one do nothing.
  await chaosStack.sql("delete from public.hlf_sync_drifts");
  await chaosStack.sql("delete from public.hlf_nightly_runs");
  const deadline = performance.now() + PATIENCE_MILLISECONDS;
  while (performance.now() < deadline) {
    await Promise.all([1, 2].map(async () => {
      const key = { apikey: chaosStack.keys.secretKey };
      const response = await chaosStack.frontDoor.call({ type: "nightly" }, key);
      await response?.body?.cancel();
    }));
    for (let looks = 0; looks < 20; looks++) {
      const finished = await chaosStack.sql(
        "select from public.hlf_nightly_runs where finished_at is not null",
      );
      if (finished.length > 0) return;
      await pause(30);
    }
    await acceptReading(chaosStack);
  }
  throw new Error("The night after is never finished");
}

/**
 * What an operator does once a night says that it found far fewer listings than before: a schedule may have HLF delete more
 * than half of them, and nobody but a person can tell that from a reading that is wrong.
 */
async function acceptReading(chaosStack: ChaosStack): Promise<void> {
  const listings = await chaosStack.simulator.listings();
  await chaosStack.sql(
    `select hlf_sync.accept_listing_count($1) from public.hlf_nightly_runs
     where refused_reading in ('none', 'fewer') and refused_listing_count = $1`,
    [listings.length],
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
