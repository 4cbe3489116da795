-- A project that was paused for nine days goes on as docs/guides/restoring.md says: nothing ran, and nothing is broken.
begin;
set local search_path = public, extensions;
select plan(14);
select hlf_tests.create_world();
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
update hlf_sync.project set url = null, server = null, is_foreign = false, request_id = null, is_unanswered = false;
delete from public.hlf_sync_alerts;
delete from public.hlf_nightly_runs;
delete from public.hlf_sync_state where mentor_id not in (hlf_tests.mentor('c1'), hlf_tests.mentor('c2'), hlf_tests.mentor('d1'));
delete from net.http_request_queue;

create function pg_temp.run_jobs()
returns void
language plpgsql
as $$
declare
  job record;
begin
  for job in 
    select c.* from cron.job as c where c.jobname in (select own.jobname from hlf_sync.jobs() as own) order by c.jobid
  loop
    execute job.command;
    insert into cron.job_run_details (jobid, runid, command, status, start_time, end_time)
    values (
      job.jobid, 1 + (select coalesce(max(runid), 0) from cron.job_run_details), job.command, 'succeeded',
      clock_timestamp(), clock_timestamp()
    );
  end loop;
end
$$;
create function pg_temp.open_alerts()
returns text[]
language sql
as $$
  select coalesce(array_agg(kind order by kind), '{}') from public.hlf_sync_alerts where closed_at is null
$$;

-- Before: sealed and verified each night, one attempt in flight, and a certification that ends within the pause.
select hlf_tests.attempt('c1', written_at => now() - interval '10 days');
select hlf_sync.seal_audit_log(((now() - interval '9 days') at time zone 'UTC')::date);
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select is(
  (select count(*) from public.claim_hlf_sync_attempts(10, 60, 8, project_url => 'https://one.supabase.example')
    where mentor_id = hlf_tests.mentor('c1')),
  1::bigint, 'An attempt is in flight'
);
update hlf_tests.mentors set certification_expiry_date = hlf_sync.today_in_oslo() - 3 where id = hlf_tests.mentor('d1');
select hlf_tests.travel('9 days');
update hlf_sync.project set server = 'the server before';
delete from net.http_request_queue;

-- The first minute.
select hlf_sync.sweep();
select hlf_sync.watch();
select is(
  (select array_agg(distinct convert_from(body::text::bytea, 'UTF8')::jsonb ->> 'type') from net.http_request_queue),
  '{identify}', 'It asks whose it is before it tells anybody anything'
);
select ok('jobs_stopped' = any (pg_temp.open_alerts()), 'It knows that the jobs have not run');
select is(
  public.confirm_hlf_sync_project('https://one.supabase.example', (select question from hlf_sync.project)),
  'confirmed', 'Its own function confirms it'
);
select isnt_empty($$select from hlf_sync.messages where delivered_at is null$$, 'What it has to tell waits');
select hlf_sync.watch();
select isnt_empty(
  $$select from net.http_request_queue where url = 'http://alerts.example'$$, 'And is sent in the next minute'
);

-- A day of jobs: verification comes before sealing.
select pg_temp.run_jobs();
select ok(not 'seal_broken' = any (pg_temp.open_alerts()), 'Days that nobody sealed are no broken seals');
select pg_temp.run_jobs();
select is(
  (select max(day) from public.hlf_sync_audit_seals), (now() at time zone 'UTC')::date - 1, 'The days between are sealed'
);
select is(
  (select array_agg(kind) from unnest(pg_temp.open_alerts()) as kind
    where kind in ('jobs_stopped', 'sealing_stopped', 'verification_stopped', 'seal_broken', 'step_failed')),
  null::text[], 'What was told is over by itself'
);
select is((select is_intact from public.verify_hlf_sync_audit('2020-01-01', current_date)), true, 'The log is intact');
select is(
  (select status::text from hlf_tests.mentors where id = hlf_tests.mentor('d1')), 'expired_cert',
  'What expired meanwhile takes effect'
);
select is(
  (select count(*) from public.hlf_nightly_runs where run_date > hlf_sync.today_in_oslo() - 9), 1::bigint,
  'One night is enough for all that were missed'
);
select hlf_sync.fill_audit_gaps('0 seconds');
select hlf_sync.fill_audit_gaps('0 seconds');
select is(
  (select array_agg(error_message) from public.hlf_sync_audit_log
    where mentor_id = hlf_tests.mentor('c1') and created_at > now() - interval '1 hour'),
  '{interrupted}', 'The attempt in flight has ended, with one row'
);
update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor('c1');
select isnt_empty(
  $$select from public.claim_hlf_sync_attempts(10, 60, 8, project_url => 'https://one.supabase.example')
    where mentor_id = hlf_tests.mentor('c1')$$, 'And is made again'
);

select * from finish();
rollback;
