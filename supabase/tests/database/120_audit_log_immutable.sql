begin;
set local search_path = public, extensions;
select plan(41);
select hlf_tests.create_world();
select hlf_tests.attempt('c1');

-- The owner, who holds every privilege, is refused by the triggers: on the parent and on each partition.
select throws_ok(format(command, relation), '42501', null, 'The owner cannot: ' || format(command, relation))
from unnest(array[
  'update %s set retry_count = 1', 'update %s set retry_count = 1 where false', 'delete from %s',
  'delete from %s where false', 'truncate %s'
]) as command,
unnest(array[
  'public.hlf_sync_audit_log', 'hlf_sync.audit_log_2026', 'hlf_sync.audit_log_2031'
]) as relation;
select throws_ok(
  $$merge into public.hlf_sync_audit_log as log using (values (1)) as v (x) on true when matched then delete$$,
  '42501', null, 'The owner cannot merge'
);
select throws_ok(
  $$insert into public.hlf_sync_audit_log select * from public.hlf_sync_audit_log
    on conflict (id, created_at) do update set retry_count = 1$$,
  '42501', null, 'The owner cannot insert on conflict do update'
);
set local session_replication_role = replica;
select throws_ok('delete from public.hlf_sync_audit_log', '42501', null, 'Not even as a replica');
set local session_replication_role = origin;

select throws_ok('delete from hlf_sync.audit_log_2031', '42501', null, 'Empty partitions are guarded too');
select ok(
  (select bool_and(exists (select from pg_trigger t where t.tgrelid = i.inhrelid and t.tgname = 'refuse_change' and t.tgenabled = 'A'))
   from pg_inherits i where i.inhparent = 'public.hlf_sync_audit_log'::regclass),
  'Each partition has the trigger, always enabled'
);
select hlf_sync.create_audit_log_partition(2040);
select throws_ok('delete from hlf_sync.audit_log_2040', '42501', null, 'So has a partition that is added later');

-- Everybody else lacks the privilege in the first place.
create function pg_temp.try(role_name text, command text)
returns setof text
language plpgsql
as $$
begin
  perform hlf_tests.act_as(role_name, hlf_tests.persona('coordinator of c'));
  return next throws_ok(command, '42501', null, role_name || ' cannot: ' || command);
  reset role;
end
$$;
select pg_temp.try(role_name, command)
from unnest(array['anon', 'authenticated', 'service_role']) as role_name,
unnest(array[
  'update public.hlf_sync_audit_log set retry_count = 1', 'delete from public.hlf_sync_audit_log',
  'truncate public.hlf_sync_audit_log', 'update hlf_sync.audit_log_2026 set retry_count = 1',
  'delete from hlf_sync.audit_log_2026', 'truncate hlf_sync.audit_log_2026'
]) as command;

select is_empty(
  $$select grantee, privilege_type, table_name from information_schema.role_table_grants
    where table_name like 'hlf_sync_audit_log%'
      and grantee in ('PUBLIC', 'anon', 'authenticated', 'service_role')
      and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES')$$,
  'No API role holds a privilege that changes the log'
);
select is((select count(*) from public.hlf_sync_audit_log), 1::bigint, 'The row is as it was');

select * from finish();
rollback;
