-- Nobody writes anything when a date passes, so no trigger sees whom it hides; the first sweep of a day does.
begin;
set local search_path = public, extensions;
select plan(9);
select hlf_tests.create_world();
select hlf_sync.repair_state();

create function pg_temp.state(code text)
returns text
language sql
as $$
  select concat_ws(' ', generation, wanted_operation, triggered_by_event)
  from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code)
$$;
create function pg_temp.is_told()
returns boolean
language sql
as $$
  select exists (select from public.hlf_sync_alerts where kind = 'tracking_failed' and closed_at is null)
$$;

-- Without triggers, as by a date that the app's view looks at.
set local session_replication_role = replica;
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
set local session_replication_role = origin;

select is(hlf_sync.is_new_day(), false, 'The day that it was installed on is none that has come');
update hlf_sync.days set began_at = began_at - interval '1 day' where true;
select is(hlf_sync.is_new_day(), true, 'The next day has');
select hlf_sync.sweep();
select is(pg_temp.state('c1'), '2 remove status_change:paused', 'Its first sweep records what the date has done in its own word');
select is(pg_temp.is_told(), false, 'And tells of no change that was missed');
select is(hlf_sync.is_new_day(), false, 'Then it is a day like any other');

set local session_replication_role = replica;
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c1');
set local session_replication_role = origin;
select hlf_sync.sweep();
select is(pg_temp.state('c1'), '3 restore tracking_repair', 'What a sweep finds in the middle of a day was missed');
select is(pg_temp.is_told(), true, 'And is told');

-- What the date does to many at once may come of an adapter that is wrong.
select hlf_sync.sweep();
insert into hlf_tests.mentors (id, organisation_id, full_name)
select gen_random_uuid(), hlf_tests.organisation('d'), 'Mange Eksempel' from generate_series(1, 30);
update hlf_sync.days set began_at = began_at - interval '1 day' where true;
set local session_replication_role = replica;
update hlf_tests.mentors set status = 'paused' where full_name = 'Mange Eksempel';
set local session_replication_role = origin;
select hlf_sync.sweep();
select is_empty(
  $$select from public.hlf_sync_state as s join hlf_tests.mentors as m on m.id = s.mentor_id
    where m.full_name = 'Mange Eksempel' and s.wanted_operation = 'remove'$$,
  'A date hides nobody beyond the fuse'
);
select is(pg_temp.is_told(), false, 'Of which another alert tells');

select * from finish();
rollback;
