begin;
set local search_path = public, extensions;
select plan(11);

create temporary view our_functions as
select p.oid::regprocedure as name, p.*, n.nspname
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('public', 'hlf_sync')
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e');
create temporary view our_tables as
select c.oid::regclass as name, c.*, n.nspname
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'hlf_sync') and c.relkind in ('r', 'p', 'v')
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e');

select is_empty($$select name from our_tables where obj_description(oid, 'pg_class') is null$$, 'Every table has a comment');
select is_empty($$select name from our_functions where obj_description(oid, 'pg_proc') is null$$, 'Every function has a comment');
select is_empty(
  $$select name from our_functions where proconfig is null or not proconfig @> array['search_path=""']$$,
  'Every function sets an empty search_path'
);
select is_empty(
  $$select name from our_functions where prosecdef and nspname <> 'hlf_sync'$$, 'security definer only in hlf_sync'
);
select is_empty(
  $$select name from our_functions where has_function_privilege('anon', oid, 'execute')$$, 'anon executes nothing'
);
select is_empty(
  $$select name from our_functions where proacl is null or proacl::text like '%{=X%' or proacl::text like '%,=X%'$$,
  'No function is executable by public'
);
select is_empty(
  $$select name from our_tables where nspname = 'public' and relkind <> 'v' and not relrowsecurity$$,
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
-- REST sessions have pg-safeupdate: an UPDATE or DELETE without WHERE is refused with 21000, inside functions too.
create function pg_temp.unbounded_changes(source text)
returns setof text
language sql
as $$
  -- Cut before each UPDATE or DELETE; what follows up to the next cut or semicolon is that statement.
  select part
  from regexp_split_to_table(
    regexp_replace(
      regexp_replace(regexp_replace(source, '/\*.*?\*/', '', 'g'), '--[^\n]*', '', 'g'),
      '\m(update\s+(only\s+)?[\w.%"$]+(\s+as)?(\s+[\w"]+)?\s+set\M|delete\s+from\M)', e';\x01\\1', 'gi'
    ),
    ';'
  ) as part
  where part like e'\x01%' and part !~* '\mwhere\M'
$$;
select results_eq(
  $$select count(*) from unnest(array[
      'delete from a;', 'with x as (update public.a as b set c = 1 returning c) select', 'DELETE FROM only_a returning id',
      $s$execute format('delete from %s', x)$s$, 'update a set b = 1; delete from a where true'
    ]) as source cross join pg_temp.unbounded_changes(source)$$,
  'values (5::bigint)', 'The search finds what it is for'
);
select is_empty(
  $$select name, change from our_functions cross join lateral pg_temp.unbounded_changes(prosrc) as change$$,
  'No function changes or deletes rows without WHERE'
);

select * from finish();
rollback;
