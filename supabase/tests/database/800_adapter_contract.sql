-- What hlf-sync expects of the app's adapter. It names nothing of the app's, changes nothing, and needs no data: `deno task adopt`
-- copies it into the app's own tests.
begin;
set local search_path = public, extensions;
select plan(19);

create temporary table problems as
select p.rule, p.problem from hlf_sync.find_adapter_problems() as p;

create temporary table rules (place integer primary key, rule text not null);
insert into rules values
(1, 'organisations: every organisation has an id'),
(2, 'organisations: one row for each'),
(3, 'mentors: nothing but a name is null'),
(4, 'mentors: one row for each'),
(5, 'mentors: the reason is active if and only if the mentor is shown'),
(6, 'mentors: every organisation is one of organisations'),
(7, 'certificates: nothing is null'),
(8, 'certificates: one row for each mentor'),
(9, 'Without claims nobody coordinates anything'),
(10, 'With empty claims neither'),
(11, 'The anonymous caller coordinates nothing'),
(12, 'A stranger coordinates nothing'),
(13, 'The adapter is written: mentors come of some table'),
(14, 'Each table that decides who is shown tells of its changes'),
(15, 'No function decides by tables that cannot be seen'),
(16, 'What is listed as silent is there');

select is_empty(format('select problem from problems where rule = %L', r.rule), r.rule) from rules as r order by r.place;
select is_empty(
  'select rule, problem from problems where rule not in (select r.rule from rules as r)', 'No other rule is broken'
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

select * from finish();
rollback;
