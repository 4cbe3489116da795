-- A logical backup cannot say "revoked": restored under open default privileges, everything is everybody's.
begin;
set local search_path = public, extensions;
select plan(4);

create function pg_temp.privileges()
returns table (object text, grantee text, privilege text)
language sql
as $$
  select 'table ' || c.oid::regclass, g.grantee::regrole::text, g.privilege_type
  from pg_class as c
  cross join lateral aclexplode(c.relacl) as g
  where c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace) and c.relkind in ('r', 'p', 'v', 'S')
  union all
  select format('column %s.%s', c.oid::regclass, a.attname), g.grantee::regrole::text, g.privilege_type
  from pg_class as c
  join pg_attribute as a on a.attrelid = c.oid
  cross join lateral aclexplode(a.attacl) as g
  where c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace)
  union all
  select 'function ' || p.oid::regprocedure, g.grantee::regrole::text, g.privilege_type
  from pg_proc as p
  cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as g
  where p.pronamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace)
    and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
  union all
  select 'schema ' || n.nspname, g.grantee::regrole::text, g.privilege_type
  from pg_namespace as n
  cross join lateral aclexplode(n.nspacl) as g
  where n.nspname = 'hlf_sync'
$$;
create temporary table before as select * from pg_temp.privileges();

select isnt_empty('select * from before', 'There are privileges to compare');
grant all on schema hlf_sync to public, anon, authenticated, service_role;
grant all on all tables in schema public, hlf_sync to public, anon, authenticated, service_role;
grant all on all functions in schema public, hlf_sync to public, anon, authenticated, service_role;
select isnt_empty('select * from pg_temp.privileges() except select * from before', 'A restore can give everything to everybody');
select hlf_sync.restore_privileges();
select set_eq('select * from pg_temp.privileges()', 'select * from before', 'One function takes it back again');

revoke all on schema hlf_sync from public, anon, authenticated, service_role;
revoke all on all tables in schema public, hlf_sync from public, anon, authenticated, service_role;
revoke all on all functions in schema public, hlf_sync from public, anon, authenticated, service_role;
select hlf_sync.restore_privileges();
select set_eq('select * from pg_temp.privileges()', 'select * from before', 'And gives what a closed default took away');

select * from finish();
rollback;
