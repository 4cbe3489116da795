begin;
set local search_path = public, extensions;
select plan(30);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c3'), hlf_tests.organisation('c'), 'Tredje Tredjesen', 'paused'),
(hlf_tests.mentor('c4'), hlf_tests.organisation('c'), 'Fjerde Fjerdesen', 'active');
create function pg_temp.rest()
returns void
language sql
as $$
  update public.hlf_sync_state set due_at = null, in_flight_attempt_id = null, confirmed_operation = wanted_operation,
    confirmed_generation = generation, confirmed_at = now() - interval '2 days'
$$;
select pg_temp.rest();

create function pg_temp.read_night(
  on_date date, published text[], hidden text[] default '{}', environment uuid default null,
  lost text[] default '{}', lost_count integer default null
)
returns text
language plpgsql
as $$
declare
  reader uuid;
  found record;
begin
  reader := hlf_sync.begin_reconciliation(60, on_date, environment);
  if reader is null then
    return 'not begun';
  end if;
  perform public.report_hlf_listings(reader, array(select hlf_tests.mentor(c) from unnest(published) as c), '{}', 60);
  perform public.report_hlf_listings(
    reader, '{}', array(select hlf_tests.mentor(c) from unnest(hidden) as c), 60,
    array(select hlf_tests.mentor(c) from unnest(lost) as c), coalesce(lost_count, cardinality(lost))
  );
  select * into found from public.finish_hlf_reconciliation(reader);
  return case when found.is_believed then 'believed' else 'refused' end || ' ' || found.listing_count || ' '
    || found.drift_count || ' ' || found.unaddressable_count;
end
$$;
create function pg_temp.due()
returns text
language sql
as $$
  select coalesce(string_agg(right(mentor_id::text, 2), ' ' order by mentor_id), '') from public.hlf_sync_state where due_at is not null
$$;
create function pg_temp.is_open(alert text)
returns boolean
language sql
as $$
  select exists (select from public.hlf_sync_alerts where kind = alert and closed_at is null)
$$;
create function pg_temp.again(on_date date)
returns void
language sql
as $$
  update public.hlf_nightly_runs set reconciliation_lease_until = null where run_date = on_date
$$;

-- The first night of all.
select is(pg_temp.read_night('2023-03-01', '{}'), 'refused 0 0 0', 'Nothing at all, though three were confirmed shown: not believed');
select is(pg_temp.due(), '', 'Nobody is hidden or shown for it');
select ok(pg_temp.is_open('reading_implausible'), 'It is told');
select results_eq(
  'select refused_reading, refused_listing_count, finished_at from public.hlf_nightly_runs',
  $$values ('none', 0, null::timestamptz)$$, 'The run says why'
);
select is(pg_temp.read_night('2023-03-01', '{c1}'), 'not begun', 'It is not read anew at once');
select pg_temp.again('2023-03-01');
select is(pg_temp.read_night('2023-03-01', '{c1}'), 'refused 1 0 0', 'One where three were shown: not believed either');
select pg_temp.again('2023-03-01');
select is(
  pg_temp.read_night('2023-03-01', '{c1,c2,c4,d1}', '{c3,f1,f2,f3}', hlf_tests.mentor('ee')), 'believed 8 0 0', 'All of them: believed'
);
select ok(not pg_temp.is_open('reading_implausible'), 'The alert is over');
select results_eq(
  'select refused_reading, refused_listing_count from public.hlf_nightly_runs', 'values (null::text, null::integer)',
  'And the run is like any other'
);
select is((select environment_id from public.hlf_sync_gate), hlf_tests.mentor('ee'), 'The environment is noted');

