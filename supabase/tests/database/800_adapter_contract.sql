-- What hlf-sync expects of the app's adapter. It names nothing of the app's, changes nothing, and needs no data: `deno task adopt`
-- copies it into the app's own hlf_tests.
begin;
set local search_path = public, extensions;
select plan(22);

select is_empty(
  'select * from hlf_sync.organisations where organisation_id is null', 'organisations: every organisation has an id'
);
select is_empty(
  'select organisation_id from hlf_sync.organisations group by organisation_id having count(*) > 1',
  'organisations: one row for each'
);
select is_empty(
  'select mentor_id from hlf_sync.mentors
   where mentor_id is null or organisation_id is null or is_shown is null or reason is null',
  'mentors: nothing but a name is null'
);
select is_empty(
  'select mentor_id from hlf_sync.mentors group by mentor_id having count(*) > 1', 'mentors: one row for each'
);
select is_empty(
  $$select mentor_id, is_shown, reason from hlf_sync.mentors where is_shown <> (reason = 'active')$$,
  'mentors: the reason is active if and only if the mentor is shown'
);
select is_empty(
  'select mentor_id, organisation_id from hlf_sync.mentors
   where organisation_id not in (select o.organisation_id from hlf_sync.organisations as o where o.organisation_id is not null)',
  'mentors: every organisation is one of organisations'
);
select is_empty(
  'select mentor_id from hlf_sync.certificates where mentor_id is null or expires_on is null', 'certificates: nothing is null'
);
select is_empty(
  'select mentor_id from hlf_sync.certificates group by mentor_id having count(*) > 1', 'certificates: one row for each mentor'
);

-- Only hlf-sync reads the ports: through them, row level security does not hold.
select is_empty(
  $$select port, role, privilege
    from unnest(array['hlf_sync.organisations', 'hlf_sync.mentors', 'hlf_sync.certificates']) as port
    cross join unnest(array['anon', 'authenticated', 'service_role']) as role
    cross join unnest(array['select', 'insert', 'update', 'references']) as privilege
    where has_any_column_privilege(role, port, privilege)$$,
  'The views are read by hlf-sync alone'
);
select is_empty(
  $$select p.oid::regprocedure from pg_proc as p
    cross join unnest(array['anon', 'authenticated', 'service_role']) as role
    where p.pronamespace = 'hlf_sync'::regnamespace and has_function_privilege(role, p.oid, 'execute')
      and p.proname not in (
        'coordinated_organisation_ids', 'is_hlf_administrator', 'is_sync_event', 'is_sync_error', 'uuid_v7_time', 'today_in_oslo'
      )
      -- Those that a function of public passes calls on to.
      and not exists (
        select from pg_proc as w
        where w.pronamespace = 'public'::regnamespace and w.prosrc like '%hlf\_sync.' || p.proname || '(%'
      )$$,
  'No function in the schema can be called but through one that is meant for it'
);

-- Whoever has no claims, or is a stranger, coordinates nothing.
select set_config('request.jwt.claims', '', true), set_config('request.jwt.claim.sub', '', true);
select is_empty('select hlf_sync.coordinated_organisation_ids()', 'Without claims nobody coordinates anything');
select is(hlf_sync.is_hlf_administrator(), false, 'Without claims nobody is an administrator of HLF');
select set_config('request.jwt.claims', '{}', true);
select is_empty('select hlf_sync.coordinated_organisation_ids()', 'With empty claims neither');
select is(hlf_sync.is_hlf_administrator(), false, 'With empty claims neither');
select set_config('request.jwt.claims', '{"role": "anon"}', true);
select is_empty('select hlf_sync.coordinated_organisation_ids()', 'The anonymous caller coordinates nothing');
select is(hlf_sync.is_hlf_administrator(), false, 'The anonymous caller is no administrator of HLF');
select set_config(
  'request.jwt.claims', format('{"role": "authenticated", "sub": "%s", "app_metadata": {}}', gen_random_uuid()), true
);
select is_empty('select hlf_sync.coordinated_organisation_ids()', 'A stranger coordinates nothing');
select is(hlf_sync.is_hlf_administrator(), false, 'A stranger is no administrator of HLF');
select set_config('request.jwt.claims', '', true);

-- What the port of mentors is made of, through however many views, and functions whose bodies Postgres has parsed.
create temporary view sources as
with recursive source (class, id) as (
  select 'pg_class'::regclass::oid, 'hlf_sync.mentors'::regclass::oid
  union
  select d.refclassid, d.refobjid
  from source
  left join pg_rewrite as w on source.class = 'pg_class'::regclass and w.ev_class = source.id
  join pg_depend as d
    on (d.classid = 'pg_rewrite'::regclass and d.objid = w.oid)
    or (source.class = 'pg_proc'::regclass and d.classid = 'pg_proc'::regclass and d.objid = source.id)
  where d.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass) and d.deptype in ('n', 'i')
)
select distinct source.class, source.id
from source
where not exists (select from pg_depend as e where e.classid = source.class and e.objid = source.id and e.deptype = 'e');

create temporary view deciding_tables as
select format('%I.%I', n.nspname, c.relname) as name, c.oid
from sources
join pg_class as c on sources.class = 'pg_class'::regclass and c.oid = sources.id
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'm');

select isnt_empty('select name from deciding_tables', 'The adapter is written: mentors come of some table');
select is_empty(
  $$select t.name || ' has no enabled trigger for ' || string_agg(event.word, ', ' order by event.place) || ' that calls mentors_changed'
    from deciding_tables as t
    cross join (values (1, 'insert', 4), (2, 'update', 16), (3, 'delete', 8)) as event (place, word, bit)
    where not exists (select from hlf_sync.silent_sources as s where s.source = t.name)
      and not exists (
        select
        from pg_trigger as g
        join pg_proc as p on p.oid = g.tgfoid
        where g.tgrelid = t.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')
          -- After the event: before it, the port still shows what was.
          and g.tgtype & event.bit <> 0 and g.tgtype & 66 = 0
          and (
            p.oid in ('hlf_sync.track()'::regprocedure, 'hlf_sync.track_related()'::regprocedure)
            or regexp_replace(p.prosrc, '--[^\n]*', '', 'g') ~* '\mmentors_changed\s*\('
          )
      )
    group by t.name$$,
  'Each table that decides who is shown tells of its changes'
);
select is_empty(
  $$select format('%I.%I', n.nspname, p.proname) || ' may read tables that cannot be seen: write it `begin atomic`, or list it'
    from sources
    join pg_proc as p on sources.class = 'pg_proc'::regclass and p.oid = sources.id
    join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'hlf_sync') and p.provolatile <> 'i' and p.prosqlbody is null
      and not exists (select from hlf_sync.silent_sources as s where s.source = format('%I.%I', n.nspname, p.proname))$$,
  'No function decides by tables that cannot be seen'
);
select is_empty(
  $$select s.source from hlf_sync.silent_sources as s
    where to_regclass(s.source) is null
      and not exists (
        select from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
        where format('%I.%I', n.nspname, p.proname) = s.source
      )$$,
  'What is listed as silent is there'
);

select * from finish();
rollback;
