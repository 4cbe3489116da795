begin;
set local search_path = public, extensions;
select plan(25);
select hlf_tests.create_world();
select hlf_sync.ensure_audit_log_partitions(2014, 2016);
select hlf_tests.attempt('c1', 'success', '2014-12-31 23:00Z'), hlf_tests.attempt('c1', 'failure', '2015-01-01 01:00Z'),
  hlf_tests.attempt('c2', 'success', '2015-12-31 12:00Z'), hlf_tests.attempt('c1', 'success', '2016-01-01 00:00Z');

select is(
  (select pronargs::integer from pg_proc where oid = 'hlf_sync.detach_audit_log_partition'::regproc), 1,
  'Whoever detaches says which year, not what time it is'
);
select throws_ok(
  $$select hlf_sync.detach_audit_log_partition(extract(year from now() at time zone 'UTC')::integer - 5)$$, '42501', null,
  'A year younger than five years is kept'
);
select throws_ok(
  $$select hlf_sync.detach_audit_log_partition(extract(year from now() at time zone 'UTC')::integer - 6)$$, '42P01', null,
  'The year before is old enough, had it a partition'
);
select throws_ok(
  $$select hlf_sync.detach_audit_log_partition(2014)$$, '55000',
  'Cannot detach 2014: it is not sealed to its end', 'A year that is not sealed is kept'
);
select hlf_sync.seal_audit_log('2016-01-02');
select is(
  hlf_sync.detach_audit_log_partition(2014), 1::bigint, 'After five years it is detached'
);
select is(
  (select count(*) from public.hlf_sync_audit_log), 3::bigint, 'Its rows have left the log'
);
select is((select count(*) from hlf_sync.audit_log_2014), 1::bigint, 'And are still there for the export');
select throws_ok('delete from hlf_sync.audit_log_2014', '42501', null, 'Append-only as before');
select throws_ok(
  $$select hlf_sync.detach_audit_log_partition(2014)$$, '42P01', null, 'It is detached once'
);

-- With what is left of the log.
create function pg_temp.verify()
returns text
language sql
as $$
  select concat_ws(' ', is_intact, checked_days, first_bad_day, reason)
  from hlf_sync.verify_audit('2014-01-01', '2016-01-01')
$$;
select is(pg_temp.verify(), 't 367', 'The chain of seals holds across the detached year');
drop table hlf_sync.audit_log_2014;
select is(pg_temp.verify(), 't 367', 'Also once its table is dropped');

-- What an owner does to the rest is found as before.
create function pg_temp.tampered(command text)
returns text
language plpgsql
as $$
declare
  verdict text;
begin
  alter table public.hlf_sync_audit_log disable trigger all;
  alter table hlf_sync.audit_log_2015 disable trigger all;
  alter table public.hlf_sync_detached_partitions disable trigger all;
  execute command;
  verdict := pg_temp.verify();
  raise exception using errcode = 'HLF00', message = verdict;
exception when sqlstate 'HLF00' then
  return verdict;
end
$$;
select is(pg_temp.tampered($$update public.hlf_sync_audit_log set retry_count = 7 where created_at = '2015-12-31 12:00Z'$$),
  'f 365 2015-12-31 row changed', 'A row that is changed is found after an older year was detached');
select is(pg_temp.tampered($$delete from public.hlf_sync_audit_log where created_at = '2015-01-01 01:00Z'$$),
  'f 1 2015-01-01 row missing', 'So is one that is deleted');
select is(pg_temp.tampered($$select hlf_tests.attempt('c2', 'success', '2015-06-01 08:00Z')$$),
  'f 152 2015-06-01 row added', 'And one that is added');
select is(pg_temp.tampered(
    $$select hlf_sync.create_audit_log_partition(2014);
      select hlf_tests.attempt('c2', 'success', '2014-12-31 08:00Z')$$
  ), 'f 0 2014-12-31 row added', 'Also to a year that has left the log');

select throws_ok(
  format('select pg_temp.tampered(%L)',
    $$update public.hlf_sync_audit_log set retry_count = 7 where created_at = '2015-12-31 12:00Z';
      select hlf_sync.detach_audit_log_partition(2015)$$
  ), '55000', 'Cannot detach 2015: row changed on 2015-12-31', 'A year that was altered is kept, however old'
);

-- Detaching by hand, past the function, is no way to hide rows.
alter table public.hlf_sync_audit_log detach partition hlf_sync.audit_log_2015;
select is(pg_temp.verify(), 'f 1 2015-01-01 row missing', 'A year detached by hand is missed');
insert into public.hlf_sync_detached_partitions (partition_year, row_count, detached_at) values (2015, 2, '2020-12-31 23:59:59Z');
select is(pg_temp.verify(), 'f 1 2015-01-01 rows detached too early', 'Even with a forged note');
select is(pg_temp.tampered(
    $$update public.hlf_sync_detached_partitions set detached_at = now() + interval '1 second' where partition_year = 2015$$
  ), 'f 1 2015-01-01 rows detached too early', 'Also with one of a time to come');

-- The job that keeps partitions years ahead.
do $$
begin
  execute format('drop table if exists hlf_sync.audit_log_%s', extract(year from now()) + 5);
  execute (select j.command from cron.job as j where j.jobname = 'hlf_sync_partitions');
end
$$;
select is_empty(
  $$select year from generate_series(extract(year from now())::integer, extract(year from now())::integer + 5) as year
    where to_regclass(format('hlf_sync.audit_log_%s', year)) is null$$,
  'The job makes whichever of the next five years is missing'
);
select is(
  (select schedule from cron.job where jobname = 'hlf_sync_partitions'), '30 1 1 * *', 'Every month, so that once is enough'
);

-- December without next year's partition.
create function pg_temp.watch_log(at timestamptz)
returns void
language sql
as $$
  select hlf_sync.watch_log(at)
$$;
select pg_temp.watch_log('2041-11-30 23:59Z');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$,
  'Before December the next year''s partition has time'
);
select pg_temp.watch_log('2041-12-01 00:00Z');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$,
  'In December a missing partition of the next year raises an alert'
);
select hlf_sync.ensure_audit_log_partitions(2042, 2042);
alter table public.hlf_sync_audit_log detach partition hlf_sync.audit_log_2042;
select pg_temp.watch_log('2041-12-01 00:00Z');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$,
  'One that is there but detached takes no rows'
);
select hlf_sync.ensure_audit_log_partitions(2042, 2042);
select pg_temp.watch_log('2041-12-01 00:00Z');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$, 'Until it is there'
);

select * from finish();
rollback;
