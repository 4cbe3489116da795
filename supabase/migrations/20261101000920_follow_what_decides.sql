-- For adapters of apps in which more than the mentors' own rows decide: a person's, an organisation's, or the date.

create function hlf_sync.track_related()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  columns text;
  changed text;
  ids uuid[];
begin
  if tg_nargs = 0 or tg_op = 'TRUNCATE' then
    ids := array(select m.mentor_id from hlf_sync.mentors as m union select s.mentor_id from public.hlf_sync_state as s);
  else
    columns := (
      select string_agg(format(', %I::text', c.name), '' order by c.place)
      from unnest(tg_argv) with ordinality as c (name, place)
      where c.place > 4
    );
    changed := case
      when tg_op = 'INSERT' then 'select %1$I from new_rows'
      when tg_op = 'DELETE' then 'select %1$I from old_rows'
      when columns is null then 'select %1$I from old_rows union select %1$I from new_rows'
      -- Whatever is on one side only: a row that changed, and one whose key did.
      else
        'select key from (select %1$I as key%2$s from old_rows except all select %1$I%2$s from new_rows) as before
         union
         select key from (select %1$I as key%2$s from new_rows except all select %1$I%2$s from old_rows) as after'
    end;
    execute format(
      'select array_agg(r.%3$I) from %4$s as r where r.%5$I in (' || changed || ')',
      tg_argv[0], columns, tg_argv[3], tg_argv[1]::regclass, tg_argv[2]
    ) into ids;
  end if;
  if ids is not null then
    perform hlf_sync.mentors_changed(ids);
  end if;
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %.% (%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$$;
comment on function hlf_sync.track_related() is
  'Trigger of a table of the app whose rows are none of mentors: track_related(key, table that has it, as what, its column with the '
  'mentor''s id[, columns that matter …]), or for everybody: track_related(). Never fails the write.';

create function hlf_sync.track_related_table(
  tracked regclass, key_column text, related regclass, related_column text, mentor_column text, variadic columns text[] default '{}'
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  missing constant text := (
    select string_agg(format('%s.%s', a.relation, a.name), ', ')
    from (
      select tracked as relation, c as name from unnest(key_column || columns) as c
      union all
      select related, c from unnest(array[related_column, mentor_column]) as c
    ) as a
    where not exists (
      select from pg_catalog.pg_attribute as t
      where t.attrelid = a.relation and t.attname = a.name and t.attnum > 0 and not t.attisdropped
    )
  );
begin
  if missing is not null then
    raise exception 'There is no column %', missing using errcode = '42703';
  end if;
  perform hlf_sync.create_tracking_triggers(tracked, (
    select format('hlf_sync.track_related(%s)', string_agg(quote_literal(a.name), ', ' order by a.place))
    from unnest(
      array[key_column, related::oid::regclass::text, related_column, mentor_column] || columns
    ) with ordinality as a (name, place)
  ));
end
$$;
comment on function hlf_sync.track_related_table(regclass, text, regclass, text, text, text[]) is
  'For the adapter, of a table whose rows concern mentors by way of another table: track_related_table(''public.persons'', ''id'', '
  '''public.people'', ''person_id'', ''id'', ''deleted_at''). An update counts only where one of the columns changed, if any is named.';

create function hlf_sync.track_for_everybody(tracked regclass)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.create_tracking_triggers(tracked, 'hlf_sync.track_related()')
$$;
comment on function hlf_sync.track_for_everybody(regclass) is
  'For the adapter, of a small table that seldom changes and then concerns everybody: all mentors are looked at after each change.';

create table hlf_sync.silent_sources (
  source text primary key,
  reason text not null
);
comment on table hlf_sync.silent_sources is
  'For the adapter: tables and functions that the port hlf_sync.mentors reads and whose changes need not be seen, as schema.name.';
comment on column hlf_sync.silent_sources.reason is 'Why the contract test lets it pass.';
revoke all on hlf_sync.silent_sources from public, anon, authenticated, service_role;
