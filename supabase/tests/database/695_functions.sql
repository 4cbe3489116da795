-- What may be called over REST, and by whom.
begin;
set local search_path = public, extensions;
select plan(3);

create function pg_temp.callable_by(role_name text)
returns setof text
language sql
as $$
  select p.proname::text
  from pg_proc as p
  where p.oid in (select hlf_tests.own_functions()) and p.pronamespace = 'public'::regnamespace
    and has_function_privilege(role_name, p.oid, 'execute')
$$;

select is_empty($$select pg_temp.callable_by('anon')$$, 'Anonymous callers call nothing');
select bag_eq(
  format('select pg_temp.callable_by(%L)', role_name),
  format('select name from hlf_tests.callables() where role_name = %L', role_name),
  format('%s calls what is meant for it', role_name)
)
from unnest(array['authenticated', 'service_role']) as role_name;

select * from finish();
rollback;
