begin;
set local search_path = public, extensions;
select plan(15);
select tests.create_world();
select tests.attempt('c1', 'success', '2026-12-31 23:00Z'), tests.attempt('c1', 'failure', '2027-01-01 01:00Z'),
  tests.attempt('c2', 'success', '2027-12-31 12:00Z'), tests.attempt('c1', 'success', '2028-01-01 00:00Z');

select throws_ok(
  $$select private.detach_hlf_sync_audit_log_partition(2026, '2031-12-31 23:59:59Z')$$, '42501', null,
  'A year younger than five years is kept'
);
select throws_ok(
  'select private.detach_hlf_sync_audit_log_partition(2026)', '42501', null, 'As of today, too'
);
select throws_ok(
  $$select private.detach_hlf_sync_audit_log_partition(2026, '2032-01-01 00:00Z')$$, '55000', null,
  'A year that is not sealed is kept'
);
select private.seal_hlf_sync_audit_log('2028-01-02');
select is(
  private.detach_hlf_sync_audit_log_partition(2026, '2032-01-01 00:00Z'), 1::bigint, 'After five years it is detached'
);
select throws_ok(
  $$select private.detach_hlf_sync_audit_log_partition(2027, '2032-01-01 00:00Z')$$, '42501', null, 'The next year is not'
);
select is(
  (select count(*) from public.hlf_sync_audit_log), 3::bigint, 'Its rows have left the log'
);
select is((select count(*) from private.hlf_sync_audit_log_2026), 1::bigint, 'And are still there for the export');
select throws_ok('delete from private.hlf_sync_audit_log_2026', '42501', null, 'Append-only as before');
select throws_ok(
  $$select private.detach_hlf_sync_audit_log_partition(2026, '2032-01-01 00:00Z')$$, '42P01', null, 'It is detached once'
);
select is(
  (select concat_ws(' ', is_intact, checked_days) from private.verify_hlf_sync_audit('2026-01-01', '2028-12-31')),
  't 367', 'The chain of seals holds across the detached year'
);
drop table private.hlf_sync_audit_log_2026;
select is(
  (select concat_ws(' ', is_intact, checked_days) from private.verify_hlf_sync_audit('2026-01-01', '2028-12-31')),
  't 367', 'Also once its table is dropped'
);

-- Detaching by hand, past the function, is no way to hide rows.
alter table public.hlf_sync_audit_log detach partition private.hlf_sync_audit_log_2027;
select is(
  (select concat_ws(' ', is_intact, first_bad_day, reason) from private.verify_hlf_sync_audit('2026-01-01', '2028-12-31')),
  'f 2027-01-01 row missing', 'A year detached by hand is missed'
);
insert into public.hlf_sync_detached_partitions (partition_year, row_count) values (2027, 2);
select is(
  (select concat_ws(' ', is_intact, first_bad_day, reason) from private.verify_hlf_sync_audit('2026-01-01', '2028-12-31')),
  'f 2027-01-01 rows detached too early', 'Even with a forged note'
);

-- December without next year's partition.
select private.watch_hlf_sync('2041-12-01 00:00Z');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$,
  'In December a missing partition of the next year raises an alert'
);
select private.ensure_hlf_sync_audit_log_partitions(2042, 2042);
select private.watch_hlf_sync('2041-12-01 00:00Z');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'partition_missing' and closed_at is null$$, 'Until it is there'
);

select * from finish();
rollback;
