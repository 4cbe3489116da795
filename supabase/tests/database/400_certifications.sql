-- The module on certifications: who leaves it out does not get this file.
begin;
set local search_path = public, extensions;
select plan(26);
select hlf_tests.create_world();
update hlf_tests.mentors set certification_expiry_date = '2023-03-31' where id = hlf_tests.mentor('c1');
update hlf_tests.mentors set certification_expiry_date = '2023-03-31', status = 'paused' where id = hlf_tests.mentor('c2');
update hlf_tests.mentors set certification_expiry_date = '2023-03-31' where id = hlf_tests.mentor('d1');
insert into public.hlf_certification_policies (organisation_id, threshold_days) values (hlf_tests.organisation('d'), '{10}');
delete from public.hlf_coordinator_notifications;

create function pg_temp.reminders(code text)
returns integer[]
language sql
as $$
  select coalesce(array_agg(threshold_day order by threshold_day desc), '{}')
  from public.cert_expiry_reminders where mentor_id = hlf_tests.mentor(code)
$$;

select hlf_sync.run_night('2023-02-28');
select is(pg_temp.reminders('c1'), '{}', 'No reminder 31 days before');
select hlf_sync.run_night('2023-03-01');
select is(pg_temp.reminders('c1'), '{30}', 'One 30 days before');
select hlf_sync.run_night('2023-03-01');
select hlf_sync.run_night('2023-03-02');
select is(pg_temp.reminders('c1'), '{30}', 'Once, however often the night runs');
select is((select reminder_count from public.hlf_nightly_runs where run_date = '2023-03-01'), 1, 'The night counts it once');
select is(pg_temp.reminders('c2'), '{}', 'None for a mentor who is paused');
select is(pg_temp.reminders('d1'), '{}', 'An organisation with other thresholds has other reminders');

-- Nights from 17 March to 24 March are missed: 14 days and 7 days, and the 10 days of organisation d.
select hlf_sync.run_night('2023-03-25');
select is(pg_temp.reminders('c1'), '{30,14,7}', 'Missed reminders are caught up, each once');
select is(pg_temp.reminders('d1'), '{10}', 'For every organisation');
select is(
  (select count(*) from public.hlf_coordinator_notifications
   where mentor_id = hlf_tests.mentor('c1') and kind = 'certification_reminder'),
  2::bigint, 'Coordinators are told once a night'
);

select hlf_sync.run_night('2023-03-31');
select is((select status::text from hlf_tests.mentors where id = hlf_tests.mentor('c1')), 'active', 'The last valid day counts');
select hlf_sync.run_night('2023-04-03');
select hlf_sync.run_night('2023-04-03');
select results_eq(
  'select id, status::text from hlf_tests.mentors order by id',
  $$values (hlf_tests.mentor('c1'), 'expired_cert'), (hlf_tests.mentor('c2'), 'paused'), (hlf_tests.mentor('d1'), 'expired_cert')$$,
  'After missed nights, who has expired is expired; who is paused stays paused'
);
select results_eq(
  'select mentor_id, from_status::text, to_status::text, certification_expiry_date from public.hlf_mentor_status_transitions order by 1',
  $$values
    (hlf_tests.mentor('c1'), 'active', 'expired_cert', '2023-03-31'::date),
    (hlf_tests.mentor('d1'), 'active', 'expired_cert', '2023-03-31')$$,
  'Each transition exactly once'
);
select results_eq(
  $$select wanted_operation::text, triggered_by_event, due_at is not null from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1')$$,
  $$values ('remove', 'status_change:expired_cert', true)$$, 'The website is to stop showing them'
);
select is((select expired_count from public.hlf_nightly_runs where run_date = '2023-04-03'), 2, 'The night counts them once');
select is_empty($$select from public.hlf_sync_alerts where kind = 'duplicates'$$, 'No duplicates');

-- Renewed: a new period has its own reminders.
update hlf_tests.mentors set status = 'active', certification_expiry_date = '2024-03-31' where id = hlf_tests.mentor('c1');
select hlf_sync.run_night('2024-03-01');
select is(
  (select count(*) from public.cert_expiry_reminders where mentor_id = hlf_tests.mentor('c1') and threshold_day = 30), 2::bigint,
  'A new certification period is reminded of afresh'
);

-- Put back by hand without a new date: the next night expires the mentor again, and that is worth an alert.
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('d1');
select hlf_sync.run_night('2023-04-04');
select is((select duplicate_count from public.hlf_nightly_runs where run_date = '2023-04-04'), 1, 'The compensation query finds a duplicate');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'duplicates' and closed_at is null$$, 'It raises an alert'
);
select throws_ok(
  $$insert into public.hlf_certification_policies values (hlf_tests.organisation('c'), '{30,-1}')$$, '23514', null,
  'A threshold is a number of days'
);
select throws_ok(
  $$insert into public.hlf_certification_policies values (hlf_tests.organisation('c'), '{30,null}')$$, '23514', null,
  'A threshold is not null'
);
select throws_ok(
  $$insert into public.hlf_certification_policies values (hlf_tests.organisation('c'), '{30,3651}')$$, '23514', null,
  'A threshold is ten years at most'
);
select lives_ok(
  $$insert into public.hlf_certification_policies values (hlf_tests.organisation('c'), '{30,3650}')$$, 'And may be that'
);

-- Tomorrow, everybody whose certificate ends today would have expired.
update hlf_tests.mentors set status = 'active', certification_expiry_date = hlf_sync.today_in_oslo()
where id = hlf_tests.mentor('c1');
select throws_ok(
  'select hlf_sync.expire_certifications(hlf_sync.today_in_oslo() + 1)', '22023', null, 'No certificate is judged by a day to come'
);
select throws_ok(
  'select hlf_sync.remind_of_certifications(hlf_sync.today_in_oslo() + 1)', '22023', null, 'Nor is anybody reminded by one'
);

set local enable_seqscan = off;
set local enable_bitmapscan = off;
set local enable_sort = off;
select hlf_tests.uses('cert_expiry_reminders_organisation_id_created_at_idx',
  'select * from cert_expiry_reminders where organisation_id = hlf_tests.organisation(''c'') order by created_at desc');
select hlf_tests.uses('hlf_mentor_status_transitions_organisation_id_created_at_idx',
  'select * from hlf_mentor_status_transitions where organisation_id = hlf_tests.organisation(''c'') order by created_at desc');
select * from finish();
rollback;
