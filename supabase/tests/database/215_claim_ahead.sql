begin;
set local search_path = public, extensions;
select plan(55);
select hlf_tests.create_world();

create temporary table workers as
select hlf_sync.uuid_v7() as one, hlf_sync.uuid_v7() as two;
create function pg_temp.claim(worker uuid, batch integer, removes integer default 0)
returns text
language sql
as $$
  select concat_ws(
    ' ', jsonb_array_length(c -> 'attempts'), c ->> 'places', case when (c ->> 'has_more')::boolean then 'more' end,
    case when (c ->> 'is_elsewhere')::boolean then 'elsewhere' end, c ->> 'gate_reason'
  )
  from public.claim_hlf_sync_ahead(worker, batch, removes, 60, 8) as c
$$;
create function pg_temp.hand_back(worker uuid)
returns bigint
language sql
as $$
  select count(*) from public.hand_back_hlf_sync_attempts(
    worker, array(select t.attempt_id from hlf_sync.attempts as t where t.outcome is null)
  )
$$;
create function pg_temp.settle(how_many integer)
returns bigint
language sql
as $$
  select count(*)
  from (
    select t.attempt_id from hlf_sync.attempts as t where t.outcome is null order by t.attempt_id limit how_many
  ) as a, public.settle_hlf_sync_attempts(array[a.attempt_id], '{success}', '{204}', '{null}', '{null}')
$$;
-- Four restores, one remove that fell due last.
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c3'), hlf_tests.organisation('c'), 'Tredje Tredjesen', 'active'),
(hlf_tests.mentor('c4'), hlf_tests.organisation('c'), 'Fjerde Fjerdesen', 'active');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('d1');
update public.hlf_sync_state set due_at = now() - interval '1 hour' where mentor_id <> hlf_tests.mentor('d1');
delete from public.hlf_sync_state where mentor_id not in (
  hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('c3'), hlf_tests.mentor('c4'), hlf_tests.mentor('d1')
);

select is((select pg_temp.claim(one, 2) from workers), '2 50 more', 'More is due than was asked for, so it says so');
select results_eq(
  $$select operation, worker = (select one from workers) from hlf_sync.attempts order by operation$$,
  $$values ('remove'::hlf_sync_operation, true), ('restore', true)$$, 'Removes first; and whose they are is known'
);
select ok(
  (select drainer = one and drainer_until between clock_timestamp() and clock_timestamp() + interval '10 seconds'
   from public.hlf_sync_gate, workers),
  'The worker is the drainer now, for some seconds'
);
select is((select pg_temp.claim(two, 50) from workers), '0 0 elsewhere', 'Another worker is sent away');
select ok(
  (select (public.claim_hlf_sync_ahead(two, 50, 0, 60, 8) ->> 'seconds')::numeric between 5 and 10 from workers),
  'And told when to look again'
);
select is((select pg_temp.claim(one, 0, 4) from workers), '0 50 more', 'Beyond the batch only removes are handed out');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c4');
select is((select pg_temp.claim(one, 0, 4) from workers), '1 50 more', 'As soon as one is due');
select is((select pg_temp.claim(one, 2) from workers), '2 50 more', 'After a full batch there may be more');
select is((select pg_temp.claim(one, 2) from workers), '0 50', 'The claim that finds nothing more says so');
select is((select drainer from public.hlf_sync_gate), null, 'And ends the lease');
select is((select pg_temp.claim(two, 50) from workers), '0 45', 'Another one may claim, and has the places that are left');

