begin;
set local search_path = public, extensions;
select plan(22);
select hlf_tests.create_world();
update public.hlf_sync_gate set interruption_backoff = '0';

create function pg_temp.claim(batch integer default 10, max_attempts integer default 8, only_one uuid default null)
returns table (mentor uuid, operation hlf_sync_operation, retry_count integer, event text)
language sql
as $$
  select mentor_id, operation, retry_count, triggered_by_event
  from public.claim_hlf_sync_attempts(batch, 60, max_attempts, only_one)
$$;
create function pg_temp.settle(code text, outcome hlf_sync_outcome, delay double precision default 0)
returns boolean
language sql
as $$
  select result = 'settled' from public.settle_hlf_sync_attempts(
    array[(select in_flight_attempt_id from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code))],
    array[outcome], array[case outcome when 'success' then 204 else 503 end],
    array[case outcome when 'success' then null else 'unavailable' end], array[delay]
  )
$$;

update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('d1');
update public.hlf_sync_state set due_at = now() - interval '1 hour' where mentor_id <> hlf_tests.mentor('d1');
select results_eq(
  'select mentor, operation from pg_temp.claim(2)',
  $$values (hlf_tests.mentor('d1'), 'remove'::hlf_sync_operation), (hlf_tests.mentor('c1'), 'restore')$$,
  'A remove overtakes restores that have waited longer'
);
select results_eq(
  'select mentor from pg_temp.claim()', $$values (hlf_tests.mentor('c2'))$$, 'What is in flight is not claimed again'
);
select is_empty('select * from pg_temp.claim()', 'Then nothing is left');
select ok(
  (select bool_and(id::text like '________-____-7%') from (select in_flight_attempt_id as id from public.hlf_sync_state) s),
  'Attempt ids are UUIDv7'
);

-- A change while in flight.
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('d1');
select is_empty('select * from pg_temp.claim()', 'A mentor that changes in flight waits for the attempt under way');
select ok(pg_temp.settle('d1', 'success'), 'The attempt under way is settled');
select results_eq(
  'select confirmed_operation, confirmed_generation, generation, due_at <= clock_timestamp()
   from public.hlf_sync_state where mentor_id = hlf_tests.mentor(''d1'')',
  $$values ('remove'::hlf_sync_operation, 2::bigint, 3::bigint, true)$$,
  'It confirms the generation it was claimed for, and the newer one is due'
);
select results_eq(
  'select mentor, operation, retry_count, event from pg_temp.claim()',
  $$values (hlf_tests.mentor('d1'), 'restore'::hlf_sync_operation, 0, 'status_change:active'::text)$$,
  'The newer generation starts afresh'
);
select ok(pg_temp.settle('d1', 'success'), 'And is settled');

-- The status counts at the claim, whatever the state says.
set local session_replication_role = replica;
update hlf_tests.mentors set status = 'resigned' where id = hlf_tests.mentor('c1');
set local session_replication_role = origin;
select pg_temp.settle('c1', 'failure');
select results_eq(
  'select operation, retry_count from pg_temp.claim()', $$values ('remove'::hlf_sync_operation, 1)$$,
  'The operation is read from the mentor when the row is claimed'
);

-- A later attempt waits for its time.
select pg_temp.settle('c1', 'failure', 3600);
select is_empty('select * from pg_temp.claim()', 'A failure is not due before its delay is over');
select ok(
  (select seconds between 3500 and 3600 from hlf_sync.get_wait()), 'The wait says how long'
);

-- A lease that runs out.
update hlf_sync.attempts set lease_expires_at = now() - interval '1 second'
where mentor_id = hlf_tests.mentor('c2') and outcome is null;
create temporary table lost as
select in_flight_attempt_id as id from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2');
select results_eq(
  'select mentor, retry_count from pg_temp.claim()', $$values (hlf_tests.mentor('c2'), 1)$$,
  'A mentor whose worker died is claimed again'
);
select results_eq(
  'select outcome, error_message from hlf_sync.attempts where attempt_id = (select id from lost)',
  $$values ('failure'::hlf_sync_outcome, 'interrupted'::text)$$, 'The attempt of the dead worker is a failure: interrupted'
);
select results_eq(
  $$select result from public.settle_hlf_sync_attempts(array(select id from lost), '{success}', '{204}', '{null}', '{null}')$$,
  $$values ('lease_lost'::hlf_sync_settle_result)$$, 'A worker that comes back too late changes nothing'
);

-- The last attempt.
update hlf_sync.attempts set lease_expires_at = now() - interval '1 second', is_last = true
where mentor_id = hlf_tests.mentor('c2') and outcome is null;
select hlf_sync.settle_interrupted_attempts();
select ok(
  (select dead_lettered_at is not null and due_at is null from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2')),
  'Interrupted at its last attempt, a mentor is a dead letter'
);
select isnt_empty(
  $$select from public.hlf_coordinator_notifications where mentor_id = hlf_tests.mentor('c2') and kind = 'dead_lettered'$$,
  'Its coordinators are told'
);
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'dead_letters' and closed_at is null$$, 'An alert is open'
);

-- Only one mentor; switched-off organisations.
update hlf_tests.mentors set status = 'paused' where id in (hlf_tests.mentor('c2'), hlf_tests.mentor('d1'));
update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('d');
select is_empty(format('select * from pg_temp.claim(10, 8, %L)', hlf_tests.mentor('d1')), 'A switched-off organisation waits');
select results_eq(
  format('select mentor from pg_temp.claim(10, 8, %L)', hlf_tests.mentor('c2')), $$values (hlf_tests.mentor('c2'))$$,
  'One mentor can be claimed alone'
);
update public.hlf_sync_switches set is_enabled = true where organisation_id = hlf_tests.organisation('d');
select results_eq('select mentor from pg_temp.claim()', $$values (hlf_tests.mentor('d1'))$$, 'Switched on, what waited is due');
update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('d');
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('d1');
update public.hlf_sync_switches set is_enabled = true where organisation_id = hlf_tests.organisation('d');
select pg_temp.settle('d1', 'success');
select results_eq(
  'select mentor from pg_temp.claim()', $$values (hlf_tests.mentor('d1'))$$,
  'So is what was asked for meanwhile, as soon as the attempt under way has ended'
);

select * from finish();
rollback;
