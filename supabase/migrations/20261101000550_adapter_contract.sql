-- What hlf-sync expects of the app's adapter, in one place: the contract test, which `deno task adopt` copies into the app, and
-- the doctor both read it. It names nothing of the app's, changes nothing, and needs no data.

create function hlf_sync.find_who_coordinates(claims text)
returns setof text
language plpgsql
set search_path = ''
as $$
declare
  former_claims constant text := current_setting('request.jwt.claims', true);
  former_sub constant text := current_setting('request.jwt.claim.sub', true);
begin
  perform set_config('request.jwt.claims', claims, true), set_config('request.jwt.claim.sub', '', true);
  return query
  select 'coordinates ' || c.organisation_id from hlf_sync.coordinated_organisation_ids() as c (organisation_id)
  union all
  select 'is an administrator of HLF' where hlf_sync.is_hlf_administrator() is not false;
  perform
    set_config('request.jwt.claims', coalesce(former_claims, ''), true),
    set_config('request.jwt.claim.sub', coalesce(former_sub, ''), true);
end
$$;
comment on function hlf_sync.find_who_coordinates(text) is 'What a caller with these claims may do by the adapter.';

create function hlf_sync.find_adapter_sources()
returns table (class oid, id oid, name text)
language sql
stable
set search_path = ''
as $$
  -- Through however many views, and functions whose bodies Postgres has parsed.
  with recursive source (class, id) as (
    select 'pg_catalog.pg_class'::regclass::oid, 'hlf_sync.mentors'::regclass::oid
    union
    select d.refclassid, d.refobjid
    from source
    left join pg_catalog.pg_rewrite as w on source.class = 'pg_catalog.pg_class'::regclass and w.ev_class = source.id
    join pg_catalog.pg_depend as d
      on (d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid)
      or (source.class = 'pg_catalog.pg_proc'::regclass and d.classid = source.class and d.objid = source.id)
    where d.refclassid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass) and d.deptype in ('n', 'i')
  )
  select distinct source.class, source.id, format('%I.%I', variadic address.object_names) as name
  from source
  cross join lateral pg_catalog.pg_identify_object_as_address(source.class, source.id, 0) as address
  where not exists (
    select from pg_catalog.pg_depend as e where e.classid = source.class and e.objid = source.id and e.deptype = 'e'
  )
$$;
comment on function hlf_sync.find_adapter_sources() is 'What the port hlf_sync.mentors is made of: tables, views and functions.';

create function hlf_sync.find_adapter_problems()
returns table (rule text, problem text)
language sql
set search_path = ''
as $$
  select 'organisations: every organisation has an id', o.name
  from hlf_sync.organisations as o
  where o.organisation_id is null
  union all
  select 'organisations: one row for each', o.organisation_id::text
  from hlf_sync.organisations as o
  group by o.organisation_id
  having count(*) > 1
  union all
  select 'mentors: nothing but a name is null', format('%s of organisation %s', m.mentor_id, m.organisation_id)
  from hlf_sync.mentors as m
  where m.mentor_id is null or m.organisation_id is null or m.is_shown is null or m.reason is null
  union all
  select 'mentors: one row for each', m.mentor_id::text
  from hlf_sync.mentors as m
  group by m.mentor_id
  having count(*) > 1
  union all
  select
    'mentors: the reason is active if and only if the mentor is shown',
    format('%s, shown: %s, reason: %s', m.mentor_id, m.is_shown, m.reason)
  from hlf_sync.mentors as m
  where m.is_shown <> (m.reason = 'active')
  union all
  select 'mentors: every organisation is one of organisations', format('%s of %s', m.mentor_id, m.organisation_id)
  from hlf_sync.mentors as m
  where m.organisation_id not in (
    select o.organisation_id from hlf_sync.organisations as o where o.organisation_id is not null
  )
  union all
  select 'certificates: nothing is null', format('%s', c.mentor_id)
  from hlf_sync.certificates as c
  where c.mentor_id is null or c.expires_on is null
  union all
  select 'certificates: one row for each mentor', c.mentor_id::text
  from hlf_sync.certificates as c
  group by c.mentor_id
  having count(*) > 1
  union all
  select who.rule, may.what
  from (values
    ('Without claims nobody coordinates anything', ''),
    ('With empty claims neither', '{}'),
    ('The anonymous caller coordinates nothing', '{"role": "anon"}'),
    (
      'A stranger coordinates nothing',
      format('{"role": "authenticated", "sub": "%s", "app_metadata": {}}', gen_random_uuid())
    )
  ) as who (rule, claims)
  cross join lateral hlf_sync.find_who_coordinates(who.claims) as may (what)
  union all
  select 'The adapter is written: mentors come of some table', 'hlf_sync.mentors reads no table'
  where not exists (
    select from hlf_sync.find_adapter_sources() as s
    join pg_catalog.pg_class as c on s.class = 'pg_catalog.pg_class'::regclass and c.oid = s.id
    where c.relkind in ('r', 'p', 'f', 'm')
  )
  union all
  select
    'Each table that decides who is shown tells of its changes',
    s.name || ' has no enabled trigger for ' || string_agg(event.word, ', ' order by event.place)
    || ' that calls mentors_changed'
  from hlf_sync.find_adapter_sources() as s
  join pg_catalog.pg_class as c on s.class = 'pg_catalog.pg_class'::regclass and c.oid = s.id
  cross join (values (1, 'insert', 4), (2, 'update', 16), (3, 'delete', 8)) as event (place, word, bit)
  where c.relkind in ('r', 'p', 'f', 'm')
    and not exists (select from hlf_sync.silent_sources as i where i.source = s.name)
    and not exists (
      select
      from pg_catalog.pg_trigger as g
      join pg_catalog.pg_proc as p on p.oid = g.tgfoid
      where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')
        -- After the event: before it, the port still shows what was.
        and g.tgtype & event.bit <> 0 and g.tgtype & 66 = 0
        and regexp_replace(p.prosrc, '--[^\n]*', '', 'g') ~* '\mmentors_changed\s*\('
    )
  group by s.name
  union all
  select
    'No function decides by tables that cannot be seen',
    s.name || ' may read tables that cannot be seen: write it `begin atomic`, or list it'
  from hlf_sync.find_adapter_sources() as s
  join pg_catalog.pg_proc as p on s.class = 'pg_catalog.pg_proc'::regclass and p.oid = s.id
  where p.pronamespace not in ('pg_catalog'::regnamespace, 'hlf_sync'::regnamespace)
    and p.provolatile <> 'i' and p.prosqlbody is null
    and not exists (select from hlf_sync.silent_sources as i where i.source = s.name)
  union all
  select 'What is listed as silent is there', i.source
  from hlf_sync.silent_sources as i
  where to_regclass(i.source) is null
    and not exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where format('%I.%I', n.nspname, p.proname) = i.source
    )
$$;
comment on function hlf_sync.find_adapter_problems() is
  'Each case in which the adapter breaks a rule of the contract. Read by the contract test and by the doctor.';

