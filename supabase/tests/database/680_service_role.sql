-- The secret key: the app's own tables are its own. Of ours it writes audit rows, without created_at (which COPY would
-- name), and policies; whatever else changes, a function changes. It may not truncate what a policy hangs on.
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
select plan(1 + hlf_tests.count_of_relations());
select hlf_tests.try_every_command('service role', 'service_role', null, $${
  "public.hlf_certification_policies": {"rights": "2 all", "truncate": "denied"},
  "public.cert_expiry_reminders": 2,
  "public.hlf_mentor_status_transitions": 2,
  "public.hlf_coordinator_notifications": 2,
  "public.hlf_sync_state": 3,
  "public.hlf_sync_switches": 2,
  "public.hlf_sync_mentor_status": 3,
  "public.hlf_sync_audit_log": {"rights": "12", "insert": "0", "merge insert": "0"},
  "public.hlf_sync_audit_seals": 1,
  "public.hlf_sync_detached_partitions": 1,
  "public.hlf_sync_manual_actions": 2,
  "public.hlf_sync_drifts": 2,
  "public.hlf_nightly_runs": 1,
  "public.hlf_sync_alerts": 1,
  "public.hlf_sync_gate": 1,
  "hlf_sync.alert_kinds": "denied",
  "hlf_sync.mentors": "denied",
  "hlf_sync.messages": "denied",
  "hlf_sync.organisations": "denied",
  "hlf_sync.project": "denied",
  "hlf_sync.pulse": "denied",
  "hlf_sync.steps": "denied",
  "hlf_sync.attempts": "denied",
  "hlf_sync.certificates": "denied",
  "hlf_sync.days": "denied",
  "hlf_sync.held_changes": "denied",
  "hlf_sync.silent_sources": "denied",
  "hlf_sync.listings": "denied",
  "hlf_sync.audit_log_<year>": "denied"
}$$);
select * from finish();
rollback;
