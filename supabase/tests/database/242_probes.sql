-- Where the health check passes and updates fail, one who waits is tried ahead of its time, once a minute.
begin;
set local search_path = public, extensions;
select plan(25);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c3'), hlf_tests.organisation('c'), 'Oppdiktet Oppdiktsen', 'active'),
(hlf_tests.mentor('d2'), hlf_tests.organisation('d'), 'Påfunn Påfunnsen', 'active');
update public.hlf_sync_state set due_at = null, confirmed_operation = 'restore', confirmed_generation = generation,
  confirmed_at = now() - interval '1 day';
update hlf_tests.mentors set status = 'paused' where id in (hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('d1'));
-- All three have failed six times; hours lie before their next attempt. The one of d1 was the longest ago.
update public.hlf_sync_state set attempts = 6, last_error = 'server_error', due_at = now() + interval '3 hours',
  updated_at = now() - interval '2 hours'
where mentor_id in (hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('d1'));
update public.hlf_sync_state set updated_at = now() - interval '3 hours' where mentor_id = hlf_tests.mentor('d1');
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
delete from net.http_request_queue;

create function pg_temp.settle(attempt uuid, outcome hlf_sync_outcome, error text default null)
returns void
language sql
as $$
  select public.settle_hlf_sync_attempts(
    array[attempt], array[outcome], array[case when outcome = 'success' then 204 else 500 end], array[error], '{30}'
  )
$$;
create function pg_temp.claim(max_attempts integer default 8)
returns table (attempt_id uuid, mentor_id uuid, retry_count integer, is_last boolean)
language sql
as $$
  select attempt_id, mentor_id, retry_count, is_last from public.claim_hlf_sync_attempts(50, 60, max_attempts)
$$;

select is((select count(*) from pg_temp.claim()), 0::bigint, 'Nobody is probed before a health check has passed');
update hlf_sync.pulse set healthy_at = now() - interval '1 minute', health_failed_at = now() - interval '30 seconds';
select is((select count(*) from pg_temp.claim()), 0::bigint, 'Nor while the last one failed');
select is(hlf_sync.wake(), null, 'And nobody is woken for it');
update hlf_sync.pulse set healthy_at = now(), health_failed_at = null;
select public.close_hlf_sync_gate('throttled', 60);
select is(hlf_sync.find_probe(), null, 'Nor while the gate is closed');
select public.open_hlf_sync_gate('throttled');
select is(hlf_sync.wake(), 'sweep', 'The sweep wakes the function although nobody is due');

create temporary table first_probe as select * from pg_temp.claim(7);
select results_eq('select mentor_id, retry_count, is_last from first_probe',
  $$select hlf_tests.mentor('d1'), 6, false$$, 'One is tried, who was not for longest, and it is not the last of its attempts');
select is((select count(*) from pg_temp.claim()), 0::bigint, 'No other within the minute');
select pg_temp.settle(attempt_id, 'failure', 'server_error') from first_probe;
select results_eq(
  $$select attempts, uncounted_attempts, due_at, dead_lettered_at from public.hlf_sync_state where mentor_id = hlf_tests.mentor('d1')$$,
  $$select 6, 0, now() + interval '3 hours', null::timestamptz$$, 'In vain, it has left the mentor''s own series as it was');
select is((select count(*) from pg_temp.claim()), 0::bigint, 'Nor is another tried at once');
select is(hlf_sync.wake(), null, 'Or woken for');

-- A minute later; who was tried last is the last in turn.
select hlf_tests.travel('1 minute');
create temporary table second_probe as select * from pg_temp.claim();
select isnt((select mentor_id from second_probe), hlf_tests.mentor('d1'), 'The next minute somebody else is tried');
update hlf_sync.attempts set lease_expires_at = now() - interval '1 second' where outcome is null;
select hlf_sync.settle_interrupted_attempts();
select is((select attempts from public.hlf_sync_state where mentor_id = (select mentor_id from second_probe)), 6,
  'One that was interrupted costs nothing either');
select hlf_tests.travel('1 minute');
create temporary table third_probe as select * from pg_temp.claim();
select isnt((select mentor_id from third_probe), (select mentor_id from second_probe), 'Then the third');