-- A drainer that dies.
select is((select pg_temp.hand_back(one) from workers), 0::bigint, 'What was not sent is handed back');
select is((select count(*) from hlf_sync.attempts), 0::bigint, 'And never was an attempt');
select ok(
  (select bool_and(attempts = 0 and due_at <= clock_timestamp() and in_flight_attempt_id is null) from public.hlf_sync_state),
  'It counts for nobody, and all are due'
);
select is((select pg_temp.claim(one, 1) from workers), '1 50 more', 'A drainer');
update public.hlf_sync_gate set drainer_until = clock_timestamp() - interval '1 second';
select is(
  (select pg_temp.claim(two, 1) from workers), '1 49 more',
  'Is replaced when its lease is over, and Dynamics may still be at work with what it had'
);
select is((select pg_temp.claim(one, 1) from workers), '0 0 elsewhere', 'And finds that it is, when it comes back');
select is(
  (select pg_temp.hand_back(one) from workers), 0::bigint,
  'It hands back its own, and not what another holds'
);
select results_eq(
  'select worker = (select two from workers) from hlf_sync.attempts', 'values (true)', 'Which stays'
);
select is((select drainer = two from public.hlf_sync_gate, workers), true, 'As does the other''s lease');
update public.hlf_sync_gate set drainer_until = clock_timestamp() + interval '1 second';
select is((select pg_temp.claim(two, 1) from workers), '1 50 more', 'A claim');
select ok(
  (select drainer_until > clock_timestamp() + interval '8 seconds' from public.hlf_sync_gate), 'Renews the lease'
);
update public.hlf_sync_gate set drainer_until = clock_timestamp() + interval '6 seconds';
select ok(
  (select (public.claim_hlf_sync_ahead(two, 0, 0, 60, 8) ->> 'ready_seconds')::numeric <= 6 from workers),
  'One that does not lets nothing be sent for longer than the lease lasts'
);
select ok(
  (select drainer_until < clock_timestamp() + interval '7 seconds' from public.hlf_sync_gate), 'As another drainer may send then'
);
select is((select count(*) from public.hand_back_hlf_sync_attempts((select two from workers), '{}')), 0::bigint, 'A drain that leaves');
select is((select drainer from public.hlf_sync_gate), null, 'Ends its lease without handing anything back');

-- What the dead have sent.
update hlf_sync.attempts set is_orphaned = true where outcome is null;
update public.hlf_sync_gate set max_in_flight = 2;
select is((select places from hlf_sync.remaining_capacity((select one from workers))), 1, 'Beside the dead a drain has one place at the least');
select is((select room from hlf_sync.remaining_capacity((select one from workers))), 4, 'Ahead of which it claims no more than befits it');
select is((select room from hlf_sync.remaining_capacity()), 1, 'And a press another');
update hlf_sync.attempts set claimed_at = claimed_at - interval '31 seconds' where true;
select is((select places from hlf_sync.remaining_capacity((select one from workers))), 2, 'After half a minute it has all of them');
select is((select room from hlf_sync.remaining_capacity()), 2, 'As has a press');
update hlf_sync.attempts set is_orphaned = false, claimed_at = claimed_at + interval '20 seconds' where true;
select is(
  (select (places, room)::text from hlf_sync.remaining_capacity(hlf_sync.uuid_v7())), '(1,1)',
  'As do those without a lease who have been silent for long and may be dead'
);
update hlf_sync.attempts set claimed_at = claimed_at + interval '11 seconds' where true;
select is((select places from hlf_sync.remaining_capacity(hlf_sync.uuid_v7())), 0, 'Beside others who use all of them there is none');

-- Never more in flight than the cap, whoever holds what.
update public.hlf_sync_gate set max_in_flight = 3;
select is((select pg_temp.claim(one, 5) from workers), '1 1 more', 'Beside another''s two there is room for one more of three');
select is((select pg_temp.claim(two, 5) from workers), '0 0 elsewhere', 'The drainer alone goes on');
update public.hlf_sync_gate set drainer = null, drainer_until = '-infinity';
select is((select pg_temp.claim(hlf_sync.uuid_v7(), 5) from workers), '0 0 more', 'A third finds no place');
update public.hlf_sync_gate set drainer = null, drainer_until = '-infinity';

-- A press has a place of its own, whatever is ready or under way.
select is(
  (select count(*) from public.claim_hlf_sync_attempts(1, 60, 8)), 1::bigint, 'A press is claimed although all places are in use'
);
update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('c4') and in_flight_attempt_id is null;
select is((select count(*) from public.claim_hlf_sync_attempts(5, 60, 8)), 0::bigint, 'One at a time');
select is(
  (select places from hlf_sync.remaining_capacity((select one from workers))), 1, 'And takes none of a drain''s places'
);

