-- All privileges in one place. The migrations before this one give each of them with what it is for; a logical backup does
-- not keep what was revoked, so after a restore under open default privileges everything is everybody's until this is called.

create function private.restore_hlf_sync_privileges()
returns void
language plpgsql
set search_path = ''
as $$
begin
  revoke all on schema private from public, anon, authenticated, service_role;
  revoke all on all tables in schema private from public, anon, authenticated, service_role;
  revoke all on all sequences in schema private from public, anon, authenticated, service_role;
  revoke all on all functions in schema private from public, anon, authenticated, service_role;
  revoke all on
    public.organisations, public.organisation_members, public.mentors, public.certification_policies,
    public.cert_expiry_reminders, public.mentor_status_transitions, public.coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state
  from public, anon, authenticated, service_role;
  revoke all on function
    public.begin_hlf_reconciliation, public.claim_hlf_break_glass, public.claim_hlf_sync_attempts,
    public.close_hlf_sync_gate, public.confirm_hlf_sync_project, public.exchange_hlf_sync_attempts,
    public.find_hlf_break_glass_obstacles, public.finish_hlf_reconciliation, public.get_hlf_break_glass_view,
    public.read_hlf_sync_news, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary,
    public.get_hlf_sync_wait, public.import_hlf_break_glass, public.admit_hlf_sync_request, public.note_hlf_sync_health, public.open_hlf_sync_gate,
    public.preview_hlf_sync, public.refuse_hlf_listings, public.report_hlf_listings, public.request_hlf_force_sync,
    public.requeue_hlf_dead_letters, public.settle_hlf_break_glass, public.settle_hlf_sync_attempts,
    public.verify_hlf_sync_audit
  from public, anon, authenticated, service_role;

  grant usage on schema private to authenticated, service_role;

  -- What signed-in users read, row level security narrows down to their organisations.
  grant select on
    public.organisations, public.organisation_members, public.mentors, public.certification_policies,
    public.cert_expiry_reminders, public.mentor_status_transitions, public.coordinator_notifications,
    public.hlf_sync_audit_log, public.hlf_sync_audit_seals, public.hlf_sync_detached_partitions,
    public.hlf_sync_drifts, public.hlf_sync_manual_actions, public.hlf_sync_mentor_status, public.hlf_sync_state
  to authenticated;
  grant select (kind, opened_at, closed_at) on public.hlf_sync_alerts to authenticated;
  grant select (closed_until, reason) on public.hlf_sync_gate to authenticated;
  grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;
  grant execute on function
    private.coordinated_organisation_ids, private.is_administrator, private.verify_hlf_sync_audit,
    private.request_hlf_force_sync, private.requeue_hlf_dead_letters, private.get_hlf_break_glass_view,
    private.claim_hlf_break_glass, private.settle_hlf_break_glass,
    private.find_hlf_break_glass_obstacles, private.import_hlf_break_glass,
    public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit,
    public.preview_hlf_sync, public.read_hlf_sync_news, public.request_hlf_force_sync, public.requeue_hlf_dead_letters,
    public.get_hlf_break_glass_view, public.claim_hlf_break_glass, public.settle_hlf_break_glass,
    public.find_hlf_break_glass_obstacles, public.import_hlf_break_glass
  to authenticated;

  -- The app's own tables are the app's server's; of ours it reads, writes policies, and adds audit rows whose moment the
  -- database stamps.
  grant all on public.organisations, public.organisation_members, public.mentors to service_role;
  grant select, insert, update, delete on public.certification_policies to service_role;
  grant select on
    public.cert_expiry_reminders, public.mentor_status_transitions, public.coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state
  to service_role;
  grant insert (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  ) on public.hlf_sync_audit_log to service_role;
  grant execute on function
    private.coordinated_organisation_ids, private.is_sync_event, private.is_sync_error, private.uuid_v7_time,
    private.today_in_oslo, private.claim_hlf_sync_attempts, private.settle_hlf_sync_attempts,
    private.exchange_hlf_sync_attempts, private.get_hlf_sync_wait, private.close_hlf_sync_gate,
    private.open_hlf_sync_gate, private.admit_hlf_sync_request, private.refuse_hlf_listings, private.note_hlf_sync_health, private.confirm_hlf_sync_project,
    private.begin_hlf_reconciliation,
    private.report_hlf_listings, private.finish_hlf_reconciliation, private.verify_hlf_sync_audit,
    public.claim_hlf_sync_attempts, public.settle_hlf_sync_attempts, public.exchange_hlf_sync_attempts,
    public.get_hlf_sync_wait, public.admit_hlf_sync_request, public.refuse_hlf_listings, public.close_hlf_sync_gate, public.open_hlf_sync_gate, public.note_hlf_sync_health,
    public.confirm_hlf_sync_project, public.begin_hlf_reconciliation, public.report_hlf_listings,
    public.finish_hlf_reconciliation, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit
  to service_role;
end
$$;
comment on function private.restore_hlf_sync_privileges() is
  'Makes all privileges what the migrations say. Idempotent; to be called after a backup was restored.';
revoke execute on function private.restore_hlf_sync_privileges from public;

select private.restore_hlf_sync_privileges();
