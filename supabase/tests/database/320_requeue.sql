begin;
set local search_path = public, extensions;
select plan(12);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c3'), hlf_tests.organisation('c'), 'Tredje Tredjesen', 'paused');
update public.hlf_sync_state set
  due_at = null, attempts = 8, dead_lettered_at = now(), last_error = 'unavailable', confirmed_operation = 'restore';
update public.hlf_sync_state set dead_lettered_at = null, attempts = 0 where mentor_id = hlf_tests.mentor('c2');

create function pg_temp.requeue(persona text, organisation text, codes text[] default null)
returns text
language plpgsql
as $$
declare
  answer text;
begin
  perform hlf_tests.act_as('authenticated', hlf_tests.persona(persona));
  select concat_ws(' ', result, requeued_count) into answer
  from public.requeue_hlf_dead_letters(
    hlf_tests.organisation(organisation), (select array_agg(hlf_tests.mentor(code)) from unnest(codes) as code)
  );
  reset role;
  return answer;
end
$$;

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select results_eq(
  $$select mentor_id, wanted_operation, is_in_sync, is_waiting, is_dead_letter
    from public.preview_hlf_sync(hlf_tests.organisation('c'))$$,
  $$values
    (hlf_tests.mentor('c1'), 'restore'::hlf_sync_operation, true, false, true),
    (hlf_tests.mentor('c2'), 'restore', true, false, false),
    (hlf_tests.mentor('c3'), 'remove', false, false, true)$$,
  'The preview says where the portal already matches'
);
select is_empty($$select * from public.preview_hlf_sync(hlf_tests.organisation('d'))$$, 'And nothing of another organisation');
reset role;

select is(pg_temp.requeue('coordinator of c', 'd'), 'not_found 0', 'Another organisation''s dead letters are not found');
select is(pg_temp.requeue('member of c', 'c'), 'not_coordinator 0', 'A member may not');
select is(pg_temp.requeue('stranger', 'c'), 'not_coordinator 0', 'A stranger may not');
select is(pg_temp.requeue('coordinator of c', 'c', '{c1,c2,d1}'), 'accepted 1', 'Of those named, dead letters are requeued');
select is(pg_temp.requeue('coordinator of c', 'c'), 'accepted 1', 'Without names, all that are left');
select is(pg_temp.requeue('coordinator of c', 'c'), 'accepted 0', 'A second press finds nothing left');
select results_eq(
  $$select mentor_id, triggered_by_event, attempts, due_at is not null from public.hlf_sync_state
    where organisation_id = hlf_tests.organisation('c') and due_at is not null order by 1$$,
  $$values
    (hlf_tests.mentor('c1'), 'manual_coordinator_requeue', 0, true),
    (hlf_tests.mentor('c3'), 'manual_coordinator_requeue', 0, true)$$,
  'They are due with all their attempts'
);
select results_eq(
  'select actor, mentor_id, action from public.hlf_sync_manual_actions order by 2',
  $$values
    (hlf_tests.persona('coordinator of c'), hlf_tests.mentor('c1'), 'requeue'::text),
    (hlf_tests.persona('coordinator of c'), hlf_tests.mentor('c3'), 'requeue')$$,
  'Who pressed is kept'
);
select ok(
  (select dead_lettered_at is not null from public.hlf_sync_state where mentor_id = hlf_tests.mentor('d1')),
  'Another organisation''s dead letter stays'
);
insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action, created_at)
select hlf_tests.persona('coordinator of d'), hlf_tests.organisation('d'), hlf_tests.mentor('d1'), 'requeue',
  now() - make_interval(secs => seconds)
from generate_series(1, 30) as seconds;
select is(pg_temp.requeue('coordinator of d', 'd'), 'too_many_requests 0', 'There is a limit');

select * from finish();
rollback;
