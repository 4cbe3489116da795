begin;
set local search_path = public, extensions;
select plan(9);
select hlf_tests.create_world();
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c2');

create temporary table attempt as select * from public.claim_hlf_sync_attempts(10, 60, 1);
select public.settle_hlf_sync_attempts(
  array(select attempt_id from attempt order by mentor_id),
  '{success,dead_lettered,failure}', '{204,400,null}', '{null,rejected code=0x80048d19,timeout}', '{null,null,60}'
);
select is(hlf_sync.fill_audit_gaps('1 hour'), 0, 'A row is not missed before its grace is over');
insert into public.hlf_sync_audit_log (
  id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event
)
select attempt_id, organisation_id, mentor_id, operation, 204, 0, 'success', triggered_by_event
from attempt where mentor_id = hlf_tests.mentor('c1');

select is(hlf_sync.fill_audit_gaps('0'), 2, 'Only what is missing is written');
select is(hlf_sync.fill_audit_gaps('0'), 0, 'And only once');
select results_eq(
  $$select log.mentor_id, log.organisation_id, log.operation, log.dynamics_response_code, log.retry_count,
      log.outcome, log.error_message, log.triggered_by_event
    from public.hlf_sync_audit_log as log join attempt on attempt.attempt_id = log.id order by 1$$,
  $$values
    (hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'restore'::hlf_sync_operation, 204, 0, 'success'::hlf_sync_outcome, null, 'initial_sync'),
    (hlf_tests.mentor('c2'), hlf_tests.organisation('c'), 'remove', 400, 1, 'dead_lettered', 'rejected code=0x80048d19', 'status_change:paused'),
    (hlf_tests.mentor('d1'), hlf_tests.organisation('d'), 'restore', null, 0, 'failure', 'timeout', 'initial_sync')$$,
  'The rows are those that the function would have written'
);
select lives_ok(
  $$insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message, triggered_by_event)
    select attempt_id, organisation_id, mentor_id, operation, null, 0, 'failure', 'timeout', triggered_by_event
    from attempt where mentor_id = hlf_tests.mentor('d1')$$,
  'The function''s own insert, when it comes at last, is no error'
);
select is(
  (select count(*) from public.hlf_sync_audit_log join attempt on attempt_id = id), 3::bigint, 'One row for each attempt'
);

select is(hlf_sync.prune_attempts(), 0, 'Attempts that count towards the budget are remembered');
update hlf_sync.attempts set claimed_at = now() - interval '301 seconds';
insert into hlf_sync.attempts (mentor_id, organisation_id, operation, generation, retry_count, is_last,
  triggered_by_event, claimed_at, lease_expires_at, settled_at, outcome, response_code)
values (hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'remove', 1, 0, false, 'status_change:paused',
  now() - interval '301 seconds', now(), now(), 'success', 204);
select is(hlf_sync.prune_attempts(), 3, 'Then those whose row is there are forgotten');
select is(
  (select count(*) from hlf_sync.attempts), 1::bigint, 'An attempt without its row never is'
);

select * from finish();
rollback;
