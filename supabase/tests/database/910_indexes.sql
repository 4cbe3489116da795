-- Each index serves the query it was made for: with every other plan made unattractive, the planner takes it.
begin;
set local search_path = public, extensions;
select plan(16);
select tests.create_world();
select tests.attempt('c1'), tests.attempt('c2', 'dead_lettered');
set local enable_seqscan = off;
set local enable_bitmapscan = off;
set local enable_sort = off;

create function pg_temp.uses(index_name text, query text)
returns text
language plpgsql
as $$
declare
  line text;
  plan text := '';
begin
  execute query;
  for line in execute 'explain (costs off) ' || query loop
    plan := plan || line || e'\n';
  end loop;
  return matches(plan, 'Index (Only )?Scan.* (using|on) [a-z0-9_]*' || index_name, index_name);
end
$$;

select pg_temp.uses('organisation_members_user_id_idx',
  'select 1 from organisation_members where user_id = tests.persona(''stranger'')');
select pg_temp.uses('mentors_organisation_id_idx',
  'select 1 from mentors where organisation_id = tests.organisation(''c'')');
select pg_temp.uses('_mentor_id_created_at_idx',
  'select * from hlf_sync_audit_log where mentor_id = tests.mentor(''c1'') order by created_at desc limit 50');
select pg_temp.uses('_outcome_created_at_idx',
  'select * from hlf_sync_audit_log where outcome = ''dead_lettered'' order by created_at desc limit 50');
select pg_temp.uses('_organisation_id_created_at_outcome_idx',
  'select outcome from hlf_sync_audit_log where organisation_id = tests.organisation(''c'') and created_at > now()');
select pg_temp.uses('hlf_coordinator_notifications_organisation_id_created_at_idx',
  'select * from hlf_coordinator_notifications where organisation_id = tests.organisation(''c'') order by created_at desc');
select pg_temp.uses('hlf_sync_state_organisation_id_idx',
  'select * from hlf_sync_state where organisation_id = tests.organisation(''c'')');
select pg_temp.uses('hlf_sync_state_due_idx',
  $$select mentor_id from hlf_sync_state where wanted_operation = 'remove' and due_at <= now()
    and in_flight_attempt_id is null order by due_at limit 50 for update skip locked$$);
select pg_temp.uses('attempts_claimed_at_idx',
  'select * from hlf_sync.attempts where claimed_at > now() - interval ''300 seconds''');
select pg_temp.uses('hlf_sync_manual_actions_actor_created_at_idx',
  'select * from hlf_sync_manual_actions where actor = tests.persona(''stranger'') order by created_at');
select pg_temp.uses('hlf_sync_manual_actions_organisation_id_created_at_idx',
  'select * from hlf_sync_manual_actions where organisation_id = tests.organisation(''c'') order by created_at desc');
select pg_temp.uses('cert_expiry_reminders_organisation_id_created_at_idx',
  'select * from cert_expiry_reminders where organisation_id = tests.organisation(''c'') order by created_at desc');
select pg_temp.uses('hlf_mentor_status_transitions_organisation_id_created_at_idx',
  'select * from hlf_mentor_status_transitions where organisation_id = tests.organisation(''c'') order by created_at desc');
select pg_temp.uses('hlf_sync_drifts_organisation_id_idx',
  'select * from hlf_sync_drifts where organisation_id = tests.organisation(''c'')');

select pg_temp.uses('_organisation_id_created_at_idx',
  $$select * from hlf_sync_audit_log where organisation_id = tests.organisation('c') and outcome = 'dead_lettered'
    order by created_at desc limit 50$$);
select count(created_at) from hlf_sync_audit_log
where organisation_id = tests.organisation('c') and outcome = 'dead_lettered';

-- A BRIN index has no other plan than a bitmap.
set local enable_bitmapscan = on;
set local enable_indexscan = off;
set local enable_indexonlyscan = off;
select pg_temp.uses('_created_at_idx',
  'select * from hlf_sync_audit_log where created_at >= ''2026-12-01Z'' and created_at < ''2026-12-02Z''');
-- The same in every other year, so that no index is left unused.
select count(*) from hlf_sync_audit_log where created_at > '2026-01-01Z' and created_at < '2040-01-01Z';

select * from finish();
rollback;
