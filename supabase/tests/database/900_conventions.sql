-- How the SQL of this project is written, which is the same in whatever app it is: this file is not copied into any.
begin;
set local search_path = public, extensions;
select plan(8);

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

-- What the tests look at, in an app too, is listed by name.
select set_eq(
  $$select name from our_tables where nspname = 'hlf_sync' or name not in (
      'public.mentors'::regclass, 'public.organisations', 'public.organisation_members'
    )$$,
  'select hlf_tests.own_relations()', 'Every table and view is listed'
);
select set_eq(
  'select name from our_functions', 'select hlf_tests.own_functions()', 'Every function is listed with those who call it'
);

select * from finish();
rollback;
