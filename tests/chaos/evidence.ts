import type { SimulatedRequest } from "../../simulator/simulator_client.ts";
import type { AuditRow } from "../../stack/observe.ts";
import type { Played } from "./played.ts";
import type { Stage } from "./stage.ts";
import type { ChaosStack } from "./chaos_stack.ts";
import { endTrouble } from "./until_at_rest.ts";

export interface AttemptRow {
  readonly attempt_id: string;
  readonly mentor_id: string;
  readonly operation: string;
  readonly generation: string;
  readonly retry_count: number;
  readonly outcome: string | null;
  readonly error_message: string | null;
  /** Made ahead of its time, in vain: none of the mentor's series. */
  readonly is_vain_probe: boolean;
  /** Milliseconds since 1970, with fractions. */
  readonly claimed_ms: number;
  /** As above; 0 before it is settled. */
  readonly settled_ms: number;
  /** How long ago, and why the last filling of the log left rows out. */
  readonly settled: string | null;
}

interface StateRow {
  readonly mentor_id: string;
  readonly wanted_operation: string;
  readonly confirmed_operation: string | null;
  readonly is_dead_letter: boolean;
}

/** A snapshot of the app and the website, taken together. */
export interface Snapshot {
  /** Mentors that the app has as active. */
  readonly active: readonly string[];
  /** Mentors that Dynamics has a listing of. */
  readonly listed: readonly string[];
  readonly onWebsite: readonly string[];
  readonly states: readonly StateRow[];
}

/** All that the invariants are about. */
export interface Evidence {
  readonly mentorIds: readonly string[];
  /** When everything had come to rest. */
  readonly before: Snapshot;
  /** After one more night. */
  readonly after: Snapshot;
  /** Mentors that only the night can have put right: their listing was changed past the app. */
  readonly excused: readonly string[];
  readonly requests: readonly SimulatedRequest[];
  readonly audit: readonly AuditRow[];
  readonly attempts: readonly AttemptRow[];
  readonly openAlerts: readonly string[];
  readonly certificationDuplicates: number;
  /** Outages of pg_net or Vault that raised no alert. */
  readonly untoldOutages: readonly string[];
  /** Lines of workers that are no log lines (a stack trace, the runtime's last words) or that admit a bug. */
  readonly strayOutput: readonly string[];
}

/** Log lines that no injected fault explains: an unexpected exception, or a complete response that could not be parsed. */
const ADMITS_BUG = /"event":"internal_error"|"code":"invalid_answer","status":200/;

export async function readSnapshot(chaosStack: ChaosStack): Promise<Snapshot> {
  const { simulator } = chaosStack;
  const [active, listings, onWebsite, states] = await Promise.all([
    chaosStack.sql<{ id: string }>("select id from public.mentors where status = 'active'"),
    simulator.listings(),
    simulator.website(),
    chaosStack.sql<StateRow>(
      `select mentor_id, wanted_operation::text, confirmed_operation::text,
         dead_lettered_at is not null as is_dead_letter
       from public.hlf_sync_state order by mentor_id`,
    ),
  ]);
  return {
    active: active.map(({ id }) => id),
    listed: listings.map(({ mentorId }) => mentorId),
    onWebsite,
    states,
  };
}

/** Fills what is missing in the log, and reads everything else. */
export async function readEvidence(
  chaosStack: ChaosStack,
  stage: Stage,
  played: Played,
  before: Snapshot,
): Promise<Evidence> {
  await endTrouble(chaosStack);
  await chaosStack.sql("select hlf_sync.fill_audit_gaps('0 seconds')");
  const [after, requests, audit, attempts, alerts, duplicates] = await Promise.all([
    readSnapshot(chaosStack),
    chaosStack.simulator.requests(),
    chaosStack.sql<AuditRow>(
      `select id, organisation_id, mentor_id, operation::text, dynamics_response_code, retry_count,
         outcome::text, error_message, triggered_by_event
       from public.hlf_sync_audit_log where id > $1::text::uuid order by id`,
      [stage.startedAt],
    ),
    chaosStack.sql<AttemptRow>(
      `select attempt_id, mentor_id, operation::text, generation::text, retry_count, outcome::text,
         error_message, due_again_at is not null and hlf_sync.is_outage(error_message) as is_vain_probe,
         extract(epoch from claimed_at)::double precision * 1000 as claimed_ms,
         coalesce(extract(epoch from settled_at), 0)::double precision * 1000 as settled_ms,
         clock_timestamp() - settled_at || ' ago, ' || coalesce(
           (select 'the log refused rows with ' || failed_code from hlf_sync.steps where step = 'audit rows that are missing'),
           'the log refused none'
         ) as settled
       from hlf_sync.attempts order by attempt_id`,
    ),
    // Schedules sweep when they say so, and so have no jobs that run.
    chaosStack.sql<{ kind: string }>(
      "select kind from public.hlf_sync_alerts where closed_at is null and kind <> 'jobs_stopped'",
    ),
    chaosStack.sql<{ count: number }>("select hlf_sync.count_certification_duplicates() as count"),
  ]);
  return {
    mentorIds: stage.mentorIds,
    before,
    after,
    excused: [...played.touchedMentors],
    untoldOutages: played.untoldOutages,
    requests,
    audit,
    attempts,
    openAlerts: alerts.map(({ kind }) => kind),
    certificationDuplicates: duplicates[0]?.count ?? -1,
    strayOutput: chaosStack.output.filter((line) => !line.startsWith("{") || ADMITS_BUG.test(line)),
  };
}
