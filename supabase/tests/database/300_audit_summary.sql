begin;
set local search_path = public, extensions;
select plan(14);
select hlf_tests.create_world();
-- Europe/Oslo is UTC+1 in January and UTC+2 in July; each pair lies just inside and just outside a day there.
select
  hlf_tests.attempt('c1', 'success', '2027-01-09 23:00:00+00'), hlf_tests.attempt('c1', 'success', '2027-01-09 22:59:59+00'),
  hlf_tests.attempt('c1', 'failure', '2027-01-10 22:59:59+00'), hlf_tests.attempt('c1', 'failure', '2027-01-10 23:00:00+00'),
  hlf_tests.attempt('c1', 'dead_lettered', '2027-07-09 22:00:00+00'), hlf_tests.attempt('c1', 'failure', '2027-07-09 21:59:59+00'),
  hlf_tests.attempt('d1', 'success', '2027-01-10 12:00:00+00');

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('c'), '2027-01-10', '2027-01-10')$$,
  $$values ('success'::hlf_sync_outcome, 1::bigint), ('failure', 1), ('dead_lettered', 0)$$,
  'A winter day in Oslo, every outcome present'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('c'), '2027-07-10', '2027-07-10')$$,
  $$values ('success'::hlf_sync_outcome, 0::bigint), ('failure', 0), ('dead_lettered', 1)$$,
  'A summer day in Oslo'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('c'), '2027-01-09', '2027-07-10')$$,
  $$values ('success'::hlf_sync_outcome, 2::bigint), ('failure', 3), ('dead_lettered', 1)$$,
  'Both ends are inclusive'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('d'), '2027-01-01', '2027-12-31')$$,
  $$values ('success'::hlf_sync_outcome, 0::bigint), ('failure', 0), ('dead_lettered', 0)$$,
  'Another organisation counts nothing'
);

select results_eq(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('c'), '2027-01-09', '2027-07-10')$$,
  $$values ('2027-01-09'::date, 1::bigint, 0::bigint, 0::bigint), ('2027-01-10', 1, 1, 0), ('2027-01-11', 0, 1, 0),
    ('2027-07-09', 0, 1, 0), ('2027-07-10', 0, 0, 1)$$,
  'Days in Oslo, winter and summer, those without attempts left out'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('c'), '2027-01-04', '2027-07-10', 7)$$,
  $$values ('2027-01-04'::date, 2::bigint, 1::bigint, 0::bigint), ('2027-01-11', 0, 1, 0),
    ('2027-07-05', 0, 1, 1)$$,
  'Weeks begin with the first day asked for'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('c'), '2027-01-01', '2027-12-31', 7,
    of_mentor_id => hlf_tests.mentor('c1'), of_outcome => 'dead_lettered')$$,
  $$values ('2027-07-09'::date, 0::bigint, 0::bigint, 1::bigint)$$,
  'One outcome alone'
);
select is_empty(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('c'), '2027-01-01', '2027-12-31', 1,
    hlf_tests.mentor('c2'))$$,
  'One mentor alone'
);
select is_empty(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('d'), '2027-01-01', '2027-12-31')$$,
  'Another organisation has no days'
);
reset role;
select hlf_tests.act_as('anon');
select throws_ok(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('c'), '2027-01-01', '2027-12-31')$$,
  '42501', null, 'Anonymous callers have no days either'
);
select throws_ok(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('c'), '2027-01-01', '2027-12-31')$$,
  '42501', null, 'Anonymous callers have no access'
);
reset role;
select hlf_tests.act_as('service_role');
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('d'), '2027-01-01', '2027-12-31')$$,
  $$values ('success'::hlf_sync_outcome, 1::bigint), ('failure', 0), ('dead_lettered', 0)$$,
  'The function sees every organisation'
);
select results_eq(
  $$select * from public.get_hlf_sync_audit_days(hlf_tests.organisation('d'), '2027-01-10', '2027-01-10')$$,
  $$values ('2027-01-10'::date, 1::bigint, 0::bigint, 0::bigint)$$,
  'And all their days'
);
reset role;
select results_eq(
  $$select * from public.get_hlf_sync_audit_summary(hlf_tests.organisation('c'), '2027-12-31', '2027-01-01')$$,
  $$values ('success'::hlf_sync_outcome, 0::bigint), ('failure', 0), ('dead_lettered', 0)$$,
  'Dates the wrong way round count nothing'
);

select * from finish();
rollback;
