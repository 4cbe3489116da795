-- Whoever was a coordinator is a stranger from the next statement on, with the same token.
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
select plan(1 + hlf_tests.count_of_relations());
select hlf_tests.try_every_command('former coordinator', 'authenticated', hlf_tests.persona('former coordinator of c'), $${
  "public.hlf_certification_policies": 0,
  "public.cert_expiry_reminders": 0,
  "public.hlf_mentor_status_transitions": 0,
  "public.hlf_coordinator_notifications": 0,
  "public.hlf_sync_state": 0,
  "public.hlf_sync_switches": 0,
  "public.hlf_sync_mentor_status": 0,
  "public.hlf_sync_audit_log": 0,
  "public.hlf_sync_audit_seals": 0,
  "public.hlf_sync_detached_partitions": 0,
  "public.hlf_sync_manual_actions": 0,
  "public.hlf_sync_drifts": 0,
  "public.hlf_nightly_runs": "denied",
  "public.hlf_sync_alerts": "denied",
  "public.hlf_sync_gate": "denied",
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
