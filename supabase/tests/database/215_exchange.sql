begin;
set local search_path = public, extensions;
select plan(9);
select hlf_tests.create_world();

create function pg_temp.exchange(attempt_ids uuid[], batch integer)
returns table (attempt_id uuid, mentor uuid, operation hlf_sync_operation, result hlf_sync_settle_result)
language sql
as $$
  select attempt_id, mentor_id, operation, result
  from public.exchange_hlf_sync_attempts(
    attempt_ids, array_fill('success'::public.hlf_sync_outcome, array[cardinality(attempt_ids)]),
    array_fill(204, array[cardinality(attempt_ids)]), array_fill(null::text, array[cardinality(attempt_ids)]),
    array_fill(null::double precision, array[cardinality(attempt_ids)]), batch, 60, 8
  )
$$;
create function pg_temp.in_flight()
returns uuid[]
language sql
as $$
  select coalesce(array_agg(in_flight_attempt_id order by mentor_id), '{}')
  from public.hlf_sync_state where in_flight_attempt_id is not null
$$;

update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('d1');
update public.hlf_sync_state set due_at = now() - interval '1 hour' where mentor_id <> hlf_tests.mentor('d1');
update public.hlf_sync_gate set max_in_flight = 1;

select results_eq(
  $$select mentor, operation, result from pg_temp.exchange('{}', 5)$$,
  $$values (hlf_tests.mentor('d1'), 'remove'::hlf_sync_operation, null::hlf_sync_settle_result)$$,
  'Without anything to settle it is a claim: removes first, within the cap'
);
select results_eq(
  'select mentor, operation from pg_temp.exchange(pg_temp.in_flight(), 5)',
  $$values (hlf_tests.mentor('c1'), 'restore'::hlf_sync_operation)$$,
  'What is settled makes room for what is claimed in the same call'
);
select results_eq(
  'select confirmed_operation, in_flight_attempt_id from public.hlf_sync_state where mentor_id = hlf_tests.mentor(''d1'')',
  $$values ('remove'::hlf_sync_operation, null::uuid)$$,
  'And is settled as by itself'
);
select results_eq(
  'select attempt_id, mentor, result from pg_temp.exchange(array[''0195a1b2-0000-7000-8000-000000000001''::uuid], 5)',
  $$values ('0195a1b2-0000-7000-8000-000000000001'::uuid, null::uuid, 'lease_lost'::hlf_sync_settle_result)$$,
  'A lease that was lost is told by a row without a mentor, and makes no room'
);
select is_empty('select * from pg_temp.exchange(pg_temp.in_flight(), 0)', 'Nothing is claimed that was not asked for');
select is(pg_temp.in_flight(), '{}', 'And all is settled');

select * from pg_temp.exchange('{}', 1);
select public.close_hlf_sync_gate('throttled', 60);
select is_empty(
  'select * from pg_temp.exchange(pg_temp.in_flight(), 5)', 'Through a closed gate things are settled but not claimed'
);
select is(pg_temp.in_flight(), '{}', 'Settled they are');

set local role authenticated;
select throws_ok(
  $$select * from public.exchange_hlf_sync_attempts('{}', '{}', '{}', '{}', '{}', 1, 60, 8)$$,
  '42501', null, 'Users may not call it'
);
reset role;

select * from finish();
rollback;
