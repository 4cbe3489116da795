-- The owner, who is refused no privilege: what is append-only, triggers keep so, each partition for itself.
-- (23503: a night whose drifts are kept cannot go alone.)
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
select plan(1 + hlf_tests.count_of_relations());
select hlf_tests.try_every_command('owner', null, null, $${
  "public.hlf_certification_policies": "2 all",
  "public.cert_expiry_reminders": "2 all",
  "public.hlf_mentor_status_transitions": "2 all",
  "public.hlf_coordinator_notifications": "2 all",
  "public.hlf_sync_state": "3 all",
  "public.hlf_sync_switches": "2 all",
  "public.hlf_sync_mentor_status": "3 all",
  "public.hlf_sync_audit_log": "12 append",
  "public.hlf_sync_audit_seals": "1 append",
  "public.hlf_sync_detached_partitions": "1 append",
  "public.hlf_sync_manual_actions": "2 append",
  "public.hlf_sync_drifts": "2 all",
  "public.hlf_nightly_runs": {"rights": "1 all", "delete": "23503", "merge delete": "23503"},
  "public.hlf_sync_alerts": "1 all",
  "public.hlf_sync_gate": "1 all",
  "hlf_sync.alert_kinds": {"rights": "22 all", "delete": "23503", "merge delete": "23503"},
  "hlf_sync.mentors": null,
  "hlf_sync.messages": "1 all",
  "hlf_sync.organisations": null,
  "hlf_sync.project": "1 all",
  "hlf_sync.pulse": "1 all",
  "hlf_sync.steps": "1 all",
  "hlf_sync.attempts": "2 all",
  "hlf_sync.certificates": null,
  "hlf_sync.days": "1 all",
  "hlf_sync.held_changes": "0 all",
  "hlf_sync.silent_sources": "0 all",
  "hlf_sync.listings": "2 all",
  "hlf_sync.audit_log_<year>": "2 append"
}$$);
select * from finish();
rollback;
