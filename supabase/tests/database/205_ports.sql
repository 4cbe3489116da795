-- What an app calls and what it replaces: any table may decide who is shown, in the app's own words.
begin;
set local search_path = public, extensions;
select plan(40);
select hlf_tests.create_world();
delete from hlf_tests.organisations;

create function pg_temp.state(code text)
returns text
language sql
as $$
  select concat_ws(' ', wanted_operation, triggered_by_event, case when due_at is not null then 'due' end)
  from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code)
$$;
create function pg_temp.generations()
returns text
language sql
as $$
  select string_agg(generation::text, ' ' order by mentor_id) from public.hlf_sync_state where mentor_id <= hlf_tests.mentor('a9')
$$;
create function pg_temp.nudges()
returns bigint
language sql
as $$
  select set_config('hlf_sync.nudged', '', true);
  with sent as (delete from net.http_request_queue returning 1) select count(*) from sent
$$;
select vault.create_secret('http://function.example', 'hlf_sync_function_url')
where not exists (select from vault.secrets where name = 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key')
where not exists (select from vault.secrets where name = 'hlf_sync_secret_key');

-- Another app: people, what they are, and papers of which each person needs one that is valid.
create table hlf_tests.person (id uuid primary key, region uuid, word text, notes json, seen integer default 0);
create table hlf_tests.paper (paper_id integer generated always as identity primary key, person_id uuid, is_valid boolean not null);
create or replace view hlf_sync.organisations as select hlf_tests.organisation(c) as organisation_id, c as name from unnest(array['c', 'd']) as c;
create or replace view hlf_sync.mentors as
select
  p.id as mentor_id, p.region as organisation_id,
  case when p.word <> 'nobody knows' then
    p.word = 'shown' and exists (select from hlf_tests.paper as q where q.person_id = p.id and q.is_valid)
  end as is_shown,
  p.word as reason, null::text as name
from hlf_tests.person as p
where p.word <> 'gone';
select hlf_sync.track_table('hlf_tests.person', 'id', 'word', 'region', 'notes');
select hlf_sync.track_table('hlf_tests.paper', 'person_id');

select throws_ok(
  $$select hlf_sync.track_table('hlf_tests.person', 'person', 'word')$$, '42703', 'hlf_tests.person has no column person',
  'A column that is not there is refused when the adapter is installed'
);

insert into hlf_tests.person (id, region, word) values
(hlf_tests.mentor('a1'), hlf_tests.organisation('c'), 'shown'), (hlf_tests.mentor('a2'), hlf_tests.organisation('c'), 'paused');
select is(pg_temp.state('a1'), 'remove initial_sync due', 'Without what the app asks for a new mentor is hidden');
select is((select seen_event from public.hlf_sync_state where mentor_id = hlf_tests.mentor('a1')), 'status_change:hidden',
  'A word of the app''s own is seen as hidden');
select pg_temp.nudges();
insert into hlf_tests.paper (person_id, is_valid) select hlf_tests.mentor('a1'), true from generate_series(1, 3);
select is(pg_temp.state('a1'), 'restore status_change:active due', 'Another table decides as well');
select is(pg_temp.nudges(), 1::bigint, 'One nudge for a statement');
insert into hlf_tests.paper (person_id, is_valid) values (hlf_tests.mentor('a2'), true);
select is(pg_temp.state('a2'), 'remove initial_sync due', 'What changes nothing asks for nothing');
select is(pg_temp.nudges(), 0::bigint, 'Nor does it nudge');
insert into hlf_tests.paper (person_id, is_valid) values (null, true), (gen_random_uuid(), true);
select is((select count(*) from public.hlf_sync_state where mentor_id > hlf_tests.mentor('a9') and seen_event is null), 0::bigint,
  'Ids of nobody are left alone');

delete from hlf_tests.paper where paper_id = (select min(paper_id) from hlf_tests.paper where person_id = hlf_tests.mentor('a1'));
select is(pg_temp.state('a1'), 'restore status_change:active due', 'One paper less, and one is enough');
update hlf_tests.paper set is_valid = false where person_id = hlf_tests.mentor('a1');
select is(pg_temp.state('a1'), 'remove status_change:hidden due', 'An update of it counts');
update hlf_tests.paper set person_id = hlf_tests.mentor('a1') where person_id = hlf_tests.mentor('a2');
select is(pg_temp.state('a1'), 'restore status_change:active due', 'A row that moves to another mentor counts for the one');
update hlf_tests.paper set person_id = hlf_tests.mentor('a2') where is_valid;
select is(pg_temp.state('a1'), 'remove status_change:hidden due', 'And for the other');

select pg_temp.nudges();
update hlf_tests.person set word = 'expired_cert' where id = hlf_tests.mentor('a2');
select is(pg_temp.state('a2'), 'remove status_change:expired_cert due', 'Another reason to be hidden is a change');
update hlf_tests.person set word = 'shown' where id = hlf_tests.mentor('a2');
select is(pg_temp.state('a2'), 'restore status_change:active due', 'An own word for shown is recorded as active');
update hlf_tests.person set word = 'on leave, 3 weeks' where id = hlf_tests.mentor('a2');
select is(pg_temp.state('a2'), 'remove status_change:hidden due', 'Any other word as hidden');
select is(pg_temp.nudges(), 1::bigint, 'Three statements of a transaction nudge once');
update hlf_tests.person set word = 'active' where id = hlf_tests.mentor('a2');
select is(pg_temp.state('a2'), 'remove status_change:hidden due', 'Who is called active and is not shown is hidden');
update hlf_tests.person set word = 'nobody knows' where id = hlf_tests.mentor('a2');
select is((select wanted_operation::text from public.hlf_sync_state where mentor_id = hlf_tests.mentor('a2')), 'remove',
  'Who is neither shown nor hidden is hidden');

select pg_temp.nudges();
create temporary table before as select pg_temp.generations() as generations;
update hlf_tests.person set seen = seen + 1;
select is(pg_temp.generations(), (select generations from before), 'A column that does not matter does not count');
update hlf_tests.person set notes = '{}';
select is(pg_temp.generations(), (select generations from before), 'One that cannot be compared is, and nothing was changed by it');
select is(pg_temp.nudges(), 0::bigint, 'Nobody is called');

update hlf_tests.person set region = hlf_tests.organisation('d') where id = hlf_tests.mentor('a1');
select is(pg_temp.state('a1'), 'remove organisation_change due', 'The state follows to another organisation');
update hlf_tests.person set word = 'gone' where id = hlf_tests.mentor('a1');
select is(pg_temp.state('a1'), 'remove status_change:deleted due', 'Who has no row any more is gone');
update hlf_tests.person set word = 'shown' where id = hlf_tests.mentor('a1');
update hlf_tests.paper set person_id = hlf_tests.mentor('a1'), is_valid = true where person_id = hlf_tests.mentor('a2');
select is(pg_temp.state('a1'), 'restore status_change:active due', 'And is shown on coming back');
truncate hlf_tests.person;
select is(pg_temp.state('a1'), 'remove status_change:deleted due', 'A table that is emptied is seen');

-- The app's write comes first.
insert into hlf_tests.person (id, region, word) values (hlf_tests.mentor('a3'), hlf_tests.organisation('c'), 'paused');
alter table public.hlf_sync_state add constraint in_the_way check (generation < 2) not valid;
select lives_ok($$update hlf_tests.person set word = 'resigned'$$, 'A state that cannot be written does not fail the write');
alter table public.hlf_sync_state drop constraint in_the_way;
create table hlf_tests.odd (name text);
select hlf_sync.track_table('hlf_tests.odd', 'name');
select lives_ok($$insert into hlf_tests.odd values ('no uuid')$$, 'Nor does an id that is none');
select is(pg_temp.state('a3'), 'remove initial_sync due', 'It was not noted');
select lives_ok('select hlf_sync.mentors_changed(null)', 'Nobody changed');

-- Switches.
insert into hlf_tests.paper (person_id, is_valid) values (hlf_tests.mentor('a3'), true);
update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('c');
select is(pg_temp.state('a3'), 'remove status_change:resigned', 'Nobody is due in an organisation that is switched off');
update hlf_tests.person set word = 'shown' where id = hlf_tests.mentor('a3');
select is(pg_temp.state('a3'), 'restore status_change:active', 'What changes meanwhile is noted, and waits');
select is((select count(*) from hlf_sync.claim_attempts(10, 60, 8, array[hlf_tests.mentor('a3')])), 0::bigint, 'Nobody is claimed');
update public.hlf_sync_state set requested_at = now() - interval '3 days', due_at = now() where mentor_id = hlf_tests.mentor('a3');
select is((select count(*) from hlf_sync.claim_attempts(10, 60, 8, array[hlf_tests.mentor('a3')])), 0::bigint,
  'Not even one who is due by mistake');
select hlf_sync.repair_switches();
select is(pg_temp.state('a3'), 'restore status_change:active', 'Which the sweep mends');
select pg_temp.nudges();
select hlf_sync.switch_on(hlf_tests.organisation('c'));
select is(pg_temp.state('a3'), 'restore status_change:active due', 'Who waits is due once it is switched on');
select ok((select requested_at > now() - interval '1 minute' from public.hlf_sync_state where mentor_id = hlf_tests.mentor('a3')),
  'Nobody has waited longer than that');
select is(pg_temp.nudges(), 1::bigint, 'The function is called');
update public.hlf_sync_state set due_at = null where mentor_id = hlf_tests.mentor('a3');
select hlf_sync.repair_switches();
select is(pg_temp.state('a3'), 'restore status_change:active due', 'Who was missed by the switch is found by the sweep');
select throws_ok(
  $$select hlf_sync.switch_on('00000000-0000-4000-8000-00000000ffff')$$, '22023', null, 'An organisation that is not there is refused'
);
select is(
  (select count(*) from public.hlf_sync_switches where switched_by = session_user), 2::bigint, 'Who threw a switch is noted'
);
select * from finish();
rollback;
