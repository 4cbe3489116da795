-- Who may do what, whatever the project gives to everybody by default. A logical backup cannot say "revoked": restored under open
-- default privileges, everything is everybody's.
begin;
set local search_path = public, extensions;
select plan(9);
select hlf_tests.use_app();

create temporary view our_functions as
select p.oid::regprocedure as name, p.* from pg_proc as p where p.oid in (select hlf_tests.own_functions());
create temporary view our_tables as
select c.oid::regclass as name, c.* from pg_class as c where c.oid in (select hlf_tests.own_relations());

select is_empty(
  $$select name from our_functions where has_function_privilege('anon', oid, 'execute')$$, 'anon executes nothing'
);
select is_empty(
  $$select name from our_functions where proacl is null or proacl::text like '%{=X%' or proacl::text like '%,=X%'$$,
  'No function is executable by public'
);
select is_empty(
  $$select name from our_tables
    where relnamespace = 'public'::regnamespace and relkind <> 'v' and not relrowsecurity$$,
  'Every table in public has row level security'
);
select is_empty(
  $$select name from our_tables, unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as privilege
    where has_table_privilege('anon', oid, privilege)$$,
  'anon reads and writes nothing'
);
select is_empty(
  $$select name from our_tables, unnest(array['insert', 'update', 'delete', 'truncate']) as privilege
    where has_table_privilege('authenticated', oid, privilege)$$,
  'Signed-in users write to no table directly'
);

create function pg_temp.privileges()
returns table (object text, grantee text, privilege text)
language sql
as $$
  select 'table ' || c.oid::regclass, g.grantee::regrole::text, g.privilege_type
  from our_tables as c
  cross join lateral aclexplode(c.relacl) as g
  union all
  select format('column %s.%s', c.oid::regclass, a.attname), g.grantee::regrole::text, g.privilege_type
  from our_tables as c
  join pg_attribute as a on a.attrelid = c.oid
  cross join lateral aclexplode(a.attacl) as g
  union all
  select 'function ' || p.oid::regprocedure, g.grantee::regrole::text, g.privilege_type
  from our_functions as p
  cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as g
  union all
  select 'schema ' || n.nspname, g.grantee::regrole::text, g.privilege_type
  from pg_namespace as n
  cross join lateral aclexplode(n.nspacl) as g
  where n.nspname = 'hlf_sync'
$$;
create function pg_temp.everywhere(command text)
returns void
language plpgsql
as $$
begin
  execute format(command, 'table', (select string_agg(name::text, ', ') from our_tables));
  execute format(command, 'function', (select string_agg(name::text, ', ') from our_functions));
end
$$;
create temporary table before as select * from pg_temp.privileges();

select isnt_empty('select * from before', 'There are privileges to compare');
grant all on schema hlf_sync to public, anon, authenticated, service_role;
select pg_temp.everywhere('grant all on %s %s to public, anon, authenticated, service_role');
select isnt_empty('select * from pg_temp.privileges() except select * from before', 'A restore can give everything to everybody');
select hlf_sync.restore_privileges();
select set_eq('select * from pg_temp.privileges()', 'select * from before', 'One function takes it back again');

revoke all on schema hlf_sync from public, anon, authenticated, service_role;
select pg_temp.everywhere('revoke all on %s %s from public, anon, authenticated, service_role');
select hlf_sync.restore_privileges();
select set_eq('select * from pg_temp.privileges()', 'select * from before', 'And gives what a closed default took away');

select * from finish();
rollback;
