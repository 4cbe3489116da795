begin;
set local search_path = public, extensions;
select plan(29);
select hlf_tests.create_world();
insert into hlf_tests.organisation_members (organisation_id, user_id, role)
values (hlf_tests.organisation('d'), hlf_tests.persona('stranger'), 'administrator');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select public.close_hlf_sync_gate('credentials');

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select throws_ok('select * from public.get_hlf_break_glass_view()', '42501', null, 'Coordinators do not see the view');
select throws_ok('select * from public.claim_hlf_break_glass(array[hlf_tests.mentor(''c1'')], 60)', '42501', null, 'Nor claim');
select throws_ok($$select * from public.settle_hlf_break_glass('{}', '{}', '{}', '{}')$$, '42501', null, 'Nor settle');
select throws_ok($$select public.import_hlf_break_glass('{}', '{}', '{}', '{}', '{}', '{}')$$, '42501', null, 'Nor import');
select throws_ok($$select * from public.find_hlf_break_glass_obstacles('{}', '{}')$$, '42501', null, 'Nor ask what stands in its way');
reset role;

select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select results_eq(
  'select mentor_id, wanted_operation from public.get_hlf_break_glass_view()',
  $$values (hlf_tests.mentor('c1'), 'remove'::hlf_sync_operation), (hlf_tests.mentor('c2'), 'restore'), (hlf_tests.mentor('d1'), 'restore')$$,
  'An administrator sees every organisation'
);
select results_eq(
  'select mentor_id from public.get_hlf_break_glass_view(hlf_tests.mentor(''c1''), 1)', $$values (hlf_tests.mentor('c2'))$$,
  'By pages'
);
create temporary table claimed as
select * from public.claim_hlf_break_glass(array[hlf_tests.mentor('c1'), hlf_tests.mentor('c2')], 60);
select results_eq(
  'select mentor_id, operation, triggered_by_event from claimed order by 1',
  $$values (hlf_tests.mentor('c1'), 'remove'::hlf_sync_operation, 'break_glass'::text), (hlf_tests.mentor('c2'), 'restore', 'break_glass')$$,
  'An administrator claims although the gate is closed'
);
select is_empty(
  'select * from public.claim_hlf_break_glass(array[hlf_tests.mentor(''c1'')], 60)', 'What is in flight has its one writer'
);
reset role;
update public.hlf_sync_gate set max_in_flight = 2;
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is_empty(
  'select * from public.claim_hlf_break_glass(array[hlf_tests.mentor(''d1'')], 60)', 'The cap in flight holds here too'
);
reset role;
select ok(
  (select triggered_by_event <> 'break_glass' from public.hlf_sync_state where mentor_id = hlf_tests.mentor('d1')),
  'Who could not be claimed is left as they were'
);
update public.hlf_sync_gate set max_in_flight = 50;
update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('d');
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select results_eq(
  'select mentor_id from public.get_hlf_break_glass_view()',
  'values (hlf_tests.mentor(''c1'')), (hlf_tests.mentor(''c2''))', 'Organisations that are switched off are left out'
);
reset role;
update public.hlf_sync_switches set is_enabled = true where organisation_id = hlf_tests.organisation('d');
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select results_eq(
  $$select result = 'settled' from public.settle_hlf_break_glass(
      array(select attempt_id from claimed order by mentor_id), '{success,failure}', '{204,null}', '{null,timeout}')$$,
  'values (true), (true)', 'And settles'
);
select is(
  public.import_hlf_break_glass(
    '{019b76da-a018-7000-8000-000000000007}', array[hlf_tests.mentor('d1')], '{remove}', '{success}', '{204}', '{null}'
  ), 1, 'What was done offline is written in'
);
select is(
  public.import_hlf_break_glass(
    '{019b76da-a018-7000-8000-000000000007}', array[hlf_tests.mentor('d1')], '{remove}', '{success}', '{204}', '{null}'
  ), 0, 'Once'
);
reset role;

select results_eq(
  $$select mentor_id, organisation_id, operation, dynamics_response_code, outcome, error_message, triggered_by_event
    from public.hlf_sync_audit_log order by mentor_id$$,
  $$values
    (hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'remove'::hlf_sync_operation, 204, 'success'::hlf_sync_outcome, null, 'break_glass'),
    (hlf_tests.mentor('c2'), hlf_tests.organisation('c'), 'restore', null, 'failure', 'timeout', 'break_glass'),
    (hlf_tests.mentor('d1'), hlf_tests.organisation('d'), 'remove', 204, 'success', null, 'break_glass')$$,
  'Every attempt has its row at once'
);
select results_eq(
  'select mentor_id, actor, action from public.hlf_sync_manual_actions order by 1',
  $$values
    (hlf_tests.mentor('c1'), hlf_tests.persona('stranger'), 'break_glass'::text),
    (hlf_tests.mentor('c2'), hlf_tests.persona('stranger'), 'break_glass'),
    (hlf_tests.mentor('d1'), hlf_tests.persona('stranger'), 'break_glass_import')$$, 'Who did it is kept, and what was only written in'
);
select results_eq(
  $$select log.mentor_id from public.hlf_sync_audit_log as log
    join public.hlf_sync_manual_actions as a on a.mentor_id = log.mentor_id and a.created_at = log.created_at
    where a.action = 'break_glass_import'$$,
  $$values (hlf_tests.mentor('d1'))$$, 'Rows that were written in can be told apart'
);
select is((select count(*) from public.hlf_sync_manual_actions), 3::bigint, 'For each mentor');
select isnt(
  (select closed_until from public.hlf_sync_gate), '-infinity', 'The gate stays closed for the function'
);

