-- What the coordinators' page reads: their own organisation, what is new, and without what is refused.
begin;
set local search_path = public, extensions;
select plan(15);
select hlf_tests.create_world();
update public.hlf_sync_state set updated_at = now() - interval '1 hour';
update public.hlf_sync_state
set updated_at = now(), last_error = 'throttled code=0x80072322 request=0e4a4dd1-9a3c-4c5b-8f5e-3a9f5a1b2c3d'
where mentor_id = hlf_tests.mentor('c2');

create function pg_temp.news(since timestamptz default null)
returns jsonb
language sql
as $$
  select public.read_hlf_sync_news((select m.organisation_id from public.hlf_sync_state as m where m.mentor_id = hlf_tests.mentor('c1')), since)
$$;

create function pg_temp.ids(rows jsonb, key text)
returns setof uuid
language sql
as $$
  select (r ->> key)::uuid from jsonb_array_elements(rows) as r
$$;

-- Before the role is taken on, since a stranger does not see which organisation it is.
create temporary table asked on commit drop as
select s.organisation_id from public.hlf_sync_state as s where s.mentor_id = hlf_tests.mentor('c1');
grant select on asked to authenticated, anon;

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select bag_eq(
  $$select pg_temp.ids(pg_temp.news() -> 'states', 'mentor_id')$$,
  'select mentor_id from public.hlf_sync_state', 'Everything at first, of their own organisation'
);
select is(
  pg_temp.news() ->> 'state_count', (select count(*)::text from public.hlf_sync_state), 'And how much that is'
);
select results_eq(
  $$select pg_temp.ids(pg_temp.news(now() - interval '5 minutes') -> 'states', 'mentor_id')$$,
  $$values (hlf_tests.mentor('c2'))$$, 'Then what has changed'
);
select results_eq(
  $$select pg_temp.ids(pg_temp.news(now() - interval '5 minutes') -> 'mentors', 'id')$$,
  $$values (hlf_tests.mentor('c2'))$$, 'With the names of those'
);
select is(
  pg_temp.news(now()) #>> '{states,0,last_error}', 'throttled code=0x80072322', 'What was committed late comes again, without its request'
);
select ok(pg_temp.news() ?& array['gate', 'alerts', 'nights', 'notifications', 'newest_attempt'], 'And what goes on around them');
reset role;

-- What belongs to no organisation counts in all of them, and most of it is for the people who run the system.
insert into public.hlf_sync_alerts (kind) select k.kind from hlf_sync.alert_kinds as k;
insert into public.hlf_nightly_runs (run_date) values ('2025-11-30');
create function pg_temp.seen_by(role_name text)
returns text
language plpgsql
as $$
declare
  seen text;
begin
  perform hlf_tests.act_as('authenticated', hlf_tests.persona(role_name));
  select concat_ws(', ',
    (select string_agg(a.kind, ' ' order by a.kind) from public.hlf_sync_alerts as a where a.closed_at is null),
    (select 'gate' from public.hlf_sync_gate as g where g.closed_until is not null),
    (select 'night' from public.hlf_nightly_runs as n where n.started_at is not null)
  ) into seen;
  reset role;
  return seen;
end
$$;
select is(
  pg_temp.seen_by('coordinator of c'),
  'cannot_call dynamics_unreachable gate_stuck jobs_stopped nights_stopped, gate, night',
  'Coordinators are told what concerns every organisation'
);
select is(pg_temp.seen_by('stranger'), '', 'Nobody else is');
select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select bag_eq(
  $$select a ->> 'kind' from jsonb_array_elements(pg_temp.news() -> 'alerts') as a$$,
  array['cannot_call', 'dynamics_unreachable', 'gate_stuck', 'jobs_stopped', 'nights_stopped'], 'Nor does the page ask for more'
);
select is(
  array(select jsonb_object_keys(pg_temp.news() #> '{alerts,0}') order by 1), array['kind', 'opened_at'], 'Of an alert, not how many it is about'
);
select is(
  (
    select count(*) from information_schema.column_privileges as p
    where p.grantee = 'authenticated' and p.table_schema = 'public' and p.column_name ~ '_count$'
      and p.table_name in ('hlf_sync_alerts', 'hlf_sync_gate', 'hlf_nightly_runs')
  ), 0::bigint, 'Nothing that is counted in every organisation can be read at all'
);
reset role;

revoke select on public.hlf_coordinator_notifications from authenticated;
select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select ok(
  not pg_temp.news() ? 'notifications' and pg_temp.news() ? 'alerts', 'One reading that is refused fails alone'
);
reset role;

select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of d'));
select is(
  (select public.read_hlf_sync_news(organisation_id) ->> 'state_count' from asked), '0', 'Nothing of another organisation'
);
select is(
  (select public.read_hlf_sync_news(organisation_id) -> 'organisation' from asked), 'null'::jsonb, 'Not even its name'
);
reset role;
select hlf_tests.act_as('anon');
select throws_ok(
  'select public.read_hlf_sync_news(organisation_id) from asked', '42501', null, 'Anonymous callers may not ask'
);
reset role;

select * from finish();
rollback;
