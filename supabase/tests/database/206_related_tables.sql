-- Tables whose rows are none of mentors, and decide all the same.
begin;
set local search_path = public, extensions;
select plan(10);
select hlf_tests.create_world();

create table hlf_tests.persons (id bigint primary key, is_gone boolean not null default false, note text);
create table hlf_tests.links (person bigint not null, "Mentor" uuid not null);
create table hlf_tests.kinds (id integer primary key);
insert into hlf_tests.persons (id) values (1), (2);
insert into hlf_tests.links values (1, hlf_tests.mentor('c1'));
create or replace view hlf_sync.mentors as
select m.id as mentor_id, m.organisation_id, m.status = 'active' as is_shown, m.status::text as reason, m.full_name as name
from hlf_tests.mentors as m
where not exists (
    select from hlf_tests.links as l join hlf_tests.persons as p on p.id = l.person
    where l."Mentor" = m.id and p.is_gone
  )
  and not exists (select from hlf_tests.kinds);
select hlf_sync.track_related_table('hlf_tests.persons', 'id', 'hlf_tests.links', 'person', 'Mentor', 'is_gone');
select hlf_sync.track_for_everybody('hlf_tests.kinds');

create function pg_temp.state(code text)
returns text
language sql
as $$
  select concat_ws(' ', generation, wanted_operation, triggered_by_event)
  from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code)
$$;

update hlf_tests.persons set is_gone = true where true;
select is(pg_temp.state('c1'), '2 remove status_change:deleted', 'A change of what decides is seen by way of the other table');
select is(pg_temp.state('d1'), '1 restore initial_sync', 'Nobody else is concerned');
delete from hlf_tests.persons where id = 1;
select is(pg_temp.state('c1'), '3 restore initial_sync', 'So is a row that goes');
insert into hlf_tests.persons values (1, true);
select is(pg_temp.state('c1'), '4 remove status_change:deleted', 'And one that comes');

-- Something to be seen, if anybody looked.
set local session_replication_role = replica;
update hlf_tests.persons set is_gone = false where true;
set local session_replication_role = origin;
update hlf_tests.persons set note = 'x' where true;
select is(pg_temp.state('c1'), '4 remove status_change:deleted', 'A column that does not decide is nobody''s business');
update hlf_tests.persons set id = 3 where id = 1;
select is(pg_temp.state('c1'), '5 restore initial_sync', 'The key always is');

insert into hlf_tests.kinds values (1);
select is(
  array[pg_temp.state('c1'), pg_temp.state('d1')], array['6 remove status_change:deleted', '2 remove status_change:deleted'],
  'A table that concerns everybody'
);

select throws_ok(
  $$select hlf_sync.track_related_table('hlf_tests.persons', 'id', 'hlf_tests.links', 'person', 'mentor')$$,
  '42703', null, 'A column that is not there is refused at once'
);
alter table hlf_tests.links rename column person to someone;
select lives_ok('update hlf_tests.persons set is_gone = true where true', 'What cannot be looked up does not fail the write');
select has_trigger('hlf_tests', 'persons', 'hlf_sync_truncate', 'Emptying it is seen, too');

select * from finish();
rollback;
