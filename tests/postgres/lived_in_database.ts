import { generateApiKeys } from "../../stack/rest/api_keys.ts";
import { signUpCoordinators } from "../../stack/coordinators.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { seedDatabase } from "../../stack/database/prepare_database.ts";
import { createRestAndAuth } from "../../stack/rest/rest_and_auth.ts";

/** The project that the database belongs to, and where its secrets lead. */
export const ORIGINAL = {
  projectUrl: "https://original.supabase.co",
  functionUrl: "https://original.supabase.co/functions/v1/hlf-sync",
  webhookUrl: "https://hooks.slack.com/services/original",
  /** Of the Dynamics that its nights have read. */
  environmentId: "00000000-0000-4000-8000-00000000d365",
} as const;

/** A mentor of the seed, such as `a3`. */
export function mentorId(code: string): string {
  return `00000000-0000-4000-8000-0000000000${code}`;
}

/**
 * Gives a prepared database a past and a present: a year that is over and sealed, people who sign in, successes, a dead
 * letter, an attempt in flight, open alerts with messages that have not arrived, and a nudge that pg_net has not sent yet.
 *
 * @returns the attempt in flight, of mentor a3
 */
export async function liveIn(database: StackDatabase): Promise<string> {
  await seedDatabase(database, {
    hlf_sync_function_url: ORIGINAL.functionUrl,
    hlf_sync_secret_key: "sb_secret_of_the_original",
    hlf_sync_alert_webhook_url: ORIGINAL.webhookUrl,
  });
  const keys = await generateApiKeys();
  await signUpCoordinators(createRestAndAuth(database, keys), keys.publishableKey, database);

  await database.run(`
    select hlf_sync.ensure_audit_log_partitions(2024, 2025);
    insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
      triggered_by_event, created_at
    )
    select
      -- The first 48 bits of a version 7 UUID are its moment; the rest only has to differ.
      overlay(hlf_sync.uuid_v7()::text placing
        regexp_replace(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), '(.{8})(.{4})', '\\1-\\2')
        from 1 for 13)::uuid,
      m.organisation_id, m.id, 'remove',
      case when day % 3 = 0 then 503 else 204 end, 0,
      case when day % 3 = 0 then 'failure' else 'success' end::public.hlf_sync_outcome,
      case when day % 3 = 0 then 'unavailable' end, 'status_change:paused', at
    from public.mentors as m
    cross join generate_series(0, 9) as day
    cross join lateral (select timestamptz '2024-12-28 23:59:59.123456+00' + make_interval(days => day) as at) as moment;
    select hlf_sync.seal_audit_log('2025-02-01');
    update public.hlf_sync_gate set environment_id = '${ORIGINAL.environmentId}' where id;
  `);

  /** Pauses mentors, claims all that is due, and tells the attempt of each. */
  const claim = async (mentors: readonly string[]) => {
    await database.query(
      "update public.mentors set status = 'paused' where id = any ($1::text[]::uuid[])",
      [mentors.map(mentorId)],
    );
    const rows = await database.query<{ mentor_id: string; attempt_id: string }>(
      "select mentor_id, attempt_id from public.claim_hlf_sync_attempts(10, 600, 8, project_url => $1::text)",
      [ORIGINAL.projectUrl],
    );
    // In flight for as long as the test takes.
    await database.query(
      "update hlf_sync.attempts set lease_expires_at = clock_timestamp() + interval '1 day' where outcome is null",
      [],
    );
    return new Map(rows.map(({ mentor_id, attempt_id }) => [mentor_id, attempt_id]));
  };
  const settle = (attempt: string, outcome: string, code: number, error: string | null) =>
    database.query(
      `select * from public.settle_hlf_sync_attempts(
        array[$1::text::uuid], array[$2::text::public.hlf_sync_outcome], array[$3::integer], array[$4::text], array[60]
      )`,
      [attempt, outcome, code, error],
    );
  for (const [mentor, attempt] of await claim(["a1", "a2", "b1"])) {
    await (mentor === mentorId("a1")
      ? settle(attempt, "dead_lettered", 404, "listing_not_found")
      : settle(attempt, "success", 204, null));
  }
  await database.run(`
    select hlf_sync.fill_audit_gaps('0 seconds');
    select hlf_sync.raise_alert('rows_overdue');
  `);
  const claimed = await claim(["a3", "a4"]);
  const [inFlight, unwritten] = [claimed.get(mentorId("a3")), claimed.get(mentorId("a4"))];
  if (inFlight === undefined || unwritten === undefined) throw new Error("nothing was claimed");
  // The row of this one is still to be written: the function's insert was lost.
  await settle(unwritten, "success", 204, null);
  return inFlight;
}
