-- All privileges of functions in one place, and those of tables once more: a logical backup does not keep what was revoked, so
-- after a restore under open default privileges everything is everybody's until this is called.

create function hlf_sync.restore_privileges()
returns void
language plpgsql
set search_path = ''
as $$
begin
  revoke all on schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all tables in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all sequences in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all functions in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on
    public.hlf_coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  from public, anon, authenticated, service_role;
  revoke all on function
    public.begin_hlf_reconciliation, public.claim_hlf_break_glass, public.claim_hlf_sync_attempts, public.get_hlf_mentors,
    public.get_hlf_organisations, public.close_hlf_sync_gate, public.confirm_hlf_sync_project, public.exchange_hlf_sync_attempts,
    public.find_hlf_break_glass_obstacles, public.finish_hlf_reconciliation, public.get_hlf_break_glass_view,
    public.read_hlf_sync_news, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary,
    public.get_hlf_sync_wait, public.import_hlf_break_glass, public.admit_hlf_sync_request, public.note_hlf_sync_health, public.open_hlf_sync_gate,
    public.preview_hlf_sync, public.refuse_hlf_listings, public.report_hlf_listings, public.request_hlf_force_sync,
    public.requeue_hlf_dead_letters, public.settle_hlf_break_glass, public.settle_hlf_sync_attempts,
    public.verify_hlf_sync_audit
  from public, anon, authenticated, service_role;

  grant usage on schema hlf_sync to authenticated, service_role;

  -- What signed-in users read, row level security narrows down to their organisations.
  grant select on
    public.hlf_coordinator_notifications,
    public.hlf_sync_audit_log, public.hlf_sync_audit_seals, public.hlf_sync_detached_partitions,
    public.hlf_sync_drifts, public.hlf_sync_manual_actions, public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  to authenticated;
  grant select (kind, opened_at, closed_at) on public.hlf_sync_alerts to authenticated;
  grant select (closed_until, reason) on public.hlf_sync_gate to authenticated;
  grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_hlf_administrator, hlf_sync.verify_audit,
    hlf_sync.request_force_sync, hlf_sync.requeue_dead_letters, hlf_sync.get_break_glass_view,
    hlf_sync.claim_break_glass, hlf_sync.settle_break_glass,
    hlf_sync.find_break_glass_obstacles, hlf_sync.import_break_glass,
    public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit,
    public.preview_hlf_sync, public.read_hlf_sync_news, public.request_hlf_force_sync, public.requeue_hlf_dead_letters,
    public.get_hlf_mentors, public.get_hlf_organisations, hlf_sync.get_mentors, hlf_sync.get_organisations,
    public.get_hlf_break_glass_view, public.claim_hlf_break_glass, public.settle_hlf_break_glass,
    public.find_hlf_break_glass_obstacles, public.import_hlf_break_glass
  to authenticated;

  -- The app's server reads, and adds audit rows whose moment the database stamps.
  grant select on
    public.hlf_coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  to service_role;
  grant insert (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  ) on public.hlf_sync_audit_log to service_role;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_sync_event, hlf_sync.is_sync_error, hlf_sync.uuid_v7_time,
    hlf_sync.today_in_oslo, hlf_sync.claim_attempts, hlf_sync.settle_attempts,
    hlf_sync.exchange_attempts, hlf_sync.get_wait, hlf_sync.close_gate,
    hlf_sync.open_gate, hlf_sync.admit_request, hlf_sync.refuse_listings, hlf_sync.note_health, hlf_sync.confirm_project,
    hlf_sync.begin_reconciliation,
    hlf_sync.report_listings, hlf_sync.finish_reconciliation, hlf_sync.verify_audit,
    public.claim_hlf_sync_attempts, public.settle_hlf_sync_attempts, public.exchange_hlf_sync_attempts,
    public.get_hlf_sync_wait, public.admit_hlf_sync_request, public.refuse_hlf_listings, public.close_hlf_sync_gate, public.open_hlf_sync_gate, public.note_hlf_sync_health,
    public.confirm_hlf_sync_project, public.begin_hlf_reconciliation, public.report_hlf_listings,
    public.finish_hlf_reconciliation, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit
  to service_role;

  -- The module on certifications may have been left out, and an app may have a table of reminders of its own.
  if to_regclass('public.hlf_certification_policies') is not null then
    revoke all on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    from public, anon, authenticated, service_role;
    grant select on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    to authenticated, service_role;
    grant insert, update, delete on public.hlf_certification_policies to service_role;
  end if;
  perform hlf_sync.restore_app_privileges();
end
$$;
comment on function hlf_sync.restore_privileges() is
  'Makes all privileges what the migrations say. Idempotent; to be called after a backup was restored.';
revoke execute on function hlf_sync.restore_privileges from public;

select hlf_sync.restore_privileges();
