-- A snapshot of the whole transaction's does not show what another writer of the same attempt has committed meanwhile.
begin transaction isolation level repeatable read;
set local search_path = public, extensions;
select plan(1);
select hlf_tests.create_world();

select throws_ok(
  $$select hlf_tests.attempt('c1', 'success', now())$$, '25001', 'The audit log is written under read committed',
  'A row is refused where the attempt''s other row might not be seen'
);

select * from finish();
rollback;
