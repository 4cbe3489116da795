begin;
set local search_path = public, extensions;
select plan(19);
select hlf_tests.create_world();

create function pg_temp.claimed()
returns bigint
language sql
as $$
  select count(*) from public.claim_hlf_sync_attempts(10, 60, 8)
$$;

select public.close_hlf_sync_gate('throttled', 120);
select is(pg_temp.claimed(), 0::bigint, 'Throttled, nobody claims');
select results_eq(
  'select seconds between 100 and 120, gate_reason from hlf_sync.get_wait()', $$values (true, 'throttled'::text)$$,
  'The wait says why, and how long'
);
select public.close_hlf_sync_gate('throttled', 5);
select ok(
  (select closed_until > now() + interval '100 seconds' from public.hlf_sync_gate), 'The longer throttle wins'
);
select throws_ok(
  $$select public.close_hlf_sync_gate('throttled')$$, '22004', null, 'A throttle without seconds is refused'
);
select public.close_hlf_sync_gate('credentials');
select public.close_hlf_sync_gate('throttled', 1);
select results_eq(
  'select seconds, gate_reason from hlf_sync.get_wait()', $$values (null::double precision, 'credentials'::text)$$,
  'Rejected credentials close it without end, and a throttle does not change that'
);
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'credentials_rejected' and closed_at is null$$, 'An alert is open'
);
select public.open_hlf_sync_gate('throttled');
select is(pg_temp.claimed(), 0::bigint, 'Opened for another reason, it stays closed');
select public.open_hlf_sync_gate('credentials');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'credentials_rejected' and closed_at is null$$,
  'Opened while somebody waits, the alert stays until an attempt has gone through'
);
create temporary table probe as select * from public.claim_hlf_sync_attempts(1, 60, 8);
select public.settle_hlf_sync_attempts(array(select attempt_id from probe), '{success}', '{204}', '{null}', '{null}');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'credentials_rejected' and closed_at is null$$, 'Then it is closed'
);
update hlf_tests.mentors set status = 'resigned' where id = (select mentor_id from probe);

create temporary table due as select mentor_id, due_at from public.hlf_sync_state;
update public.hlf_sync_state set due_at = null;
select is_empty('select * from hlf_sync.get_wait()', 'Nothing due: nothing to wait for');
select public.close_hlf_sync_gate('credentials');
select results_eq(
  'select seconds, gate_reason from hlf_sync.get_wait()', $$values (null::double precision, 'credentials'::text)$$,
  'But rejected credentials are to be looked at again'
);
select public.open_hlf_sync_gate('credentials');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'credentials_rejected' and closed_at is null$$,
  'While nobody waits, a health check is enough'
);
select public.close_hlf_sync_gate('credentials');
update public.hlf_sync_state set due_at = now() where mentor_id = (select mentor_id from due order by mentor_id limit 1);
select public.open_hlf_sync_gate('credentials');
create temporary table lost as select * from public.claim_hlf_sync_attempts(1, 60, 8);
select public.settle_hlf_sync_attempts(
  array(select attempt_id from lost), '{dead_lettered}', '{404}', '{listing_not_found}', '{null}'
);
select hlf_sync.watch();
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'credentials_rejected' and closed_at is null$$,
  'When the only one who waited ends in a dead letter, the watchdog closes it'
);
update public.hlf_sync_state as s set due_at = due.due_at from due where due.mentor_id = s.mentor_id;

-- Nothing of before is to count.
delete from hlf_sync.attempts;
update public.hlf_sync_gate set max_in_flight = 2, interruption_backoff = '0';
select is(pg_temp.claimed(), 2::bigint, 'No more are claimed than may be in flight');
select is(pg_temp.claimed(), 0::bigint, 'Across all workers');
update hlf_sync.attempts set lease_expires_at = now() - interval '1 second';
select is(pg_temp.claimed(), 2::bigint, 'Dead workers free their places');

update public.hlf_sync_gate set max_in_flight = 50, max_requests = 4;
select is(pg_temp.claimed(), 0::bigint, 'No more are claimed than the request budget admits');
select ok(
  (select seconds between 250 and 300 from hlf_sync.get_wait()), 'The wait says when the budget is free again'
);
update hlf_sync.attempts set claimed_at = now() - interval '301 seconds';
select is(pg_temp.claimed(), 1::bigint, 'Then claims go on');

select * from finish();
rollback;
