begin;
set local search_path = public, extensions;
select plan(16);
select hlf_tests.create_world();
select hlf_tests.attempt('c1'), hlf_tests.attempt('c2', 'failure'), hlf_tests.attempt('d1');

select hlf_tests.act_as('anon');
select throws_ok('select * from public.hlf_sync_audit_log', '42501', null, 'Anonymous callers have no access');
reset role;

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select results_eq(
  'select distinct organisation_id from public.hlf_sync_audit_log',
  $$values (hlf_tests.organisation('c'))$$, 'Coordinators see the rows of their organisation only'
);
select throws_ok(
  $$insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation, retry_count, outcome, triggered_by_event, dynamics_response_code)
    values ('01900000-0000-7000-8000-000000000000', hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', 0, 'success', 'break_glass', 204)$$,
  '42501', null, 'Coordinators cannot write rows'
);
select throws_ok('select * from hlf_sync.audit_log_2026', '42501', null, 'Nor read a partition');
select throws_ok('select * from hlf_sync.attempts', '42501', null, 'Nor read the attempts table');
reset role;

select hlf_tests.act_as('authenticated', hlf_tests.persona(p))
from (values ('member of c')) as v (p);
select is_empty('select * from public.hlf_sync_audit_log', 'A member who is no coordinator sees nothing');
reset role;
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is_empty('select * from public.hlf_sync_audit_log', 'A user without membership sees nothing');
reset role;
select hlf_tests.act_as('authenticated', hlf_tests.persona('former coordinator of c'));
select is_empty('select * from public.hlf_sync_audit_log', 'A former coordinator sees nothing');
reset role;

select hlf_tests.act_as('service_role');
select is((select count(*) from public.hlf_sync_audit_log), 3::bigint, 'The function reads all rows');
select lives_ok(
  $$insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message, triggered_by_event)
    values ('01900000-0000-7000-8000-000000000000', hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', 204, 0, 'success', null, 'break_glass')$$,
  'The function writes rows'
);
select throws_ok(
  $$insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event, created_at)
    values ('01900000-0000-7000-8000-000000000001', hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', 204, 0, 'success', 'break_glass', now())$$,
  '42501', null, 'The function cannot set created_at'
);
select throws_ok(
  $$insert into hlf_sync.audit_log_2026 (id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event)
    values ('01900000-0000-7000-8000-000000000001', hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', 204, 0, 'success', 'break_glass')$$,
  '42501', null, 'The function cannot write to a partition'
);
select throws_ok('select * from hlf_sync.attempts', '42501', null, 'The function cannot read the attempts table');
select throws_ok('update public.hlf_sync_state set attempts = 0', '42501', null, 'The function cannot change the state by hand');
select throws_ok('update public.hlf_sync_gate set max_in_flight = 1', '42501', null, 'The function cannot change the caps');
reset role;

select is(
  (select created_at from public.hlf_sync_audit_log where id = '01900000-0000-7000-8000-000000000000'), now(),
  'created_at is stamped by the database'
);

select * from finish();
rollback;