select public.open_hlf_sync_gate('credentials');
create temporary table ordinary as select * from public.claim_hlf_sync_attempts(1, 60, 8);
grant select on ordinary to authenticated;
create temporary table clocks as
select
  overlay(
    hlf_sync.uuid_v7()::text placing regexp_replace(
      lpad(to_hex((extract(epoch from now() + ahead) * 1000)::bigint), 12, '0'), '^(.{8})', '\1-'
    ) from 1 for 13
  )::uuid as id
from unnest(array['10 minutes', '1 year', '-1 minute', '-20 years']::interval[]) as ahead;
grant select on clocks to authenticated;
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select throws_ok(
  $$select public.settle_hlf_break_glass(array(select attempt_id from ordinary), '{success}', '{204}', '{null}')$$,
  '42501', null, 'Attempts of the function are not an administrator''s to settle'
);

-- The function has this attempt in flight, and will write its row itself.
select results_eq(
  $$select obstacle from public.find_hlf_break_glass_obstacles(
      array(select attempt_id from ordinary) || '019b76da-a018-7000-8000-000000000008'::uuid
        || '019b76da-a018-7000-8000-000000000009'::uuid,
      array(select mentor_id from ordinary) || hlf_tests.mentor('e1') || hlf_tests.mentor('d1')
    ) order by 1$$,
  $$values ('id_is_taken'::text), ('unknown_mentor')$$, 'What cannot be written in is named'
);
select is(
  public.import_hlf_break_glass(
    array(select attempt_id from ordinary), array(select mentor_id from ordinary), '{remove}', '{success}', '{204}', '{null}'
  ), 0, 'Nothing is written in the place of an attempt that was claimed'
);
reset role;
-- Its row is there, and what was claimed is forgotten.
insert into public.hlf_sync_audit_log (
  id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message, triggered_by_event
) select attempt_id, organisation_id, mentor_id, operation, 503, 0, 'failure', 'unavailable', triggered_by_event from ordinary;
delete from hlf_sync.attempts where attempt_id in (select attempt_id from ordinary);
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is(
  public.import_hlf_break_glass(
    array(select attempt_id from ordinary), array(select mentor_id from ordinary), '{remove}', '{success}', '{204}', '{null}'
  ), 0, 'Nor of its row'
);
reset role;
select results_eq(
  $$select log.outcome::text, log.error_message from public.hlf_sync_audit_log as log join ordinary as o on o.attempt_id = log.id$$,
  $$values ('failure'::text, 'unavailable'::text)$$, 'Which says what it said'
);
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is(
  public.import_hlf_break_glass(
    array(select id from clocks), array_fill(hlf_tests.mentor('d1'), array[4]), array_fill('remove'::hlf_sync_operation, array[4]),
    array_fill('success'::hlf_sync_outcome, array[4]), array_fill(204, array[4]), array_fill(null::text, array[4])
  ), 4, 'Whatever the clock said that made the ids'
);
reset role;
-- As the row of a fast clock looks once its time has come: older than its id says.
alter table public.hlf_sync_audit_log disable trigger user;
update public.hlf_sync_audit_log set created_at = created_at - interval '1 hour' where id in (select id from clocks);
alter table public.hlf_sync_audit_log enable trigger user;
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is(
  public.import_hlf_break_glass(
    array(select id from clocks), array_fill(hlf_tests.mentor('d1'), array[4]), array_fill('remove'::hlf_sync_operation, array[4]),
    array_fill('success'::hlf_sync_outcome, array[4]), array_fill(204, array[4]), array_fill(null::text, array[4])
  ), 0, 'Once, also when it is written in again later'
);
reset role;
select throws_ok(
  $$insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event, created_at
    ) select id, hlf_tests.organisation('d'), hlf_tests.mentor('d1'), 'remove', 204, 0, 'success', 'status_change:paused',
      '2020-01-01' from clocks limit 1$$,
  '23514', null, 'For everything else an attempt precedes its row'
);

-- A drain that holds every place, ready ones among them, leaves one.
update public.hlf_sync_state set due_at = now();
update public.hlf_sync_gate set max_in_flight = 1;
delete from hlf_sync.attempts;
update public.hlf_sync_state set in_flight_attempt_id = null;
select public.claim_hlf_sync_ahead(hlf_sync.uuid_v7(), 2, 0, 60, 8);
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is(
  (select count(*) from public.claim_hlf_break_glass(
    array[hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('d1')], 60
  )),
  1::bigint, 'A backlog under way does not keep an administrator from claiming'
);
reset role;

select * from finish();
rollback;
