begin;
set local search_path = public, extensions;
select plan(50);
select hlf_tests.create_world();

-- Three days of rows, long ago; the fourth has none.
select hlf_sync.ensure_audit_log_partitions(2023, 2023);
select hlf_tests.attempt('c1', 'success', '2023-02-01 10:00Z'), hlf_tests.attempt('c2', 'failure', '2023-02-01 23:59:59Z'),
  hlf_tests.attempt('d1', 'success', '2023-02-02 00:00Z'), hlf_tests.attempt('c1', 'dead_lettered', '2023-02-03 12:00Z'),
  hlf_tests.attempt('c1', 'success', '2023-02-05 12:00Z');

create function pg_temp.verify()
returns text
language sql
as $$
  select concat_ws(' ', is_intact, checked_days, first_bad_day, reason)
  from hlf_sync.verify_audit('2023-01-01', '2023-12-31', '2023-02-06 01:10Z')
$$;

select is(hlf_sync.seal_audit_log('2023-02-05'), 4, 'Every day before is sealed, empty ones too');
select is(hlf_sync.seal_audit_log('2023-02-05'), 0, 'Once');
select results_eq(
  'select day, row_count, previous_digest is null from public.hlf_sync_audit_seals order by day',
  $$values
    ('2023-02-01'::date, 2::bigint, true), ('2023-02-02', 1, false), ('2023-02-03', 1, false), ('2023-02-04', 0, false)$$,
  'A seal counts the rows of its day in UTC and follows from the day before'
);
select is(pg_temp.verify(), 't 4', 'The log matches its seals');
select is(hlf_sync.seal_audit_log('2023-02-07'), 2, 'Later days follow');
select is(pg_temp.verify(), 't 6', 'And match');

-- An owner who switches the triggers off and tampers, whatever the row and whatever the column.
create function pg_temp.tampered(command text)
returns text
language plpgsql
as $$
declare
  verdict text;
begin
  begin
    set local session_replication_role = replica;
    alter table public.hlf_sync_audit_log disable trigger all;
    alter table hlf_sync.audit_log_2023 disable trigger all;
    alter table public.hlf_sync_audit_seals disable trigger all;
    execute command;
    verdict := pg_temp.verify();
    -- Undo it all, and hand the verdict on.
    raise exception using errcode = 'HLF00', message = verdict;
  exception when sqlstate 'HLF00' then
    return verdict;
  end;
end
$$;

select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where created_at = '2023-02-02 00:00Z'$$),
  'f 1 2023-02-02 row missing', 'A row that is deleted is found');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where created_at < '2023-02-02'$$),
  'f 0 2023-02-01 row missing', 'So are several');
select is(pg_temp.tampered($$select hlf_tests.attempt('c2', 'success', '2023-02-04 08:00Z')$$),
  'f 3 2023-02-04 row added', 'A row that is added is found');
select is(pg_temp.tampered($$select hlf_tests.attempt('c2', 'success', '2023-01-20 08:00Z')$$),
  'f 0 2023-01-20 seal missing', 'Also before the first seal');
-- Every single row, in every way: what is found has to be the day of that row.
create table pg_temp.rows as select id, created_at from public.hlf_sync_audit_log;
create function pg_temp.missed(change text, reason text)
returns setof text
language sql
as $$
  -- From a copy, as a table that is being read cannot have its triggers switched off.
  select format('%s of %s: %s', change, log.created_at, verdict)
  from pg_temp.rows as log
  cross join lateral (select (log.created_at at time zone 'UTC')::date as day) as its
  cross join lateral pg_temp.tampered(replace(change, '$id', quote_literal(log.id))) as verdict
  where verdict <> concat_ws(' ', 'f', its.day - '2023-02-01'::date, its.day, reason)
$$;
select is_empty(
  format('select pg_temp.missed(%L, %L)',
    'update public.hlf_sync_audit_log set ' || change || ' where id = $id', 'row changed'),
  'Changed in any row it is found: ' || change
)
from unnest(array[
  $$organisation_id = gen_random_uuid()$$, $$mentor_id = gen_random_uuid()$$, $$operation = 'restore'$$,
  $$dynamics_response_code = 299$$, $$retry_count = retry_count + 1$$,
  $$outcome = 'failure', error_message = 'timeout'$$, $$triggered_by_event = 'break_glass'$$,
  $$created_at = created_at + interval '1 microsecond'$$,
  $$id = overlay(id::text placing case right(id::text, 1) when '0' then '1' else '0' end from 36)::uuid$$
]) as change;
-- Outcome and error are bound to each other, so alone they can be changed where both words fit.
select is(pg_temp.tampered($$update public.hlf_sync_audit_log set outcome = 'failure' where created_at = '2023-02-03 12:00Z'$$),
  'f 2 2023-02-03 row changed', 'A dead letter that becomes a failure is found');
