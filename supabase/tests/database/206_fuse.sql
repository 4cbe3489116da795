-- What is found, not done, hides or shows no large part of an organisation before somebody has looked.
begin;
set local search_path = public, extensions;
select plan(21);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name)
select ('00000000-0000-4000-8000-0000000001' || lpad(to_hex(n), 2, '0'))::uuid, hlf_tests.organisation('c'), 'Oppdiktet'
from generate_series(1, 98) as n;
update public.hlf_sync_state set
  confirmed_generation = generation, confirmed_operation = wanted_operation, confirmed_at = now(), due_at = null;

create function pg_temp.removes(letter text)
returns bigint
language sql
as $$
  select count(*) from public.hlf_sync_state
  where organisation_id = hlf_tests.organisation(letter) and wanted_operation = 'remove' and due_at is not null
$$;
create function pg_temp.held()
returns text
language sql
as $$
  select hlf_sync.watch_fuse();
  select concat_ws(' ', kind, affected_count) from public.hlf_sync_alerts where kind = 'mass_change_held' and closed_at is null
$$;
create function pg_temp.adapter(condition text)
returns void
language plpgsql
as $$
begin
  execute format(
    'create or replace view hlf_sync.mentors as
     select id as mentor_id, organisation_id, status = ''active'' and %s as is_shown, status::text as reason, full_name as name
     from hlf_tests.mentors', condition);
end
$$;

select pg_temp.adapter('false');
select hlf_sync.repair_state();
select is(pg_temp.removes('c'), 0::bigint, 'An adapter that shows nobody hides nobody');
select is(pg_temp.removes('d'), 1::bigint, 'But for twenty at most of a small organisation');
select is(pg_temp.held(), 'mass_change_held 100', 'It is told, with the number');
select is((select concat_ws(' ', source, mentor_count, of_mentors) from hlf_sync.held_changes), 'repair 100 100', 'And noted');
select hlf_sync.repair_state();
select is(pg_temp.removes('c'), 0::bigint, 'Nor does it in the next round');
select is((select count(*) from public.hlf_sync_alerts where kind = 'mass_change_held'), 1::bigint, 'It is told once');

select pg_temp.adapter('true');
select hlf_sync.repair_state();
select is(pg_temp.held(), null, 'The adapter is mended, and it is over');
select is((select count(*) from public.hlf_sync_state where wanted_operation = 'remove'), 0::bigint, 'Everybody is shown');

select pg_temp.adapter($$id > '00000000-0000-4000-8000-000000000114'$$);
select is((select count(*) from hlf_sync.find_untracked_mentors()), 23::bigint, 'Twenty-two of a hundred are found, and one of another');
select hlf_sync.repair_state();
select is(pg_temp.removes('c'), 0::bigint, 'They are more than twenty and more than a tenth');
select pg_temp.adapter($$id > '00000000-0000-4000-8000-000000000112'$$);
select hlf_sync.repair_state();
select is(pg_temp.removes('c'), 20::bigint, 'Twenty pass');

select pg_temp.adapter('false');
select hlf_sync.repair_state();
select throws_ok($$select hlf_sync.allow_mass_change(gen_random_uuid())$$, '22023', null, 'There must be such an organisation');
select hlf_sync.allow_mass_change(hlf_tests.organisation('c'));
select hlf_sync.repair_state();
select is(pg_temp.removes('c'), 100::bigint, 'What the team has looked at goes on');
select is(pg_temp.held(), null, 'And is told of no more');

-- Somebody's own act is no finding.
select pg_temp.adapter('true');
update public.hlf_sync_switches set mass_change_allowed_until = null;
update hlf_tests.mentors set status = 'paused';
select is(pg_temp.removes('c'), 100::bigint, 'Who pauses everybody is obeyed');

-- The night.
update public.hlf_sync_state set
  confirmed_generation = generation, confirmed_operation = wanted_operation, confirmed_at = now() - interval '1 day', due_at = null;
create temporary table reading as select public.begin_hlf_reconciliation(60) as reader;
select public.report_hlf_listings((select reader from reading), array(select id from hlf_tests.mentors), '{}', 60);
select is((select drift_count from public.finish_hlf_reconciliation((select reader from reading))), 101, 'Everybody is public again');
select is(pg_temp.removes('c'), 0::bigint, 'The night hides nobody of a hundred');
select is(pg_temp.held(), 'mass_change_held 100', 'It is told');
select hlf_sync.repair_state();
select is(pg_temp.held(), 'mass_change_held 100', 'Also a minute later');
select hlf_sync.allow_mass_change(hlf_tests.organisation('c'));
delete from reading;
insert into reading select public.begin_hlf_reconciliation(60);
select public.report_hlf_listings((select reader from reading), array(select id from hlf_tests.mentors), '{}', 60);
select public.finish_hlf_reconciliation((select reader from reading));
select is(pg_temp.removes('c'), 100::bigint, 'Once it is allowed, the listings are read again, and all of them are hidden');
select is(pg_temp.held(), null, 'It is over');
select * from finish();
rollback;
