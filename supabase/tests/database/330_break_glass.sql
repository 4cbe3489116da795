begin;
set local search_path = public, extensions;
select plan(19);
select tests.create_world();
insert into public.organisation_members (organisation_id, user_id, role)
values (tests.organisation('d'), tests.persona('stranger'), 'administrator');
update public.mentors set status = 'paused' where id = tests.mentor('c1');
select public.close_hlf_sync_gate('credentials');

select tests.act_as('authenticated', tests.persona('coordinator of c'));
select throws_ok('select * from public.get_hlf_break_glass_view()', '42501', null, 'Coordinators do not see the view');
select throws_ok('select * from public.claim_hlf_break_glass(array[tests.mentor(''c1'')], 60)', '42501', null, 'Nor claim');
select throws_ok($$select * from public.settle_hlf_break_glass('{}', '{}', '{}', '{}')$$, '42501', null, 'Nor settle');
select throws_ok($$select public.import_hlf_break_glass('{}', '{}', '{}', '{}', '{}', '{}')$$, '42501', null, 'Nor import');
reset role;

select tests.act_as('authenticated', tests.persona('stranger'));
select results_eq(
  'select mentor_id, wanted_operation from public.get_hlf_break_glass_view()',
  $$values (tests.mentor('c1'), 'remove'::hlf_sync_operation), (tests.mentor('c2'), 'restore'), (tests.mentor('d1'), 'restore')$$,
  'An administrator sees every organisation'
);
select results_eq(
  'select mentor_id from public.get_hlf_break_glass_view(tests.mentor(''c1''), 1)', $$values (tests.mentor('c2'))$$,
  'By pages'
);
create temporary table claimed as
select * from public.claim_hlf_break_glass(array[tests.mentor('c1'), tests.mentor('c2')], 60);
select results_eq(
  'select mentor_id, operation, triggered_by_event from claimed order by 1',
  $$values (tests.mentor('c1'), 'remove'::hlf_sync_operation, 'break_glass'::text), (tests.mentor('c2'), 'restore', 'break_glass')$$,
  'An administrator claims although the gate is closed'
);
select is_empty(
  'select * from public.claim_hlf_break_glass(array[tests.mentor(''c1'')], 60)', 'What is in flight has its one writer'
);
reset role;
update public.hlf_sync_gate set max_in_flight = 2;
select tests.act_as('authenticated', tests.persona('stranger'));
select is_empty(
  'select * from public.claim_hlf_break_glass(array[tests.mentor(''d1'')], 60)', 'The cap in flight holds here too'
);
reset role;
select ok(
  (select triggered_by_event <> 'break_glass' from public.hlf_sync_state where mentor_id = tests.mentor('d1')),
  'Who could not be claimed is left as they were'
);
update public.hlf_sync_gate set max_in_flight = 50;
update public.organisations set hlf_sync_enabled = false where id = tests.organisation('d');
select tests.act_as('authenticated', tests.persona('stranger'));
select results_eq(
  'select mentor_id from public.get_hlf_break_glass_view()',
  'values (tests.mentor(''c1'')), (tests.mentor(''c2''))', 'Organisations that are switched off are left out'
);
reset role;
update public.organisations set hlf_sync_enabled = true where id = tests.organisation('d');
select tests.act_as('authenticated', tests.persona('stranger'));
select results_eq(
  $$select settled from public.settle_hlf_break_glass(
      array(select attempt_id from claimed order by mentor_id), '{success,failure}', '{204,null}', '{null,timeout}')$$,
  'values (true), (true)', 'And settles'
);
select is(
  public.import_hlf_break_glass(
    '{019b76da-a018-7000-8000-000000000007}', array[tests.mentor('d1')], '{remove}', '{success}', '{204}', '{null}'
  ), 1, 'What was done offline is written in'
);
select is(
  public.import_hlf_break_glass(
    '{019b76da-a018-7000-8000-000000000007}', array[tests.mentor('d1')], '{remove}', '{success}', '{204}', '{null}'
  ), 0, 'Once'
);
reset role;

select results_eq(
  $$select mentor_id, organisation_id, operation, dynamics_response_code, outcome, error_message, triggered_by_event
    from public.hlf_sync_audit_log order by mentor_id$$,
  $$values
    (tests.mentor('c1'), tests.organisation('c'), 'remove'::hlf_sync_operation, 204, 'success'::hlf_sync_outcome, null, 'break_glass'),
    (tests.mentor('c2'), tests.organisation('c'), 'restore', null, 'failure', 'timeout', 'break_glass'),
    (tests.mentor('d1'), tests.organisation('d'), 'remove', 204, 'success', null, 'break_glass')$$,
  'Every attempt has its row at once'
);
select results_eq(
  'select distinct actor, action from public.hlf_sync_manual_actions',
  $$values (tests.persona('stranger'), 'break_glass'::text)$$, 'Who did it is kept'
);
select is((select count(*) from public.hlf_sync_manual_actions), 3::bigint, 'For each mentor');
select isnt(
  (select closed_until from public.hlf_sync_gate), '-infinity', 'The gate stays closed for the function'
);

select public.open_hlf_sync_gate('credentials');
create temporary table ordinary as select * from public.claim_hlf_sync_attempts(1, 60, 8);
grant select on ordinary to authenticated;
select tests.act_as('authenticated', tests.persona('stranger'));
select throws_ok(
  $$select public.settle_hlf_break_glass(array(select attempt_id from ordinary), '{success}', '{204}', '{null}')$$,
  '42501', null, 'Attempts of the function are not an administrator''s to settle'
);
reset role;

select * from finish();
rollback;
