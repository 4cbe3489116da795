import { mentor, ORGANISATION_A, ORGANISATION_B } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

/** A row as the function would insert it. */
export function newAuditRow(id: string) {
  return {
    id,
    organisation_id: ORGANISATION_A,
    mentor_id: mentor("a1"),
    operation: "remove",
    dynamics_response_code: 204,
    retry_count: 0,
    outcome: "success",
    error_message: null,
    triggered_by_event: "break_glass",
  };
}

/** Puts at least one row of each organisation into every table that a stack leaves empty. */
export async function fillEveryTable(stack: Stack): Promise<void> {
  const night = "2026-01-01";
  await stack.sql("insert into public.hlf_nightly_runs (run_date) values ($1)", [night]);
  await stack.sql("insert into public.hlf_sync_alerts (kind) values ('audit_gap')");
  await stack.sql(
    "insert into public.hlf_sync_audit_seals (day, row_count, digest) values ($1, 0, repeat('0', 64))",
    [night],
  );
  await stack.sql(
    "insert into public.hlf_sync_detached_partitions (partition_year, row_count) values (2019, 0)",
  );
  for (const [organisation, code] of [[ORGANISATION_A, "a1"], [ORGANISATION_B, "b1"]] as const) {
    const row = [organisation, mentor(code)];
    await stack.sql("insert into public.hlf_certification_policies (organisation_id) values ($1)", [
      organisation,
    ]);
    await stack.sql(
      `insert into public.hlf_sync_manual_actions (organisation_id, mentor_id, actor, action)
       values ($1, $2, $2, 'force_sync')`,
      row,
    );
    await stack.sql(
      `insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
       values ($1, $2, 'dead_lettered')`,
      row,
    );
    await stack.sql(
      `insert into public.cert_expiry_reminders (
         organisation_id, mentor_id, threshold_day, certification_expiry_date
       ) values ($1, $2, 7, '2026-01-08')`,
      row,
    );
    await stack.sql(
      `insert into public.hlf_mentor_status_transitions (
         organisation_id, mentor_id, from_status, to_status, certification_expiry_date
       ) values ($1, $2, 'active', 'expired_cert', '2025-12-31')`,
      row,
    );
    await stack.sql(
      `insert into public.hlf_sync_drifts (
         organisation_id, mentor_id, run_date, wanted_operation, age_seconds
       ) values ($1, $2, $3, 'remove', 1)`,
      [...row, night],
    );
  }
}