-- The nights after it.
select is(pg_temp.read_night('2023-03-02', '{c3}', '{f1,f2}'), 'refused 3 0 0', 'Fewer than half of last night''s: not believed, though one shows who must not');
select pg_temp.again('2023-03-02');
select is(pg_temp.due(), '', 'And nobody is touched');
select is(
  pg_temp.read_night('2023-03-02', '{c1,c2,c4,d1}', '{c3,f1,f2,f3}', hlf_tests.mentor('ef')), 'not begun',
  'Another environment is not even read'
);
select is((select refused_reading from public.hlf_nightly_runs where run_date = '2023-03-02'), 'environment', 'The run says so');
select hlf_sync.accept_environment(hlf_tests.mentor('ef'));
select is(
  pg_temp.read_night('2023-03-02', '{c1,c2,c4,d1}', '{c3,f1,f2,f3}', hlf_tests.mentor('ef')), 'believed 8 0 0', 'Unless an operator accepts it'
);
select is(pg_temp.read_night('2023-03-03', '{c1,c2}', '{}', hlf_tests.mentor('ef')), 'refused 2 0 0', 'Far fewer');
select hlf_sync.accept_listing_count(2);
select pg_temp.again('2023-03-03');
select is(pg_temp.read_night('2023-03-03', '{c1,c2}', '{}', hlf_tests.mentor('ef')), 'believed 2 2 0', 'Unless an operator says that it is right');
select is(pg_temp.due(), 'c4 d1', 'Then it is acted upon');
select is((select accepted_listing_count from public.hlf_sync_gate), null, 'Once');
select pg_temp.rest();

-- Values that say nothing.
create temporary table reader as select hlf_sync.begin_reconciliation(60, '2023-03-04') as token;
select public.report_hlf_listings((select token from reader), array[hlf_tests.mentor('c3')], '{}', 60);
select public.refuse_hlf_listings((select token from reader));
select ok(pg_temp.is_open('reading_implausible') and pg_temp.due() = '', 'An unreadable reading is told, and nothing follows from it');
select throws_ok($$select public.finish_hlf_reconciliation((select token from reader))$$, '55000', null, 'Its reader cannot finish it');
select pg_temp.again('2023-03-04');
select public.close_hlf_sync_gate('throttled', 60);
select is(pg_temp.read_night('2023-03-04', '{c1}'), 'not begun', 'A throttled night waits like everybody else');
update public.hlf_sync_gate set closed_until = '-infinity', reason = null;

-- Keys that no update can name; two listings of one mentor.
select is(
  pg_temp.read_night('2023-03-04', '{c1,c2,c4,d1}', '{c1}', null, '{c3}', 2), 'believed 5 1 2',
  'Published listings that cannot be addressed are counted, and c3, who is to be hidden, is a drift'
);
select is(pg_temp.due(), '', 'No attempt is made that would find nothing and call it a success; published wins for c1');
select ok(pg_temp.is_open('listings_unaddressable'), 'It is told');
select is(pg_temp.read_night('2023-03-05', '{c1,c2,c4,d1}', '{c3}'), 'believed 5 0 0', 'Mended');
select ok(not pg_temp.is_open('listings_unaddressable'), 'The alert is over');

-- The reader of one date keeps its listings whatever another date's does.
update reader set token = hlf_sync.begin_reconciliation(60, '2023-03-06');
select public.report_hlf_listings((select token from reader), array[hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('c4')], '{}', 60);
select hlf_sync.begin_reconciliation(60, '2023-03-07');
select public.report_hlf_listings((select token from reader), array[hlf_tests.mentor('d1')], array[hlf_tests.mentor('c3')], 60);
select results_eq(
  'select listing_count, drift_count from public.finish_hlf_reconciliation((select token from reader))', 'values (5, 0)',
  'Two nights at once do not meet'
);

-- Dead letters whose listing is as wanted, whatever they were given up for.
update public.hlf_sync_state set dead_lettered_at = now(), last_error = case mentor_id
  when hlf_tests.mentor('c1') then 'timeout' when hlf_tests.mentor('c2') then 'rejected code=0x0'
  when hlf_tests.mentor('c3') then 'listing_not_found' else 'interrupted' end
where mentor_id in (hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('c3'), hlf_tests.mentor('c4'));
update public.hlf_nightly_runs set reconciliation_lease_until = null, finished_at = now() where run_date = '2023-03-07';
select is(pg_temp.read_night('2023-03-08', '{c1,c2,c4,d1}', '{}'), 'believed 4 4 0', 'Each is found');
select is(pg_temp.due(), 'c1 c2 c3 c4', 'And gets one more attempt, which ends it');

select * from finish();
rollback;
