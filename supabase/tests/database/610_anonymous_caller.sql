-- Whoever has nothing but the publishable key, as every browser has it, is denied everything.
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
select plan(1 + hlf_tests.count_of_relations());
select hlf_tests.try_every_command('anonymous caller', 'anon', null, $${
  "public.hlf_certification_policies": "denied",
  "public.cert_expiry_reminders": "denied",
  "public.hlf_mentor_status_transitions": "denied",
  "public.hlf_coordinator_notifications": "denied",
  "public.hlf_sync_state": "denied",
  "public.hlf_sync_switches": "denied",
  "public.hlf_sync_mentor_status": "denied",
  "public.hlf_sync_audit_log": "denied",
  "public.hlf_sync_audit_seals": "denied",
  "public.hlf_sync_detached_partitions": "denied",
  "public.hlf_sync_manual_actions": "denied",
  "public.hlf_sync_drifts": "denied",
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
