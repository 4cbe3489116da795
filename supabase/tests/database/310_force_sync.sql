begin;
set local search_path = public, extensions;
select plan(17);
select hlf_tests.create_world();
update public.hlf_sync_state set due_at = null, confirmed_generation = generation;

create function pg_temp.force(persona text, code text)
returns text
language plpgsql
as $$
declare
  answer text;
begin
  perform hlf_tests.act_as('authenticated', hlf_tests.persona(persona));
  select concat_ws(' ', result, generation, triggered_by_event) into answer
  from public.request_hlf_force_sync(hlf_tests.mentor(code));
  reset role;
  return answer;
end
$$;

select is(pg_temp.force('coordinator of c', 'c1'), 'accepted 2 manual_coordinator_force_sync', 'A coordinator may');
select ok(
  (select due_at <= clock_timestamp() from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1')), 'It makes the mentor due'
);
select results_eq(
  'select actor, organisation_id, mentor_id, action from public.hlf_sync_manual_actions',
  $$values (hlf_tests.persona('coordinator of c'), hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'force_sync'::text)$$,
  'Who pressed is kept'
);
select is(pg_temp.force('coordinator of c', 'c1'), 'accepted 2 manual_coordinator_force_sync', 'A double click counts once');
select is((select count(*) from public.hlf_sync_manual_actions), 1::bigint, 'And leaves one action');

select is(pg_temp.force('coordinator of d', 'c1'), 'not_found', 'Another organisation''s mentor is not found');
select is(pg_temp.force('coordinator of c', 'c9'), 'not_found', 'Nor is one that does not exist');
select is(pg_temp.force('member of c', 'c1'), 'not_coordinator', 'A member may not');
select is(pg_temp.force('stranger', 'c1'), 'not_coordinator', 'A stranger may not');
select is(pg_temp.force('former coordinator of c', 'c1'), 'not_coordinator', 'A former coordinator may not');
select is((select count(*) from public.hlf_sync_manual_actions), 1::bigint, 'None of them leaves an action');

update public.hlf_sync_state set due_at = null, dead_lettered_at = now(), attempts = 8 where mentor_id = hlf_tests.mentor('c2');
select is(pg_temp.force('coordinator of c', 'c2'), 'accepted 2 manual_coordinator_requeue', 'A dead letter is requeued');
select ok(
  (select dead_lettered_at is null and attempts = 0 from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2')),
  'And has all its attempts again'
);

update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('d');
select is(pg_temp.force('coordinator of d', 'd1'), 'sync_disabled', 'Not while the organisation is switched off');

insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action, created_at)
select hlf_tests.persona('coordinator of c'), hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'force_sync',
  now() - make_interval(secs => seconds)
from generate_series(1, 30) as seconds;
update public.hlf_sync_state set due_at = null, attempts = 1, confirmed_generation = generation;
select is(pg_temp.force('coordinator of c', 'c1'), 'too_many_requests', 'There is a limit');

select hlf_tests.act_as('anon');
select throws_ok($$select public.request_hlf_force_sync(hlf_tests.mentor('c1'))$$, '42501', null, 'Anonymous callers may not');
reset role;
select throws_ok('delete from public.hlf_sync_manual_actions', '42501', null, 'Actions are append-only');

select * from finish();
rollback;
