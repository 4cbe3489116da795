begin;
set local search_path = public, extensions;
select plan(18);
select hlf_tests.create_world();

-- A lease.
select throws_ok(
  format('select * from public.claim_hlf_sync_attempts(20, %s, 8)', lease), '22023', null, 'Nobody claims for ' || lease || ' seconds'
)
from unnest(array['null', '-1', '0', '601', '2147483647']) as lease;
select throws_ok(
  format('select public.claim_hlf_sync_ahead(%L, 20, 0, %s, 8)', hlf_sync.uuid_v7(), lease), '22023', null,
  'Nor does a drain for ' || lease
)
from unnest(array['null', '-1', '0', '601', '2147483647']) as lease;
select throws_ok(
  $$select public.begin_hlf_reconciliation(0)$$, '22023', null, 'Nor reads the listings under a lease that is over at once'
);
select is_empty('select from public.hlf_nightly_runs', 'And no night was begun for it');
select is_empty('select from hlf_sync.attempts', 'Nothing was claimed');
select isnt_empty('select * from public.claim_hlf_sync_attempts(20, 600, 8)', 'Ten minutes are the longest');

-- A batch in one array a column.
select throws_ok(
  $$select * from public.settle_hlf_sync_attempts(
    array(select attempt_id from hlf_sync.attempts), array['success']::public.hlf_sync_outcome[], '{204}', '{null}', '{null}'
  )$$, '22023', null, 'A settlement that says less of some than of others is refused'
);
select throws_ok(
  $$select * from public.settle_hlf_sync_attempts(
    array(select attempt_id from hlf_sync.attempts limit 1), array['success']::public.hlf_sync_outcome[], '{204}', null, '{null}'
  )$$, '22023', null, 'So is one without a column'
);
select is_empty('select from hlf_sync.attempts where settled_at is not null or outcome is not null', 'Everything is in flight as before');
select throws_ok(
  'update hlf_sync.attempts set settled_at = now() where true', '23514', null, 'Nothing is settled without an outcome'
);

select * from finish();
rollback;