-- What the app has locked is no backlog, and what nobody may send is nobody's.
select pg_temp.settle(10);
update public.hlf_sync_state set due_at = null;
update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('c1');
select public.close_hlf_sync_gate('throttled', 60);
select is((select pg_temp.claim(one, 5) from workers), '0 3 throttled', 'Through a closed gate nothing is claimed');
select public.open_hlf_sync_gate('throttled');
update public.hlf_sync_gate set max_requests = (select count(*) from hlf_sync.attempts);
select is((select pg_temp.claim(one, 5) from workers), '0 3 more', 'With the budget spent there is more, which has to wait');
select ok(
  (select (public.claim_hlf_sync_ahead(one, 5, 0, 60, 8) ->> 'seconds')::numeric between 200 and 300 from workers), 'And how long'
);
update public.hlf_sync_gate set max_requests = 5700;

-- An urgent remove waits for nothing that is claimed with it.
select pg_temp.settle(10);
update public.hlf_sync_gate set max_in_flight = 50, drainer = null, drainer_until = '-infinity';
update hlf_tests.mentors set status = case id when hlf_tests.mentor('d1') then 'paused' else 'active' end where true;
update public.hlf_sync_state set
  due_at = now() - case mentor_id when hlf_tests.mentor('c1') then interval '1 hour' else interval '1 minute' end
where true;
select is((select pg_temp.claim(one, 2) from workers), '2 50 more', 'A backlog of restores that begins');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c4');
select is((select pg_temp.claim(one, 5) from workers), '1 50 more', 'In it a remove is claimed alone');
select is(
  (select string_agg(operation::text, ' ' order by operation) from hlf_sync.attempts where outcome is null), 'remove remove restore',
  'As soon as it is due'
);
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c3');
select is((select pg_temp.claim(one, 5) from workers), '2 50', 'The next one does not keep the others waiting');
select pg_temp.hand_back(one) from workers;
select is((select pg_temp.claim(one, 50) from workers), '5 50', 'Whoever finds no backlog claims all at once');
select pg_temp.settle(10);
update public.hlf_sync_state set due_at = case when mentor_id = hlf_tests.mentor('c1') then now() end where true;

-- A change while an attempt waits to be sent.
select pg_temp.claim(one, 5) from workers;
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select pg_temp.hand_back(one) from workers;
select results_eq(
  $$select attempts, due_at <= clock_timestamp(), wanted_operation from public.hlf_sync_state
    where mentor_id = hlf_tests.mentor('c1')$$,
  $$values (0, true, 'remove'::hlf_sync_operation)$$, 'Handed back, it is the new generation that is due'
);

-- A claim whose answer is lost: the worker knows of nobody whom it took.
select pg_temp.claim(one, 10) from workers;
select pg_temp.settle(10);
update hlf_tests.mentors set status = 'paused' where true;
update hlf_tests.mentors set status = 'active' where true;
create function pg_temp.claim_again(worker uuid, batch integer, claim_number integer, lost_claims integer[])
returns text
language sql
as $$
  select concat_ws(' ', jsonb_array_length(c -> 'attempts'), case when (c ->> 'is_elsewhere')::boolean then 'elsewhere' end)
  from public.claim_hlf_sync_ahead(
    worker, batch, 0, 60, 8, claim_number => claim_again.claim_number, lost_claims => claim_again.lost_claims
  ) as c
$$;
select is((select pg_temp.claim_again(one, 2, 7, '{}') from workers), '2', 'Two are sent');
create temporary table sent as select t.attempt_id from hlf_sync.attempts as t where t.outcome is null;
select is((select pg_temp.claim_again(one, 2, 8, '{}') from workers), '2', 'Of two others nobody hears');
select is(
  (select pg_temp.claim_again(two, 50, 8, '{8}') from workers), '0 elsewhere', 'Another worker''s claims are none of its business'
);
select is((select pg_temp.claim_again(one, 50, 9, '{3,8}') from workers), '3', 'The next claim takes them again');
select results_eq(
  $$select retry_count, count(*) from hlf_sync.attempts where outcome is null group by 1$$, $$values (0, 5::bigint)$$,
  'As if they had never been claimed'
);
select is(
  (select count(*) from sent join hlf_sync.attempts as t using (attempt_id) where t.outcome is null), 2::bigint,
  'And leaves alone what was sent'
);
select pg_temp.hand_back(one) from workers;

set local role authenticated;
select throws_ok(
  $$select public.claim_hlf_sync_ahead(hlf_sync.uuid_v7(), 1, 0, 60, 8)$$, '42501', null, 'Users may not call it'
);
reset role;

select * from finish();
rollback;
