begin;
set local search_path = public, extensions;
select plan(16);
select hlf_tests.create_world();
update public.hlf_sync_state set due_at = null, confirmed_operation = 'restore', confirmed_generation = generation;

-- Claims a mentor alone and settles the attempt.
create function pg_temp.attempt(
  code text, outcome hlf_sync_outcome, error text default null, max_attempts integer default 8,
  out operation hlf_sync_operation, out retry_count integer, out is_last boolean
)
language plpgsql
as $$
declare
  claimed record;
begin
  update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor(code) and due_at is not null;
  select * into strict claimed from public.claim_hlf_sync_attempts(1, 60, max_attempts, hlf_tests.mentor(code));
  perform public.settle_hlf_sync_attempts(
    array[claimed.attempt_id], array[outcome], array[case when outcome = 'success' then 204 end], array[error], '{1}'
  );
  operation := claimed.operation;
  retry_count := claimed.retry_count;
  is_last := claimed.is_last;
end
$$;
create function pg_temp.due_in(code text)
returns integer
language sql
as $$
  select round(extract(epoch from due_at - clock_timestamp()))::integer
  from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code)
$$;

-- A restore whose answer is lost, overtaken by a remove: Dynamics may still carry the restore out.
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c1');
select pg_temp.attempt('c1', 'failure', 'timeout');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select is((pg_temp.attempt('c1', 'success')).operation, 'remove', 'The remove succeeds');
select is(pg_temp.due_in('c1'), 120, 'It is sent once more when the restore can no longer come');
update hlf_sync.attempts set claimed_at = claimed_at - interval '121 seconds',
  settled_at = settled_at - interval '121 seconds' where mentor_id = hlf_tests.mentor('c1');
select is((pg_temp.attempt('c1', 'success')).operation, 'remove', 'Then it is');
select is(pg_temp.due_in('c1'), null, 'And that is the end of it');

-- Without an opposite request before it, or with an answer, a success is a success.
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c2');
select pg_temp.attempt('c2', 'failure', 'network');
select pg_temp.attempt('c2', 'success');
select is(pg_temp.due_in('c2'), null, 'A lost answer of the same operation does no harm');
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c2');
select pg_temp.attempt('c2', 'failure', 'unavailable');
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c2');
select pg_temp.attempt('c2', 'success');
select is(pg_temp.due_in('c2'), null, 'Nor does an opposite one that was answered');

-- Attempts that rejected credentials ended are counted, but nobody is given up for them.
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('d1');
select is((pg_temp.attempt('d1', 'failure', 'forbidden code=0x80040220', 3)).is_last, false, 'A first attempt');
-- Which closed the gate, as nobody else was under way.
select public.open_hlf_sync_gate('credentials');
select pg_temp.attempt('d1', 'failure', 'credentials_rejected', 3);
select pg_temp.attempt('d1', 'failure', 'credentials_rejected', 3);
select results_eq(
  $$select retry_count, is_last from pg_temp.attempt('d1', 'failure', 'unavailable', 3)$$, 'values (3, false)',
  'After three of them an ordinary failure is the first that counts'
);
select is((pg_temp.attempt('d1', 'failure', 'unavailable', 3)).is_last, false, 'The second');
select is((pg_temp.attempt('d1', 'dead_lettered', 'unavailable', 3)).is_last, true, 'The third is the last');

-- A function that dies again and again does not use up everybody's attempts in minutes.
update hlf_tests.mentors set status = 'resigned' where id = hlf_tests.mentor('d1');
create function pg_temp.interrupt()
returns integer
language plpgsql
as $$
begin
  update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('d1');
  perform public.claim_hlf_sync_attempts(1, 60, 8, hlf_tests.mentor('d1'));
  update hlf_sync.attempts set lease_expires_at = now() where mentor_id = hlf_tests.mentor('d1');
  perform hlf_sync.settle_interrupted_attempts();
  return pg_temp.due_in('d1');
end
$$;
select is(pg_temp.interrupt(), 5, 'Interrupted once: five seconds');
select is(pg_temp.interrupt(), 20, 'Twice: four times as long');
select is(pg_temp.interrupt(), 80, 'And so on');

-- What could not be recorded cannot be settled.
update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('d1');
create temporary table claimed as select * from public.claim_hlf_sync_attempts(1, 60, 8, hlf_tests.mentor('d1'));
select throws_ok(
  $$select public.settle_hlf_sync_attempts(array(select attempt_id from claimed), '{failure}', '{503}', '{null}', '{1}')$$,
  '23514', null, 'A failure without an error is refused, so it can never block the log'
);

-- One interrupted attempt that cannot be settled keeps neither the others nor a claim from it.
update public.hlf_sync_state set due_at = now() - interval '1 second', in_flight_attempt_id = null, dead_lettered_at = null where true;
delete from hlf_sync.attempts where true;
create temporary table dying as select * from public.claim_hlf_sync_attempts(2, 60, 8);
update hlf_sync.attempts set lease_expires_at = now() - interval '1 second' where true;
do $$
begin
  execute format(
    'alter table hlf_sync.attempts add constraint broken check (mentor_id <> %L or outcome is null) not valid',
    (select mentor_id from dying limit 1)
  );
end
$$;
select lives_ok('select * from public.claim_hlf_sync_attempts(1, 60, 8)', 'Others are claimed although one cannot be settled');
select is(
  (select count(*) from hlf_sync.attempts where error_message = 'interrupted'), 1::bigint,
  'And others are settled'
);
alter table hlf_sync.attempts drop constraint broken;

select * from finish();
rollback;
