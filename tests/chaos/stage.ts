import { signToken } from "../../stack/rest/sign_token.ts";
import { DEFAULT_CLIENT_SECRET } from "../../simulator/defaults.ts";
import { ORGANISATION_A, ORGANISATION_B } from "../../stack/observe.ts";
import type { Schedule } from "./step.ts";
import type { ChaosStack } from "./chaos_stack.ts";

export const ORGANISATIONS = [ORGANISATION_A, ORGANISATION_B] as const;

/** Who and what a schedule is played with. */
export interface Stage {
  readonly mentorIds: readonly string[];
  /** Of a fresh coordinator of each organisation: presses are limited per person and minute. */
  readonly coordinators: readonly Readonly<Record<string, string>>[];
  /** Attempts of this schedule have greater ids. */
  readonly startedAt: string;
}

/** The invented id of a schedule's mentor. */
function mentorId(seed: number, index: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  return `00000000-0000-4000-9000-${hex(seed % 2 ** 40, 10)}${hex(index, 2)}`;
}

/**
 * Clears away what the schedule before left, and puts this one's mentors up. Only the audit log keeps everything, since
 * nobody can clear it.
 */
export async function setStage(chaosStack: ChaosStack, schedule: Schedule): Promise<Stage> {
  const { simulator } = chaosStack;
  await chaosStack.sql(`
    do $$ begin
    set local session_replication_role = replica;
    delete from public.mentors;
    delete from public.hlf_sync_state;
    delete from public.hlf_sync_alerts;
    delete from public.hlf_sync_drifts;
    delete from public.hlf_nightly_runs;
    delete from public.cert_expiry_reminders;
    delete from public.hlf_mentor_status_transitions;
    delete from public.hlf_coordinator_notifications;
    delete from public.organisation_members;
    delete from hlf_sync.attempts;
    delete from hlf_sync.listings;
    delete from net.http_request_queue;
    delete from net._http_response;
    -- The database's own times are scaled like the function's; Dynamics answers and commits less than three seconds late.
    update public.hlf_sync_gate set
      closed_until = '-infinity', reason = null, closed_at = null,
      late_commit_margin = '3 seconds', interruption_backoff = '0.05 seconds', drainer_lease = '1 second',
      drainer = null, drainer_until = '-infinity';
    update public.hlf_sync_switches set is_enabled = true where true;
    update stand_in.faults set is_out_of_order = false where is_out_of_order;
    end $$
  `);
  const mentorIds = Array.from({ length: schedule.mentors }, (_, i) => mentorId(schedule.seed, i));
  await simulator.clearFaults();
  await simulator.setCredentials({ clientSecret: DEFAULT_CLIENT_SECRET });
  await simulator.setLatency({ seconds: schedule.latency });
  await simulator.seed(
    mentorIds.filter((_, index) => !schedule.unlisted.includes(index))
      .map((mentorId, index) => ({
        mentorId,
        published: index % 2 === 0,
        name: `Mentor ${index}`,
      })),
  );
  await simulator.clearRequests();
  chaosStack.output.length = 0;
  for (const worker of chaosStack.workers) worker.attemptIds.clear();

  const [row] = await chaosStack.sql<{ id: string }>("select hlf_sync.uuid_v7() as id");
  const coordinators = await Promise.all(
    ORGANISATIONS.map((organisationId) => signInSomebody(chaosStack, organisationId)),
  );
  await insertMentors(chaosStack, mentorIds.map((id, index) => ({ id, index, status: "active" })));
  return { mentorIds, coordinators, startedAt: row?.id ?? "" };
}

/** Inserts mentors, in turn of either organisation; whoever is there already stays. */
export async function insertMentors(
  chaosStack: ChaosStack,
  mentors: readonly { id: string; index: number; status: string }[],
): Promise<void> {
  await chaosStack.sql(
    `insert into public.mentors (id, organisation_id, full_name, status, certification_expiry_date)
     select m.id::uuid, m.organisation_id::uuid, m.name, m.status::public.mentor_status, '2040-01-01'
     from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as m (id, organisation_id, name, status)
     on conflict (id) do nothing`,
    [
      mentors.map(({ id }) => id),
      mentors.map(({ index }) => ORGANISATIONS[index % 2]),
      mentors.map(({ index }) => `Mentor ${index}`),
      mentors.map(({ status }) => status),
    ],
  );
}

async function signInSomebody(
  chaosStack: ChaosStack,
  organisationId: string,
): Promise<Record<string, string>> {
  const userId = crypto.randomUUID();
  await chaosStack.sql("insert into auth.users (id, email) values ($1::text::uuid, $2)", [
    userId,
    `${userId}@example.org`,
  ]);
  await chaosStack.sql(
    `insert into public.organisation_members (organisation_id, user_id, role)
     values ($1::text::uuid, $2::text::uuid, 'coordinator')`,
    [organisationId, userId],
  );
  const now = Math.floor(Date.now() / 1000);
  const token = await signToken({
    aud: "authenticated",
    role: "authenticated",
    sub: userId,
    iat: now,
    exp: now + 3600,
  }, chaosStack.keys.jwtSecret);
  return { apikey: chaosStack.keys.publishableKey, authorization: `Bearer ${token}` };
}
