begin;
set local search_path = public, extensions;
select plan(33);
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

-- What became of a press, by the database's clock alone.
create function pg_temp.fate(code text, gen bigint)
returns text
language sql
as $$
  select concat_ws(
    ' ', outcome, attempt_id is not null, operation, response_code, 'retry', retry_count, error, is_due, gate_reason
  )
  from public.follow_hlf_sync_request(hlf_tests.mentor(code), gen)
$$;
create function pg_temp.attempt(code text)
returns void
language sql
as $$
  select count(*) from public.claim_hlf_sync_attempts(10, 60, 8, hlf_tests.mentor(code))
$$;
create function pg_temp.settle(code text, outcome hlf_sync_outcome, status integer, error text, delay double precision)
returns void
language sql
as $$
  select count(*) from public.settle_hlf_sync_attempts(
    array[(select in_flight_attempt_id from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code))],
    array[outcome], array[status], array[error], array[delay]
  )
$$;
update public.hlf_sync_switches set is_enabled = true where is_enabled = false;
update public.hlf_sync_state set
  due_at = clock_timestamp(), generation = 5, attempts = 0, dead_lettered_at = null, confirmed_generation = 4,
  last_error = 'network'
where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.fate('c1', 5), 'pending f restore retry network t', 'Asked for, a request is due');
update public.hlf_sync_state set due_at = clock_timestamp() + interval '2 seconds' where mentor_id = hlf_tests.mentor('c1');
select is(
  pg_temp.fate('c1', 5), 'pending f restore retry network f',
  'A time to come is not taken for a failure: nobody has tried'
);
update public.hlf_sync_state set due_at = clock_timestamp() where mentor_id = hlf_tests.mentor('c1');
select pg_temp.attempt('c1');
select is(pg_temp.fate('c1', 5), 'pending t restore retry 0 network f', 'It is under way');
select is(pg_temp.fate('c1', 6), 'pending f restore retry network f', 'Which is not the request that came after it');
select pg_temp.settle('c1', 'failure', 503, 'unavailable', 0);
select is(
  pg_temp.fate('c1', 5), 'failure t restore 503 retry 0 unavailable t',
  'Failed, it says so, though the next attempt is due at once'
);
select ok(
  (select next_attempt_at = (select due_at from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1'))
   from public.follow_hlf_sync_request(hlf_tests.mentor('c1'), 5)),
  'And when it is tried again'
);
select pg_temp.attempt('c1');
select is(pg_temp.fate('c1', 5), 'pending t restore retry 1 unavailable f', 'While it is tried again, that is open');
select pg_temp.settle('c1', 'success', 204, null, null);
select is(pg_temp.fate('c1', 5), 'success t restore 204 retry 1 f', 'Confirmed, it says which attempt it was');
select is(pg_temp.fate('c1', 6), 'pending f restore retry f', 'What is confirmed is not the request after it');
update public.hlf_sync_state set generation = 6, due_at = clock_timestamp() where mentor_id = hlf_tests.mentor('c1');
select pg_temp.attempt('c1');
select is(pg_temp.fate('c1', 5), 'success t restore 204 retry 1 f', 'An earlier request stays confirmed while a later is under way');
select pg_temp.settle('c1', 'dead_lettered', 404, 'listing_not_found', null);
select is(pg_temp.fate('c1', 6), 'dead_lettered t restore 404 retry 1 listing_not_found f', 'A dead letter counts all its attempts');
update public.hlf_sync_state set
  generation = 7, due_at = clock_timestamp(), dead_lettered_at = null, attempts = 0
where mentor_id = hlf_tests.mentor('c1');
select public.close_hlf_sync_gate('throttled', 60);
select is(pg_temp.fate('c1', 7), 'pending f restore retry listing_not_found f throttled', 'A closed gate is named');
select ok(
  (select gate_seconds between 50 and 60 and next_attempt_at > now() + interval '50 seconds'
   from public.follow_hlf_sync_request(hlf_tests.mentor('c1'), 7)),
  'And how long it stays closed'
);
select public.close_hlf_sync_gate('credentials');
select results_eq(
  $$select gate_reason, gate_seconds, next_attempt_at from public.follow_hlf_sync_request(hlf_tests.mentor('c1'), 7)$$,
  $$values ('credentials'::text, null::double precision, null::timestamptz)$$, 'Or that nobody knows'
);
select public.open_hlf_sync_gate('credentials');
delete from hlf_sync.attempts where mentor_id = hlf_tests.mentor('c1');
update public.hlf_sync_state set confirmed_generation = 7 where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.fate('c1', 7), 'success f restore retry t', 'Without the attempts, which are forgotten in time, the outcome stays');
select is_empty(
  $$select * from public.follow_hlf_sync_request(hlf_tests.mentor('c9'), 1)$$, 'Of nobody there is nothing to say'
);

select * from finish();
rollback;