-- A change while a probe is under way.
update hlf_tests.mentors set status = 'active' where id = (select mentor_id from third_probe);
update hlf_tests.mentors set status = 'paused' where id = (select mentor_id from third_probe);
select pg_temp.settle(attempt_id, 'failure', 'server_error') from third_probe;
select results_eq(
  $$select attempts, due_at <= clock_timestamp() from public.hlf_sync_state where mentor_id = (select mentor_id from third_probe)$$,
  $$select 0, true$$, 'A newer generation is due with all its attempts');
create temporary table own as select * from pg_temp.claim();
select results_eq('select mentor_id, retry_count from own', 'select mentor_id, 0 from third_probe', 'Its own attempt comes before any probe');
select pg_temp.settle(attempt_id, 'failure', 'server_error') from own;
select is((select attempts from public.hlf_sync_state where mentor_id = (select mentor_id from own)), 1, 'And counts');

-- A refusal is no outage: it is judged and counted as always.
select hlf_tests.travel('1 minute');
update public.hlf_sync_state set due_at = now() + interval '3 hours' where mentor_id = (select mentor_id from own);
create temporary table refused as select * from pg_temp.claim();
select pg_temp.settle(attempt_id, 'failure', 'rejected code=0x80040265') from refused;
select results_eq(
  $$select attempts, due_at < now() + interval '1 minute' from public.hlf_sync_state where mentor_id = (select mentor_id from refused)$$,
  $$select 7, true$$, 'A probe that is refused is an attempt like any other');
update public.hlf_sync_state set due_at = null, confirmed_generation = generation, last_error = null
where mentor_id = (select mentor_id from refused);

-- The end of it. Two were given up meanwhile, one of them for the outage; both for a status change.
update public.hlf_sync_state set dead_lettered_at = now(), confirmed_generation = null, attempts = 8,
  triggered_by_event = 'status_change:paused', last_error = case mentor_id when hlf_tests.mentor('c3') then 'timeout' else 'listing_not_found' end
where mentor_id in (hlf_tests.mentor('c3'), hlf_tests.mentor('d2'));
select hlf_tests.travel('1 minute');
create temporary table last_probe as select * from pg_temp.claim();
delete from net.http_request_queue;
select pg_temp.settle(attempt_id, 'success') from last_probe;
select is((select confirmed_operation from public.hlf_sync_state where mentor_id = (select mentor_id from last_probe)), 'remove',
  'A probe that succeeds is a success');
select is((select count(*) from public.hlf_sync_state where due_at > clock_timestamp()), 0::bigint, 'Everybody who waits is tried now');
select is((select count(*) from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') like '%sweep%'), 1::bigint,
  'And the function is woken');
select results_eq(
  $$select mentor_id, attempts, triggered_by_event from public.hlf_sync_state
    where mentor_id in (hlf_tests.mentor('c3'), hlf_tests.mentor('d2')) and dead_lettered_at is null$$,
  $$select hlf_tests.mentor('c3'), 0, 'status_change:paused'$$, 'So is who was given up for the outage, with all attempts; nobody else who was'
);
update public.hlf_sync_state set due_at = null, dead_lettered_at = null, last_error = null, confirmed_generation = generation
where mentor_id in (hlf_tests.mentor('c3'), hlf_tests.mentor('d2'));
create temporary table others as select * from pg_temp.claim(2);
select results_eq('select count(*), bool_or(is_last) from others', $$values (1::bigint, false)$$,
  'What somebody else''s success sets off costs nobody an attempt');
select pg_temp.settle(attempt_id, 'failure', 'server_error') from others;

update public.hlf_sync_state set due_at = now() + interval '3 hours' where due_at is not null;
select hlf_tests.travel('1 minute');
select isnt(hlf_sync.find_probe(), null, 'Whoever fails still is probed');
update public.hlf_sync_switches set is_enabled = false where organisation_id in (select organisation_id from public.hlf_sync_state where last_error is not null);
select is(hlf_sync.find_probe(), null, 'Unless its organisation is switched off');

-- A gate that was opened by hand.
update public.hlf_sync_switches set is_enabled = true;
select public.close_hlf_sync_gate('throttled', 600);
update public.hlf_sync_state set last_error = 'throttled', due_at = now() + interval '10 minutes' where last_error is not null;
select public.open_hlf_sync_gate('throttled');
select is((select count(*) from pg_temp.claim()), 1::bigint, 'Whom Dynamics asked to wait is due when a person opens the gate');

select * from finish();
rollback;
