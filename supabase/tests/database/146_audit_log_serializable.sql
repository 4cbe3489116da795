-- As 145: what Postgres adds to the one snapshot holds among transactions that are all serializable, and the other writer need not be.
begin transaction isolation level serializable;
set local search_path = public, extensions;
select plan(1);
select hlf_tests.create_world();

select throws_ok(
  $$select hlf_tests.attempt('c1', 'success', now())$$, '25001', 'The audit log is written under read committed',
  'A row is refused where the attempt''s other row might not be seen'
);

select * from finish();
rollback;
