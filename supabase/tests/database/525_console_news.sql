-- What the coordinators' page reads: their own organisation, what is new, and without what is refused.
begin;
set local search_path = public, extensions;
select plan(10);
select tests.create_world();
update public.hlf_sync_state set updated_at = now() - interval '1 hour';
update public.hlf_sync_state
set updated_at = now(), last_error = 'throttled code=0x80072322 request=0e4a4dd1-9a3c-4c5b-8f5e-3a9f5a1b2c3d'
where mentor_id = tests.mentor('c2');

create function pg_temp.news(since timestamptz default null)
returns jsonb
language sql
as $$
  select public.read_hlf_sync_news((select m.organisation_id from public.hlf_sync_state as m where m.mentor_id = tests.mentor('c1')), since)
$$;

create function pg_temp.ids(rows jsonb, key text)
returns setof uuid
language sql
as $$
  select (r ->> key)::uuid from jsonb_array_elements(rows) as r
$$;

-- Before the role is taken on, since a stranger does not see which organisation it is.
create temporary table asked on commit drop as
select s.organisation_id from public.hlf_sync_state as s where s.mentor_id = tests.mentor('c1');
grant select on asked to authenticated, anon;

select tests.act_as('authenticated', tests.persona('coordinator of c'));
select bag_eq(
  $$select pg_temp.ids(pg_temp.news() -> 'states', 'mentor_id')$$,
  'select mentor_id from public.hlf_sync_state', 'Everything at first, of their own organisation'
);
select is(
  pg_temp.news() ->> 'state_count', (select count(*)::text from public.hlf_sync_state), 'And how much that is'
);
select results_eq(
  $$select pg_temp.ids(pg_temp.news(now() - interval '5 minutes') -> 'states', 'mentor_id')$$,
  $$values (tests.mentor('c2'))$$, 'Then what has changed'
);
select results_eq(
  $$select pg_temp.ids(pg_temp.news(now() - interval '5 minutes') -> 'mentors', 'id')$$,
  $$values (tests.mentor('c2'))$$, 'With the names of those'
);
select is(
  pg_temp.news(now()) #>> '{states,0,last_error}', 'throttled code=0x80072322', 'What was committed late comes again, without its request'
);
select ok(pg_temp.news() ?& array['gate', 'alerts', 'nights', 'notifications', 'newest_attempt'], 'And what goes on around them');
reset role;

revoke select on public.coordinator_notifications from authenticated;
select tests.act_as('authenticated', tests.persona('coordinator of c'));
select ok(
  not pg_temp.news() ? 'notifications' and pg_temp.news() ? 'alerts', 'One reading that is refused fails alone'
);
reset role;

select tests.act_as('authenticated', tests.persona('coordinator of d'));
select is(
  (select public.read_hlf_sync_news(organisation_id) ->> 'state_count' from asked), '0', 'Nothing of another organisation'
);
select is(
  (select public.read_hlf_sync_news(organisation_id) -> 'organisation' from asked), 'null'::jsonb, 'Not even its name'
);
reset role;
select tests.act_as('anon');
select throws_ok(
  'select public.read_hlf_sync_news(organisation_id) from asked', '42501', null, 'Anonymous callers may not ask'
);
reset role;

select * from finish();
rollback;
