begin;
set local search_path = public, extensions;
select plan(10);
select hlf_tests.create_world();

create function pg_temp.write(id uuid, code integer default 204, at timestamptz default '2026-12-31 23:59:59Z')
returns void
language sql
as $$
  insert into public.hlf_sync_audit_log (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event, created_at
  ) values (id, hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', code, 0, 'success', 'status_change:paused', at)
$$;
-- 2026-12-31 23:59:59 UTC
select lives_ok($$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001')$$, 'A row is written');
select lives_ok($$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001')$$, 'Written again, it is a no-op');
select lives_ok(
  $$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001', at => '2027-01-01 00:30Z')$$,
  'Also at another time'
);
select lives_ok(
  $$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001', at => '2027-06-01')$$, 'Also in another year''s partition'
);
select throws_ok(
  $$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001', code => 200)$$, '23505', null,
  'The same id with other content is refused'
);
set local session_replication_role = replica;
select throws_ok(
  $$select pg_temp.write('01a2ce8b-d018-7000-8000-000000000001', code => 200)$$, '23505', null,
  'Also where a replica''s role silences triggers'
);
set local session_replication_role = origin;
select is(
  (select count(*) from public.hlf_sync_audit_log where id = '01a2ce8b-d018-7000-8000-000000000001'), 1::bigint,
  'There is one row'
);

-- By the name of a partition, where the other row is in another's.
select throws_ok(
  $$insert into hlf_sync.audit_log_2027 (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event, created_at
    ) select id, organisation_id, mentor_id, operation, 200, retry_count, outcome, triggered_by_event, '2027-01-01 00:30Z'
    from public.hlf_sync_audit_log where id = '01a2ce8b-d018-7000-8000-000000000001'$$, '23505', null,
  'Nor does a partition take it'
);
create function pg_temp.partitions_without()
returns setof regclass
language sql
as $$
  select i.inhrelid::regclass
  from pg_inherits as i
  where i.inhparent = 'public.hlf_sync_audit_log'::regclass
    and not exists (
      select from pg_trigger as t where t.tgrelid = i.inhrelid and t.tgname = 'keep_attempt_unique' and t.tgenabled = 'A'
    )
$$;
select hlf_sync.create_audit_log_partition(2040);
select is_empty('select pg_temp.partitions_without()', 'It is always on, also in a partition that is added later');
alter table public.hlf_sync_audit_log detach partition hlf_sync.audit_log_2040;
select hlf_sync.create_audit_log_partition(2040);
select is_empty('select pg_temp.partitions_without()', 'And in one that was away');

select * from finish();
rollback;