select is(pg_temp.tampered($$update public.hlf_sync_audit_log set error_message = 'timeout' where created_at = '2023-02-03 12:00Z'$$),
  'f 2 2023-02-03 row changed', 'So is another error');
select is_empty(
  $$select pg_temp.missed('delete from public.hlf_sync_audit_log where id = $id', 'row missing')$$,
  'Whichever row is deleted is found'
);
select is_empty(
  $$select pg_temp.missed(
    'insert into public.hlf_sync_audit_log
      select overlay(id::text placing right(gen_random_uuid()::text, 12) from 25)::uuid, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome,
        error_message, triggered_by_event, created_at
      from public.hlf_sync_audit_log where id = $id', 'row added'
  )$$,
  'A row that is added beside any other is found'
);
select is_empty(
  $$select pg_temp.missed(
    'update public.hlf_sync_audit_log set id = overlay(id::text placing right(gen_random_uuid()::text, 12) from 25)::uuid,
      mentor_id = gen_random_uuid() where id = $id', 'row changed'
  )$$,
  'So is any row that is put in the place of another'
);
select is_empty(
  $$select day::date from generate_series('2023-02-01'::date, '2023-02-06', '1 day') as day
    where pg_temp.tampered(format('select hlf_tests.attempt(%L, %L, %L)', 'c2', 'success', day + interval '1 hour'))
      <> concat_ws(' ', 'f', day::date - '2023-02-01'::date, day::date, 'row added')$$,
  'On whatever day, empty ones too'
);
select is(pg_temp.tampered($$update public.hlf_sync_audit_log set created_at = created_at + interval '1 day' where created_at = '2023-02-02 00:00Z'$$),
  'f 1 2023-02-02 row missing', 'A row that is moved to another day is found');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_seals where day = '2023-02-03'$$),
  'f 2 2023-02-03 seal missing', 'A seal that is deleted is found');
select is(pg_temp.tampered($$update public.hlf_sync_audit_seals set previous_digest = digest where day = '2023-02-03'$$),
  'f 2 2023-02-03 seal does not follow from the day before', 'A seal that is changed is found');
select is(pg_temp.tampered(
    $$delete from public.hlf_sync_audit_log where created_at = '2023-02-02 00:00Z';
      update public.hlf_sync_audit_seals as s set (row_count, digest) = (
        select d.row_count, d.digest from hlf_sync.digest_audit_day('2023-02-02', s.previous_digest) as d
      ) where s.day = '2023-02-02'$$
  ), 'f 2 2023-02-03 seal does not follow from the day before', 'A row deleted and its day sealed anew is found');
select is(pg_temp.tampered(
    $$delete from public.hlf_sync_audit_log where created_at = '2023-02-02 00:00Z';
      update public.hlf_sync_audit_seals as s set (row_count, digest) = (
        select d.row_count, d.digest from hlf_sync.digest_audit_day('2023-02-02', s.previous_digest) as d
      ) where s.day = '2023-02-02';
      update public.hlf_sync_audit_seals set previous_digest = (
        select digest from public.hlf_sync_audit_seals where day = '2023-02-02'
      ) where day = '2023-02-03'$$
  ), 'f 2 2023-02-03 row changed', 'Also when the next seal is made to follow: its own digest does not');
select is(pg_temp.verify(), 't 6', 'All that was undone, the log matches again');

-- What the job does every night.
create function pg_temp.seal_alerts()
returns bigint
language sql
as $$
  select hlf_sync.check_audit_seals('2023-02-09 01:10Z');
  select count(*) from public.hlf_sync_alerts where kind = 'seal_broken' and closed_at is null
