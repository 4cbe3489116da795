begin;
set local search_path = public, extensions;
select plan(19);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c3'), hlf_tests.organisation('c'), 'Tredje Tredjesen', 'paused'),
(hlf_tests.mentor('c4'), hlf_tests.organisation('c'), 'Fjerde Fjerdesen', 'active'),
(hlf_tests.mentor('c5'), hlf_tests.organisation('c'), 'Femte Femtesen', 'paused'),
(hlf_tests.mentor('c6'), hlf_tests.organisation('c'), 'Sjette Sjettesen', 'active');
delete from hlf_tests.mentors where id = hlf_tests.mentor('c6');
update public.hlf_sync_state set due_at = null, confirmed_operation = wanted_operation,
  confirmed_generation = generation, confirmed_at = now() - interval '2 days';
-- c4 is under way already; c5 was confirmed while the listings were being read.
update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('c4');

create temporary table reader as select hlf_sync.begin_reconciliation(60, '2023-03-01') as token;
select ok((select token is not null from reader), 'A reader gets the night');
select is(hlf_sync.begin_reconciliation(60, '2023-03-01'), null, 'A second one does not');
update public.hlf_sync_state set confirmed_at = clock_timestamp() where mentor_id = hlf_tests.mentor('c5');
select public.report_hlf_listings((select token from reader),
  array[hlf_tests.mentor('c1'), hlf_tests.mentor('c3')], array[hlf_tests.mentor('c4')], 60);
select public.report_hlf_listings((select token from reader),
  array[hlf_tests.mentor('c5'), hlf_tests.mentor('c6'), hlf_tests.mentor('f0')],
  array[hlf_tests.mentor('d1'), hlf_tests.mentor('f1')], 60);
select results_eq(
  $$select * from public.finish_hlf_reconciliation((select token from reader))$$, 'values (8, 1, 4, 0, true)', 'All listings are counted'
);
select results_eq(
  -- Ages are of the moment of reading, and a busy machine takes its time to read.
  $$select mentor_id, wanted_operation::text, is_published, age_seconds between 172800 and 172800 + 3600
    from public.hlf_sync_drifts order by 1$$,
  $$values
    (hlf_tests.mentor('c2'), 'restore', null, true),
    (hlf_tests.mentor('c3'), 'remove', true, true),
    (hlf_tests.mentor('c6'), 'remove', true, true),
    (hlf_tests.mentor('d1'), 'restore', false, true)$$,
  'Missing, shown, shown though deleted, hidden: each drift is found, with its age'
);
select results_eq(
  $$select mentor_id, wanted_operation::text from public.hlf_sync_state
    where due_at is not null and triggered_by_event = 'nightly_reconciliation' order by 1$$,
  $$values (hlf_tests.mentor('c2'), 'restore'), (hlf_tests.mentor('c3'), 'remove'), (hlf_tests.mentor('c6'), 'remove'), (hlf_tests.mentor('d1'), 'restore')$$,
  'Divergent mentors are due; what is under way or was just confirmed is not'
);
select results_eq(
  $$select listing_count, unknown_listing_count, drift_count, oldest_drift_seconds between 172800 and 172800 + 3600,
      finished_at is not null
    from public.hlf_nightly_runs$$,
  'values (8, 1, 4, true, true)', 'The run keeps the figures'
);
select is((select count(*) from hlf_sync.listings), 0::bigint, 'The pages are forgotten');
select is_empty($$select from public.hlf_sync_state where mentor_id = hlf_tests.mentor('f0')$$, 'A mentor never known is left alone');

select is(hlf_sync.begin_reconciliation(60, '2023-03-01'), null, 'A finished night is not run again');
select results_eq(
  $$select * from public.finish_hlf_reconciliation((select token from reader))$$, 'values (8, 1, 4, 0, true)', 'Finishing again changes nothing'
);
select throws_ok(
  $$select public.report_hlf_listings((select token from reader), '{}', '{}', 60)$$, '55000', null,
  'Nor can a finished night be reported to'
);
-- The rest of this file is about few mentors; what a reading so much smaller means is another file's matter.
update public.hlf_nightly_runs set listing_count = 3;

-- HLF never created a listing for c2: found every night, but nobody is to try and to tell again until there is one.
update public.hlf_sync_state set due_at = null, confirmed_at = null,
  dead_lettered_at = case when mentor_id = hlf_tests.mentor('c2') then now() end,
  last_error = case when mentor_id = hlf_tests.mentor('c2') then 'listing_not_found' end
where organisation_id = hlf_tests.organisation('c');
update reader set token = hlf_sync.begin_reconciliation(60, '2023-03-04');
select public.report_hlf_listings((select token from reader), array[hlf_tests.mentor('c1'), hlf_tests.mentor('c4')], '{}', 60);
select public.finish_hlf_reconciliation((select token from reader));
select results_eq(
  $$select d.is_published, s.due_at, s.dead_lettered_at is not null
    from public.hlf_sync_drifts as d join public.hlf_sync_state as s using (mentor_id)
    where d.run_date = '2023-03-04' and d.mentor_id = hlf_tests.mentor('c2')$$,
  $$values (null::boolean, null::timestamptz, true)$$, 'A dead letter for want of a listing is noted and left alone'
);
update reader set token = hlf_sync.begin_reconciliation(60, '2023-03-05');
select public.report_hlf_listings(
  (select token from reader), array[hlf_tests.mentor('c1'), hlf_tests.mentor('c4')], array[hlf_tests.mentor('c2')], 60
);
select public.finish_hlf_reconciliation((select token from reader));
select ok(
  (select due_at is not null and dead_lettered_at is not null from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2')),
  'Until there is one'
);

update public.hlf_sync_state set due_at = null, dead_lettered_at = now(), last_error = 'listing_not_found',
  confirmed_at = null where mentor_id = hlf_tests.mentor('c2');
update reader set token = hlf_sync.begin_reconciliation(60, '2023-03-06');
select public.report_hlf_listings(
  (select token from reader), array[hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('c4')], '{}', 60
);
select public.finish_hlf_reconciliation((select token from reader));
select ok(
  (select due_at is not null and dead_lettered_at is not null from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2')),
  'Even one that was created as it should be'
);

-- A reader that dies.
update reader set token = hlf_sync.begin_reconciliation(60, '2023-03-02');
select public.report_hlf_listings((select token from reader), '{}', array[hlf_tests.mentor('c1')], 60);
select is(hlf_sync.begin_reconciliation(60, '2023-03-02'), null, 'A reader holds the night');
update public.hlf_nightly_runs set reconciliation_lease_until = now() where run_date = '2023-03-02';
select isnt(hlf_sync.begin_reconciliation(60, '2023-03-02'), null, 'Until its lease runs out');
select is((select count(*) from hlf_sync.listings), 0::bigint, 'The next reader starts from the first page');
select throws_ok(
  $$select public.report_hlf_listings((select token from reader), '{}', '{}', 60)$$, '55000', null,
  'The one before, back from the dead, is told so'
);
select throws_ok(
  $$select public.finish_hlf_reconciliation((select token from reader))$$, '55000', null, 'And cannot finish the night'
);

select * from finish();
rollback;
