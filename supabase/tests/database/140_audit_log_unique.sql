begin;
set local search_path = public, extensions;
select plan(7);
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

select * from finish();
rollback;
