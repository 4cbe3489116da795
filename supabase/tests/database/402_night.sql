-- What a night asks of the app's port of certifications, and what it makes of the answer.
begin;
set local search_path = public, extensions;
select plan(13);
select hlf_tests.create_world();
create table hlf_tests.asked (on_date date);
create or replace function hlf_sync.work_on_certifications(
  on_date date, out reminded integer, out expired integer, out duplicates integer
)
language sql security definer set search_path = ''
as $$
  insert into hlf_tests.asked values (on_date);
  select 3, 2, 1
$$;

select hlf_sync.run_night('2023-03-01');
select results_eq('select on_date from hlf_tests.asked', $$values ('2023-03-01'::date)$$, 'The app is asked for the date');
select results_eq(
  'select run_date, reminder_count, expired_count, duplicate_count, finished_at is null from public.hlf_nightly_runs',
  $$values ('2023-03-01'::date, 3, 2, 1, true)$$, 'What it did is counted'
);
select results_eq(
  'select kind, affected_count from public.hlf_sync_alerts where closed_at is null', $$values ('duplicates'::text, 1)$$,
  'What it did twice is told'
);
select hlf_sync.run_night('2023-03-01');
select results_eq(
  'select reminder_count, expired_count, duplicate_count from public.hlf_nightly_runs', 'values (6, 4, 1)',
  'Asked once more that night, what is new is added'
);

-- A day to come, by whatever path.
select throws_ok('select hlf_sync.run_night(hlf_sync.today_in_oslo() + 1)', '22023', null, 'No night is begun before its day');
select throws_ok(
  'select hlf_sync.begin_reconciliation(60, hlf_sync.today_in_oslo() + 1)', '22023', null, 'Nor its reconciliation'
);
select throws_ok(
  'insert into public.hlf_nightly_runs (run_date, started_at) values (hlf_sync.today_in_oslo() + 1, now() + interval ''1 week'')',
  '23514', null, 'Nor noted by hand'
);
select throws_ok(
  'update public.hlf_nightly_runs set run_date = hlf_sync.today_in_oslo() + 1', '23514', null, 'Nor moved there'
);
select results_eq(
  'select distinct on_date from hlf_tests.asked', $$values ('2023-03-01'::date)$$, 'And the app is not asked for it'
);

-- An app that does nothing about certifications, and one that cannot.
create or replace function hlf_sync.work_on_certifications(
  on_date date, out reminded integer, out expired integer, out duplicates integer
)
language sql security definer set search_path = ''
as 'select null::integer, null::integer, null::integer';
select lives_ok($$select hlf_sync.run_night('2023-03-02')$$, 'Who counts nothing is in nobody''s way');
select results_eq(
  $$select reminder_count, expired_count, duplicate_count from public.hlf_nightly_runs where run_date = '2023-03-02'$$,
  'values (0, 0, 0)', 'Nothing is counted'
);
create or replace function hlf_sync.work_on_certifications(
  on_date date, out reminded integer, out expired integer, out duplicates integer
)
language sql security definer set search_path = ''
as 'select 1 / 0, 0, 0';
set local client_min_messages = error;
select lives_ok($$select hlf_sync.run_night('2023-03-03')$$, 'Who fails does not fail the night');
select results_eq(
  $$select step, failed_code from hlf_sync.steps where failed_at is not null$$,
  $$values ('certifications'::text, '22012'::text)$$, 'And is noted'
);

select * from finish();
rollback;
