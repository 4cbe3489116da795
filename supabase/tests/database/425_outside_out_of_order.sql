-- A notice never fails the thing that it is about: with pg_net refusing every request and Vault decrypting nothing, all work
-- is done all the same, and what was to be told is told when they are back. Only a stand-in can be told to be out of order.
begin;
set local search_path = public, extensions;
select plan(18);
select hlf_tests.create_world();
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
select vault.create_secret('http://heart.example', 'hlf_sync_heartbeat_url');
delete from public.hlf_nightly_runs;
delete from hlf_sync.steps;
delete from net.http_request_queue;

create function pg_temp.open_alerts()
returns text
language sql
as $$
  select string_agg(kind, ' ' order by kind) from public.hlf_sync_alerts where closed_at is null
$$;

create function pg_temp.examine()
returns setof text
language plpgsql
as $test$
declare
  today constant date := hlf_sync.today_in_oslo();
  job record;
  requeued text;
begin
  if to_regclass('stand_in.faults') is null then
    return query select skip('The real pg_net and Vault cannot be told to refuse', 18);
    return;
  end if;
  execute 'update stand_in.faults set is_out_of_order = true where true';
  return next throws_ok(
    $$select net.http_post('http://function.example')$$, '42501', null, 'pg_net refuses'
  );
  return next throws_ok(
    $$select decrypted_secret from vault.decrypted_secrets$$, '22000', null, 'Vault cannot decrypt'
  );

  create temporary table attempt as select * from public.claim_hlf_sync_attempts(10, 60, 1);
  return next is((select count(*) from attempt), 3::bigint, 'Attempts are claimed');
  return next results_eq(
    $$select result = 'settled' from public.settle_hlf_sync_attempts(
      array(select attempt_id from attempt order by mentor_id),
      '{success,dead_lettered,success}', '{204,404,204}', '{null,listing_not_found,null}', '{null,null,null}')$$,
    'values (true), (true), (true)', 'And settled, a dead letter among them'
  );
  return next isnt_empty(
    $$select from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c2') and dead_lettered_at is not null$$, 'Which is one'
  );
  return next lives_ok($$select public.close_hlf_sync_gate('credentials')$$, 'The gate closes');
  return next is((select reason from public.hlf_sync_gate), 'credentials', 'And is closed');
  perform public.open_hlf_sync_gate('credentials');
  return next is(pg_temp.open_alerts(), 'dead_letters', 'The rows of the alerts are there');

  update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('d1');
  return next is(
    (select triggered_by_event from public.hlf_sync_state where mentor_id = hlf_tests.mentor('d1')), 'status_change:paused',
    'A change is noted'
  );
  update hlf_tests.mentors set certification_expiry_date = today - 1 where id = hlf_tests.mentor('c1');
  for job in select j.* from hlf_sync.jobs() as j loop
    execute job.command;
  end loop;
  return next pass('Every job succeeds');
  return next is(
    (select status::text from hlf_tests.mentors where id = hlf_tests.mentor('c1')), 'expired_cert', 'Who has expired is expired'
  );
  return next is(
    (select wanted_operation::text from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1')), 'remove', 'And to be removed'
  );
  return next is_empty('select step, failed_code from hlf_sync.steps where failed_at is not null', 'No step fails');
  perform hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
  select concat_ws(' ', r.result, r.requeued_count) into requeued
  from public.requeue_hlf_dead_letters(hlf_tests.organisation('c')) as r;
  reset role;
  return next is(requeued, 'accepted 1', 'A requeue is accepted');
  perform hlf_sync.watch();
  return next is(pg_temp.open_alerts(), 'cannot_call', 'That nobody can be told is on the table');
  return next is((select count(*) from net.http_request_queue), 0::bigint, 'While nothing leaves');

  execute 'update stand_in.faults set is_out_of_order = false where true';
  perform hlf_tests.travel('10 minutes');
  update hlf_sync.pulse set jobs_scheduled_at = now() where true;
  perform hlf_sync.sweep(), hlf_sync.watch();
  return next is(
    (select count(*) from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') like '%alert over: dead_letters%'),
    1::bigint, 'Back in order, what was to be told is told'
  );
  return next isnt_empty(
    $$select from net.http_request_queue where url = 'http://function.example'$$, 'And the function is called'
  );
end
$test$;
select * from pg_temp.examine();

select * from finish();
rollback;
