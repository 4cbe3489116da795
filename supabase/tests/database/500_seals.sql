begin;
set local search_path = public, extensions;
select plan(20);
select tests.create_world();

-- Three days of rows, long ago; the fourth has none.
select tests.attempt('c1', 'success', '2027-02-01 10:00Z'), tests.attempt('c2', 'failure', '2027-02-01 23:59:59Z'),
  tests.attempt('d1', 'success', '2027-02-02 00:00Z'), tests.attempt('c1', 'dead_lettered', '2027-02-03 12:00Z'),
  tests.attempt('c1', 'success', '2027-02-05 12:00Z');

create function pg_temp.verify()
returns text
language sql
as $$
  select concat_ws(' ', is_intact, checked_days, first_bad_day, reason)
  from private.verify_hlf_sync_audit('2027-01-01', '2027-12-31')
$$;

select is(private.seal_hlf_sync_audit_log('2027-02-05'), 4, 'Every day before is sealed, empty ones too');
select is(private.seal_hlf_sync_audit_log('2027-02-05'), 0, 'Once');
select results_eq(
  'select day, row_count, previous_digest is null from public.hlf_sync_audit_seals order by day',
  $$values
    ('2027-02-01'::date, 2::bigint, true), ('2027-02-02', 1, false), ('2027-02-03', 1, false), ('2027-02-04', 0, false)$$,
  'A seal counts the rows of its day in UTC and follows from the day before'
);
select is(pg_temp.verify(), 't 4', 'The log matches its seals');
select is(private.seal_hlf_sync_audit_log('2027-02-07'), 2, 'Later days follow');
select is(pg_temp.verify(), 't 6', 'And match');

-- A superuser who switches the triggers off and tampers, whatever the row and whatever the column.
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
    alter table private.hlf_sync_audit_log_2027 disable trigger all;
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

select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where created_at = '2027-02-02 00:00Z'$$),
  'f 1 2027-02-02 row missing', 'A row that is deleted is found');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where created_at < '2027-02-02'$$),
  'f 0 2027-02-01 row missing', 'So are several');
select is(pg_temp.tampered($$select tests.attempt('c2', 'success', '2027-02-04 08:00Z')$$),
  'f 3 2027-02-04 row added', 'A row that is added is found');
select is(pg_temp.tampered($$select tests.attempt('c2', 'success', '2027-01-20 08:00Z')$$),
  'f 0 2027-01-20 seal missing', 'Also before the first seal');
select is(
  (select count(*) from unnest(array[
    $$organisation_id = gen_random_uuid()$$, $$mentor_id = gen_random_uuid()$$, $$operation = 'restore'$$,
    $$dynamics_response_code = 200$$, $$retry_count = retry_count + 1$$,
    $$outcome = 'failure', error_message = 'timeout'$$, $$triggered_by_event = 'break_glass'$$,
    $$created_at = created_at + interval '1 microsecond'$$, $$id = overlay(id::text placing case right(id::text, 1) when '0' then '1' else '0' end from 36)::uuid$$
  ]) as change
  where pg_temp.tampered(format(
    'update public.hlf_sync_audit_log set %s where created_at = %L', change, '2027-02-01 10:00Z'
  )) = 'f 0 2027-02-01 row changed'),
  9::bigint, 'A change of any column is found'
);
select is(pg_temp.tampered($$update public.hlf_sync_audit_log set created_at = created_at + interval '1 day' where created_at = '2027-02-02 00:00Z'$$),
  'f 1 2027-02-02 row missing', 'A row that is moved to another day is found');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_seals where day = '2027-02-03'$$),
  'f 2 2027-02-03 seal missing', 'A seal that is deleted is found');
select is(pg_temp.tampered($$update public.hlf_sync_audit_seals set previous_digest = digest where day = '2027-02-03'$$),
  'f 2 2027-02-03 seal does not follow from the day before', 'A seal that is changed is found');
select is(pg_temp.tampered(
    $$delete from public.hlf_sync_audit_log where created_at = '2027-02-02 00:00Z';
      update public.hlf_sync_audit_seals as s set (row_count, digest) = (
        select d.row_count, d.digest from private.digest_hlf_sync_audit_day('2027-02-02', s.previous_digest) as d
      ) where s.day = '2027-02-02'$$
  ), 'f 2 2027-02-03 seal does not follow from the day before', 'A row deleted and its day sealed anew is found');
select is(pg_temp.verify(), 't 6', 'All that was undone, the log matches again');

select throws_ok('update public.hlf_sync_audit_seals set row_count = 0', '42501', null, 'The owner cannot change seals');
select throws_ok('truncate public.hlf_sync_audit_seals', '42501', null, 'Nor truncate them');

select tests.act_as('authenticated', tests.persona('coordinator of c'));
select is(
  (select concat_ws(' ', is_intact, checked_days) from public.verify_hlf_sync_audit('2027-02-01', '2027-02-03')), 't 3',
  'A coordinator may verify a range'
);
reset role;
select tests.act_as('anon');
select throws_ok(
  $$select * from public.verify_hlf_sync_audit('2027-02-01', '2027-02-03')$$, '42501', null, 'Anonymous callers may not'
);
reset role;

select * from finish();
rollback;