$$;
select hlf_sync.seal_audit_log('2023-02-08');
alter table public.hlf_sync_audit_seals disable trigger all;
create temporary table taken as select * from public.hlf_sync_audit_seals where day >= '2023-02-06';
delete from public.hlf_sync_audit_seals where day >= '2023-02-06';
select is(pg_temp.seal_alerts(), 1::bigint, 'The newest seals, taken away, are missed');
select hlf_sync.close_alert('seal_broken');
select is(hlf_sync.seal_audit_log('2023-02-08'), 0, 'Sealing does not make them anew');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'seal_broken' and closed_at is null$$, 'But tells of them'
);
insert into public.hlf_sync_audit_seals select * from taken;
alter table public.hlf_sync_audit_seals enable trigger all;
select is(pg_temp.seal_alerts(), 0::bigint, 'And no longer once they are back');
-- Nine days later nothing has been sealed since.
select hlf_sync.check_audit_seals('2023-02-18 01:10Z');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'seal_broken' and closed_at is null$$,
  'Seals that were never made are late, not broken'
);
alter table public.hlf_sync_audit_log disable trigger all;
update public.hlf_sync_audit_log set retry_count = retry_count + 1 where created_at = '2023-02-02 00:00Z';
select is(pg_temp.seal_alerts(), 1::bigint, 'The night after somebody tampered there is an alert');
update public.hlf_sync_audit_log set retry_count = retry_count - 1 where created_at = '2023-02-02 00:00Z';
select is(pg_temp.seal_alerts(), 0::bigint, 'Until the log is as it was');

-- Older days come in turn.
update public.hlf_sync_audit_log set retry_count = retry_count + 1 where created_at = '2023-02-02 00:00Z';
create function pg_temp.nights_until_found_and_forgotten(from_day date)
returns integer
language plpgsql
as $$
begin
  perform hlf_sync.close_alert('seal_broken');
  for night in 0 .. 40 loop
    perform hlf_sync.check_audit_seals((from_day + night) + interval '1 hour');
    if exists (select from public.hlf_sync_alerts where kind = 'seal_broken' and closed_at is null) then
      return night;
    end if;
  end loop;
  return null;
end
$$;
select is_empty(
  $$select day::date from generate_series('2023-03-01'::date, '2024-01-30'::date, '11 days') as day
    where coalesce(pg_temp.nights_until_found_and_forgotten(day::date), 99) >= 30$$,
  'Whenever somebody tampers with the rows of the last year, the alert comes within thirty nights'
);
update public.hlf_sync_audit_log set retry_count = retry_count - 1 where created_at = '2023-02-02 00:00Z';
alter table public.hlf_sync_audit_log enable trigger all;
select hlf_sync.close_alert('seal_broken');

-- The grossest tampering of all.
select is(pg_temp.tampered($$
    insert into public.hlf_sync_state (mentor_id, organisation_id, wanted_operation, triggered_by_event, confirmed_at)
    values (hlf_tests.mentor('c9'), hlf_tests.organisation('c'), 'remove', 'status_change:paused', '2021-02-01 10:00Z');
    delete from public.hlf_sync_audit_log where true;
    delete from public.hlf_sync_audit_seals where true$$),
  'f 0 2021-02-01 log and seals missing', 'A log and seals that are gone altogether are not intact');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where true; delete from public.hlf_sync_audit_seals where true$$),
  't 0', 'Where nothing was ever confirmed nothing is missing');

-- A day that is not over, by whatever path.
select throws_ok(
  $$select hlf_sync.seal_audit_log((now() at time zone 'UTC')::date + 1)$$, '23514', null, 'Today is not sealed'
);
select throws_ok(
  $$insert into public.hlf_sync_audit_seals (day, row_count, digest) values ((now() at time zone 'UTC')::date, 0, repeat('0', 64))$$,
  '23514', null, 'Nor by hand'
);
select throws_ok(
  $$insert into public.hlf_sync_audit_seals (day, row_count, digest, sealed_at)
    values ((now() at time zone 'UTC')::date + 1, 0, repeat('0', 64), now() + interval '3 days')$$,
  '23514', null, 'Nor tomorrow, whatever moment is noted with it'
);
select hlf_sync.seal_audit_log();
select is(
  (select max(day) from public.hlf_sync_audit_seals), (now() at time zone 'UTC')::date - 1, 'Yesterday is the last that is'
);

select throws_ok('update public.hlf_sync_audit_seals set row_count = 0', '42501', null, 'The owner cannot change seals');
select throws_ok('truncate public.hlf_sync_audit_seals', '42501', null, 'Nor truncate them');

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select is(
  (select concat_ws(' ', is_intact, checked_days) from public.verify_hlf_sync_audit('2023-02-01', '2023-02-03')), 't 3',
  'A coordinator may verify a range'
);
reset role;
select hlf_tests.act_as('authenticated', hlf_tests.persona('stranger'));
select throws_ok(
  $$select * from public.verify_hlf_sync_audit('2023-02-01', '2023-02-03')$$, '42501', null, 'A stranger may not'
);
reset role;
select hlf_tests.act_as('anon');
select throws_ok(
  $$select * from public.verify_hlf_sync_audit('2023-02-01', '2023-02-03')$$, '42501', null, 'Anonymous callers may not'
);
reset role;

select * from finish();
rollback;
