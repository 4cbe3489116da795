-- The app that this project brings along, and its adapter: what is tested everywhere else with the tests' own app. This file is
-- not copied into any other app; 800_adapter_contract.sql is.
begin;
set local search_path = public, extensions;
select plan(46);
select hlf_tests.forget_everything();
delete from public.organisations;
delete from public.hlf_sync_state;
insert into auth.users (id, email)
select hlf_tests.persona(p), replace(p, ' ', '.') || '@example.org'
from unnest(array[
  'coordinator of c', 'coordinator of d', 'member of c', 'stranger', 'former coordinator of c'
]) as p;
insert into public.organisations (id, name) values
(hlf_tests.organisation('c'), 'Organisation C'), (hlf_tests.organisation('d'), 'Organisation D');
insert into public.organisation_members (organisation_id, user_id, role) values
(hlf_tests.organisation('c'), hlf_tests.persona('coordinator of c'), 'coordinator'),
(hlf_tests.organisation('d'), hlf_tests.persona('coordinator of d'), 'coordinator'),
(hlf_tests.organisation('c'), hlf_tests.persona('member of c'), 'member');
insert into public.mentors (id, organisation_id, full_name, status, certification_expiry_date) values
(hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'Test Testesen', 'active', '2027-03-31'),
(hlf_tests.mentor('c2'), hlf_tests.organisation('c'), 'Prøve Prøvesen', 'paused', '2027-03-31'),
(hlf_tests.mentor('d1'), hlf_tests.organisation('d'), 'Liksom Liksomsen', 'active', null);

-- The ports.
select results_eq(
  'select * from hlf_sync.organisations order by 1',
  $$values (hlf_tests.organisation('c'), 'Organisation C'), (hlf_tests.organisation('d'), 'Organisation D')$$, 'Organisations'
);
select results_eq(
  'select * from hlf_sync.mentors order by 1',
  $$values
    (hlf_tests.mentor('c1'), hlf_tests.organisation('c'), true, 'active', 'Test Testesen'),
    (hlf_tests.mentor('c2'), hlf_tests.organisation('c'), false, 'paused', 'Prøve Prøvesen'),
    (hlf_tests.mentor('d1'), hlf_tests.organisation('d'), true, 'active', 'Liksom Liksomsen')$$,
  'Mentors'
);
select results_eq(
  'select * from hlf_sync.certificates order by 1',
  $$values (hlf_tests.mentor('c1'), '2027-03-31'::date), (hlf_tests.mentor('c2'), '2027-03-31')$$, 'Certificates that end'
);
select results_eq(
  $$select right(mentor_id::text, 2), triggered_by_event, wanted_operation::text
    from public.hlf_sync_state order by mentor_id$$,
  $$values ('c1', 'initial_sync', 'restore'), ('c2', 'initial_sync', 'remove'), ('d1', 'initial_sync', 'restore')$$,
  'Who is new is noted'
);
create function pg_temp.seen_by(persona text)
returns text
language plpgsql
as $$
declare
  seen text;
begin
  perform hlf_tests.act_as('authenticated', hlf_tests.persona(persona));
  select concat_ws(
    ' ', (select string_agg(substr(o::text, 35, 1), '' order by o) from hlf_sync.coordinated_organisation_ids() as o),
    case when hlf_sync.is_hlf_administrator() then 'administrator' end
  ) into seen;
  reset role;
  return seen;
end
$$;
select is(pg_temp.seen_by(persona), seen, format('%s: what is coordinated', persona))
from (values
  ('coordinator of c', 'c'), ('coordinator of d', 'd'), ('member of c', ''), ('stranger', ''), ('former coordinator of c', '')
) as v (persona, seen);
select results_eq(
  $$select hlf_sync.expire_mentors(array(select id from public.mentors), '2027-04-01')$$,
  $$values (hlf_tests.mentor('c1'))$$, 'Who is active and has expired is expired'
);
select results_eq(
  'select status::text from public.mentors order by id', $$values ('expired_cert'), ('paused'), ('active')$$, 'Nobody else is'
);
select is(
  (select triggered_by_event from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1')), 'status_change:expired_cert',
  'A change is noted'
);
update public.mentors set status = 'active' where id = hlf_tests.mentor('c1');

-- Its tables. Each command of each persona on them, as 610 tries hlf-sync's.
set local client_min_messages = error;
select hlf_tests.lend_files();
create function pg_temp.try_app(persona text, role_name text, user_id uuid, organisations text, members text, mentors text)
returns setof text
language sql
as $$
  select hlf_tests.try_commands(persona, role_name, user_id, 'public.' || relation, false, expected)
  from (values ('organisations', organisations), ('organisation_members', members), ('mentors', mentors)) as v (relation, expected)
$$;
select pg_temp.try_app('anonymous caller', 'anon', null, 'denied', 'denied', 'denied');
select pg_temp.try_app('stranger', 'authenticated', hlf_tests.persona('stranger'), '0', '0', '0');
select pg_temp.try_app('coordinator of c', 'authenticated', hlf_tests.persona('coordinator of c'), '1', '1', '2');
select pg_temp.try_app('coordinator of d', 'authenticated', hlf_tests.persona('coordinator of d'), '1', '1', '1');
select pg_temp.try_app('former coordinator of c', 'authenticated', hlf_tests.persona('former coordinator of c'), '0', '0', '0');
select pg_temp.try_app('member of c', 'authenticated', hlf_tests.persona('member of c'), '0', '1', '0');
select pg_temp.try_app('service role', 'service_role', null, '2 all', '3 all', '3 all');
select pg_temp.try_app('owner', null, null, '2 all', '3 all', '3 all');
insert into public.organisation_members (organisation_id, user_id, role)
values (hlf_tests.organisation('d'), hlf_tests.persona('stranger'), 'administrator');
select is(pg_temp.seen_by('stranger'), 'administrator', 'An administrator is one, and coordinates nothing');
select pg_temp.try_app('administrator', 'authenticated', hlf_tests.persona('stranger'), '0', '1', '0');
select hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
select is_empty(
  $$select from public.mentors where organisation_id <> hlf_tests.organisation('c')$$, 'What a coordinator sees is of the own organisation'
);
reset role;

grant all on public.mentors, public.organisations, public.organisation_members to public, anon, authenticated, service_role;
select hlf_sync.restore_privileges();
select pg_temp.try_app('anonymous caller, after a restore', 'anon', null, 'denied', 'denied', 'denied');

set local enable_seqscan = off;
set local enable_bitmapscan = off;
select hlf_tests.uses('organisation_members_user_id_idx',
  'select 1 from public.organisation_members where user_id = hlf_tests.persona(''stranger'')');
select hlf_tests.uses('mentors_organisation_id_idx',
  'select 1 from public.mentors where organisation_id = hlf_tests.organisation(''c'')');
select * from finish();
rollback;
