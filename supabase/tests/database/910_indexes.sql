-- Each index serves the query it was made for: with every other plan made unattractive, the planner takes it.
begin;
set local search_path = public, extensions;
select plan(12);
select hlf_tests.create_world();
select hlf_tests.attempt('c1'), hlf_tests.attempt('c2', 'dead_lettered');
set local enable_seqscan = off;
set local enable_bitmapscan = off;
set local enable_sort = off;

select hlf_tests.uses('_mentor_id_created_at_idx',
  'select * from hlf_sync_audit_log where mentor_id = hlf_tests.mentor(''c1'') order by created_at desc limit 50');
select hlf_tests.uses('_outcome_created_at_idx',
  'select * from hlf_sync_audit_log where outcome = ''dead_lettered'' order by created_at desc limit 50');
select hlf_tests.uses('_organisation_id_created_at_outcome_idx',
  'select outcome from hlf_sync_audit_log where organisation_id = hlf_tests.organisation(''c'') and created_at > now()');
select hlf_tests.uses('hlf_coordinator_notifications_organisation_id_created_at_idx',
  'select * from hlf_coordinator_notifications where organisation_id = hlf_tests.organisation(''c'') order by created_at desc');
select hlf_tests.uses('hlf_sync_state_organisation_id_idx',
  'select * from hlf_sync_state where organisation_id = hlf_tests.organisation(''c'')');
select hlf_tests.uses('hlf_sync_state_due_idx',
  $$select mentor_id from hlf_sync_state where wanted_operation = 'remove' and due_at <= now()
    and in_flight_attempt_id is null order by due_at limit 50 for update skip locked$$);
select hlf_tests.uses('attempts_claimed_at_idx',
  'select * from hlf_sync.attempts where claimed_at > now() - interval ''300 seconds''');
select hlf_tests.uses('hlf_sync_manual_actions_actor_created_at_idx',
  'select * from hlf_sync_manual_actions where actor = hlf_tests.persona(''stranger'') order by created_at');
select hlf_tests.uses('hlf_sync_manual_actions_organisation_id_created_at_idx',
  'select * from hlf_sync_manual_actions where organisation_id = hlf_tests.organisation(''c'') order by created_at desc');
select hlf_tests.uses('hlf_sync_drifts_organisation_id_idx',
  'select * from hlf_sync_drifts where organisation_id = hlf_tests.organisation(''c'')');

select hlf_tests.uses('_organisation_id_created_at_idx',
  $$select * from hlf_sync_audit_log where organisation_id = hlf_tests.organisation('c') and outcome = 'dead_lettered'
    order by created_at desc limit 50$$);
select count(created_at) from hlf_sync_audit_log
where organisation_id = hlf_tests.organisation('c') and outcome = 'dead_lettered';

-- A BRIN index has no other plan than a bitmap.
set local enable_bitmapscan = on;
set local enable_indexscan = off;
set local enable_indexonlyscan = off;
select hlf_tests.uses('_created_at_idx',
  'select * from hlf_sync_audit_log where created_at >= ''2026-12-01Z'' and created_at < ''2026-12-02Z''');
-- The same in every other year, so that no index is left unused.
select count(*) from hlf_sync_audit_log where created_at > '2026-01-01Z' and created_at < '2040-01-01Z';

select * from finish();
rollback;
