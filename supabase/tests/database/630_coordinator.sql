-- A coordinator sees what is of the own organisation, and what is of none; writing is for functions alone.
begin;
set local search_path = public, extensions;
select hlf_tests.create_world();
select plan(1 + hlf_tests.count_of_relations() + (select count(*)::integer from hlf_tests.organisation_relations()));
select hlf_tests.try_every_command('coordinator of c', 'authenticated', hlf_tests.persona('coordinator of c'), $${
  "public.hlf_certification_policies": 1,
  "public.cert_expiry_reminders": 1,
  "public.hlf_mentor_status_transitions": 1,
  "public.hlf_coordinator_notifications": 1,
  "public.hlf_sync_state": 2,
  "public.hlf_sync_switches": 1,
  "public.hlf_sync_mentor_status": 2,
  "public.hlf_sync_audit_log": 6,
  "public.hlf_sync_audit_seals": 0,
  "public.hlf_sync_detached_partitions": 0,
  "public.hlf_sync_manual_actions": 1,
  "public.hlf_sync_drifts": 1,
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

-- Counting is not enough: what is seen has to be their own.
select is(
  hlf_tests.outcome_of(
    'authenticated', hlf_tests.persona('coordinator of c'),
    format('select from %s where organisation_id <> %L', relation, hlf_tests.organisation('c'))
  ),
  '0', format('coordinator of c: no row of another organisation in %s', relation)
)
from hlf_tests.organisation_relations() as relation;
select * from finish();
rollback;
