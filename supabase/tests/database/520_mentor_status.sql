begin;
set local search_path = public, extensions;
select plan(9);
select hlf_tests.create_world();
update public.hlf_sync_state set due_at = null, confirmed_operation = 'restore' where mentor_id <> hlf_tests.mentor('d1');
update public.hlf_sync_state set due_at = null, dead_lettered_at = now() where mentor_id = hlf_tests.mentor('c2');
select hlf_tests.attempt('c1', 'failure', now() - interval '1 hour'), hlf_tests.attempt('c1', 'success', now()),
  hlf_tests.attempt('c2', 'dead_lettered', now()), hlf_tests.attempt('d1', 'failure', now());

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select results_eq(
  'select mentor_id, standing, last_outcome::text from public.hlf_sync_mentor_status order by 1',
  $$values (hlf_tests.mentor('c1'), 'in_sync'::text, 'success'), (hlf_tests.mentor('c2'), 'stuck', 'dead_lettered')$$,
  'Coordinators see standing and last attempt of their mentors'
);
reset role;
select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of d'));
select results_eq(
  'select mentor_id, standing, last_outcome::text from public.hlf_sync_mentor_status order by 1',
  $$values (hlf_tests.mentor('d1'), 'waiting'::text, 'failure')$$, 'Each their own'
);
reset role;

-- In sync is only who is wanted as confirmed, and for whom nothing is under way.
create function pg_temp.standing(
  confirmed public.hlf_sync_operation, due_at timestamptz default null, in_flight_attempt_id uuid default null
)
returns text
language sql
as $$
  update public.hlf_sync_state as s
  set confirmed_operation = confirmed, due_at = standing.due_at, in_flight_attempt_id = standing.in_flight_attempt_id
  where s.mentor_id = hlf_tests.mentor('d1');
  select v.standing from public.hlf_sync_mentor_status as v where v.mentor_id = hlf_tests.mentor('d1')
$$;
select is(pg_temp.standing('restore'), 'in_sync', 'Confirmed as wanted');
select is(pg_temp.standing('restore', now()), 'waiting', 'Wanted once more');
select is(pg_temp.standing('restore', null, hlf_sync.uuid_v7()), 'waiting', 'Under way');
select is(pg_temp.standing('remove'), 'waiting', 'Wanted otherwise');
select is(pg_temp.standing(null), 'waiting', 'Never confirmed');

select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select is_empty('select * from public.hlf_sync_mentor_status', 'A stranger sees nothing');
reset role;
select hlf_tests.act_as('anon');
select throws_ok('select * from public.hlf_sync_mentor_status', '42501', null, 'Anonymous callers have no access');
reset role;

select * from finish();
rollback;
