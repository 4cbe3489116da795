begin;
set local search_path = public, extensions;
select plan(74);
select hlf_tests.create_world();
update public.hlf_sync_state set due_at = null, confirmed_generation = generation, confirmed_operation = wanted_operation,
  confirmed_at = now() - interval '1 minute';
update public.hlf_sync_gate set installed_at = now();
delete from public.hlf_nightly_runs;
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
delete from public.hlf_sync_alerts;
delete from net.http_request_queue;

create function pg_temp.alerts()
returns text
language plpgsql
as $$
begin
  perform hlf_sync.watch();
  return (select coalesce(string_agg(kind, ' ' order by kind), '') from public.hlf_sync_alerts where closed_at is null);
end
$$;
create function pg_temp.sent(pattern text default '')
returns bigint
language sql
as $$
  select count(*) from net.http_request_queue
  where url like 'http://alerts.example%' and convert_from(body::text::bytea, 'UTF8') like '%' || pattern || '%'
$$;
-- What pg_net's worker does: takes what is queued, and notes the answers.
create function pg_temp.answer(status integer)
returns void
language sql
as $$
  with taken as (delete from net.http_request_queue returning id)
  insert into net._http_response (id, status_code, timed_out, created)
  select id, status, status is null, clock_timestamp() from taken
$$;

-- Time passes while the jobs run and whatever was sent arrives.
create function pg_temp.pass(by interval)
returns void
language sql
as $$
  select hlf_sync.watch_messages();
  select pg_temp.answer(200);
  select hlf_sync.deliver_messages();
  select hlf_tests.travel(by);
  update hlf_sync.pulse set jobs_scheduled_at = now();
  select hlf_sync.note_step('verification of the audit log', null);
$$;

select is(pg_temp.alerts(), '', 'All is well');
select is(
  (select count(*) from hlf_sync.steps where failed_at is not null), 0::bigint, 'No step of the watchdog fails'
);

select pg_temp.pass('25 hours');
select is(pg_temp.alerts(), '', 'A new installation has a day for its first night');
select pg_temp.pass('2 hours');
select is(pg_temp.alerts(), 'nights_stopped', 'Then silence is noticed');
select is(pg_temp.sent(), 1::bigint, 'The alert is sent');
select is(pg_temp.sent('hlf-sync alert: nights_stopped (function.example'), 1::bigint, 'It says which, and of which project');
select is(
  pg_temp.sent('What changed by hand in Dynamics is not noticed. Who acts: the team that runs hlf-sync. '
    || 'What to do: docs/reference/alerts.md#nights_stopped'), 1::bigint, 'What it means, who acts, and where to read on');
select pg_temp.answer(200);
select is(pg_temp.alerts(), 'nights_stopped', 'It stays open');
select is(pg_temp.sent(), 0::bigint, 'And is not sent again once a 2xx was seen');
select pg_temp.pass('25 hours');
select pg_temp.alerts();
select is(pg_temp.sent(), 1::bigint, 'But again the next day');
select pg_temp.answer(404);
select hlf_tests.travel('2 minutes');
select pg_temp.alerts();
select is(pg_temp.sent(), 1::bigint, 'And again when the webhook answered 404');
delete from net.http_request_queue;
select hlf_tests.travel('3 minutes');
select is(pg_temp.alerts(), 'cannot_call nights_stopped', 'Which has an alert of its own');
select is(pg_temp.sent('nights_stopped'), 1::bigint, 'Or when a crash emptied pg_net''s queue');
select pg_temp.answer(204);
select is(pg_temp.alerts(), 'nights_stopped', 'Delivered at last, the webhook is well');
insert into public.hlf_nightly_runs (run_date, finished_at) values ((now() at time zone 'Europe/Oslo')::date, now());
select is(pg_temp.alerts(), '', 'A finished night closes it');
select is(pg_temp.sent('alert over: nights_stopped'), 1::bigint, 'Its end is told');
select is(pg_temp.sent('alert over: cannot_call'), 1::bigint, 'So is that of the other');
select pg_temp.answer(200);

-- What comes and goes.
delete from public.hlf_nightly_runs;
update public.hlf_sync_gate set installed_at = now() - interval '27 hours';
select is(pg_temp.alerts(), 'nights_stopped', 'A kind that comes back within an hour');
select is((select count(*) from public.hlf_sync_alerts where kind = 'nights_stopped'), 1::bigint, 'Is the same alert');
select is(pg_temp.sent('alert: nights_stopped'), 1::bigint, 'It is told, as its end was');
select pg_temp.answer(200);
update public.hlf_sync_gate set installed_at = now();
select is(pg_temp.alerts(), '', 'And closes again');
select is(pg_temp.sent(), 0::bigint, 'This time its end waits');
update public.hlf_sync_gate set installed_at = now() - interval '27 hours';
select pg_temp.alerts();
update public.hlf_sync_gate set installed_at = now();
select pg_temp.alerts();
select is(pg_temp.sent(), 0::bigint, 'However often it comes and goes');
select pg_temp.pass('61 minutes');
select pg_temp.alerts();
select is(pg_temp.sent('alert over: nights_stopped'), 1::bigint, 'Until it has been gone for an hour');
select pg_temp.answer(200);

-- What is wanted and not confirmed.
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
update public.hlf_sync_state set due_at = now() + interval '6 hours', attempts = 6, last_error = 'throttled'
where mentor_id = hlf_tests.mentor('c1');
select pg_temp.answer(202);
select pg_temp.pass('14 minutes');
select is(pg_temp.alerts(), '', 'A remove may wait for a quarter of an hour');
select pg_temp.pass('2 minutes');
select is(pg_temp.alerts(), 'rows_overdue', 'No longer, however far away its next attempt is');
select is((select affected_count from public.hlf_sync_alerts where kind = 'rows_overdue'), 1, 'It says how many');
update public.hlf_sync_state set due_at = null, in_flight_attempt_id = hlf_sync.uuid_v7() where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.alerts(), 'rows_overdue', 'Nor does an attempt without end hide it');
select hlf_sync.request_sync(
  array[row(hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'remove', 'nightly_reconciliation', null)::hlf_sync.sync_request]
);
select is(pg_temp.alerts(), 'rows_overdue', 'Nor does asking again');
update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('c');
select is(pg_temp.alerts(), '', 'An organisation that is switched off is not overdue');
update public.hlf_sync_switches set is_enabled = true where organisation_id = hlf_tests.organisation('c');
update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c1');
select pg_temp.pass('59 minutes');
select is(pg_temp.alerts(), '', 'A restore may wait for an hour');
select pg_temp.pass('2 minutes');
select is(pg_temp.alerts(), 'rows_overdue', 'No longer');
update public.hlf_sync_state set in_flight_attempt_id = null, dead_lettered_at = now(), due_at = null where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.alerts(), 'dead_letters', 'A dead letter has an alert of its own');
update public.hlf_sync_state set dead_lettered_at = null, confirmed_generation = generation, confirmed_operation = wanted_operation,
  last_error = null, attempts = 0, confirmed_at = now() where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.alerts(), '', 'Confirmed, all is well');

-- Nothing gets through.
select public.note_hlf_sync_health(false);
select is(
  (select string_agg(kind, ' ') from public.hlf_sync_alerts where closed_at is null), 'dynamics_unreachable',
  'A health check that fails raises its alert at once'
);
select is(pg_temp.alerts(), 'dynamics_unreachable', 'It stays');
select public.note_hlf_sync_health(true);
select is(pg_temp.alerts(), '', 'Until one passes');
update hlf_tests.mentors set status = 'paused' where organisation_id = hlf_tests.organisation('c');
update public.hlf_sync_state set attempts = 2, last_error = 'timeout', updated_at = now() + interval '1 second'
where organisation_id = hlf_tests.organisation('c');
select is(pg_temp.alerts(), 'dynamics_unreachable', 'So do attempts of several mentors of which none succeeds');
update public.hlf_sync_state set confirmed_generation = generation, confirmed_operation = wanted_operation,
  last_error = null, attempts = 0, confirmed_at = now() + interval '2 seconds' where organisation_id = hlf_tests.organisation('c');
select is(pg_temp.alerts(), '', 'Until one does');

-- Back again.
update hlf_tests.mentors set status = 'resigned' where organisation_id = hlf_tests.organisation('c');
update public.hlf_sync_state set attempts = 6, last_error = 'timeout', due_at = now() + interval '2 hours'
where organisation_id = hlf_tests.organisation('c');
select public.note_hlf_sync_health(true);
select is((select count(*) from public.hlf_sync_state where due_at > now() + interval '1 hour'), 2::bigint,
  'A check that passes as the last one did brings nobody''s attempt forward');
select public.note_hlf_sync_health(false);
select pg_temp.answer(200);
select public.note_hlf_sync_health(true);
select is((select count(*) from public.hlf_sync_state where due_at > now() + interval '1 hour'), 0::bigint,
  'The first one after an outage makes due who waits because of it');
select is((select count(*) from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') like '%sweep%'), 1::bigint,
  'And wakes the function');
update public.hlf_sync_state set confirmed_generation = generation, confirmed_operation = wanted_operation, due_at = null,
  last_error = null, attempts = 0, confirmed_at = now() where organisation_id = hlf_tests.organisation('c');
select pg_temp.answer(200);
select is(pg_temp.alerts(), '', 'All is well again');
update hlf_sync.pulse set healthy_at = clock_timestamp() + interval '1 hour';
select public.note_hlf_sync_health(false);
select is(pg_temp.alerts(), 'dynamics_unreachable', 'What is noted later counts, also when the clock was set back');
update hlf_sync.pulse set health_failed_at = null, healthy_at = now();
select pg_temp.alerts();
select pg_temp.answer(200);
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select pg_temp.answer(200);
select pg_temp.pass('2 minutes');
select hlf_sync.wake();
select is((select count(*) from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') like '%health%'), 1::bigint,
  'Who waits for a minute without an attempt has Dynamics checked');
update public.hlf_sync_state set confirmed_generation = generation, confirmed_operation = wanted_operation, due_at = null,
  confirmed_at = now() where mentor_id = hlf_tests.mentor('c1');
delete from net.http_request_queue;

select public.close_hlf_sync_gate('throttled', 7200);
select is(pg_temp.alerts(), '', 'A gate that was just closed is none of its business');
select pg_temp.pass('16 minutes');
select is(pg_temp.alerts(), 'gate_stuck', 'One that stays closed is');
select public.open_hlf_sync_gate('throttled');

-- The outside.
delete from vault.secrets where name = 'hlf_sync_alert_webhook_url';
select is(pg_temp.alerts(), 'cannot_call', 'A missing secret is noticed');
select vault.create_secret('hooks.example/x', 'hlf_sync_alert_webhook_url');
select is(pg_temp.alerts(), 'cannot_call', 'So is one that is no URL');
delete from vault.secrets where name = 'hlf_sync_alert_webhook_url';
select vault.create_secret(e'  http://alerts.example/x\n', 'hlf_sync_alert_webhook_url');
select is(pg_temp.alerts(), '', 'White space around it does no harm');
select is(pg_temp.sent('alert over: cannot_call'), 1::bigint, 'What could not be sent goes out now');
select pg_temp.answer(200);
select vault.create_secret('ftp://heart.example', 'hlf_sync_heartbeat_url');
select is(pg_temp.alerts(), 'cannot_call', 'An optional secret that is there has to be usable');
delete from vault.secrets where name = 'hlf_sync_heartbeat_url';
select vault.create_secret('http://heart.example/beat', 'hlf_sync_heartbeat_url');
select pg_temp.answer(200);
select is(pg_temp.alerts(), '', 'As this one is');
select is(
  (select count(*) from net.http_request_queue where url = 'http://heart.example/beat'), 1::bigint,
  'Each round calls the heartbeat'
);

update hlf_sync.pulse set refusals = 2;
select is(pg_temp.alerts(), 'cannot_call', 'A function that twice did not answer 2xx is noticed');
update hlf_sync.pulse set refusals = 0;

-- A function that answers and does nothing, as when it does not reach the database.
update hlf_tests.mentors set status = 'resigned' where id = hlf_tests.mentor('c1');
create function pg_temp.nudged(minutes integer)
returns integer
language plpgsql
as $$
begin
  for minute in 1..minutes loop
    perform hlf_sync.wake();
    perform pg_temp.answer(202);
    perform hlf_tests.travel('1 minute');
  end loop;
  perform pg_temp.alerts();
  return (select unheeded from hlf_sync.pulse);
end
$$;
update hlf_sync.pulse set nudge_request_id = null;
select is(pg_temp.nudged(2), 2, 'A nudge that is answered and not heeded is noticed');
select is((select count(*) from public.hlf_sync_alerts where kind = 'cannot_call' and closed_at is null), 0::bigint, 'Twice is no alert yet');
select is(pg_temp.nudged(1), 3, 'The third in a row');
select is((select count(*) from public.hlf_sync_alerts where kind = 'cannot_call' and closed_at is null), 1::bigint, 'Is one');
select hlf_sync.wake();
select is((select count(*) from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') like '%health%'), 1::bigint,
  'A health check is asked for meanwhile');
select public.note_hlf_sync_health(true);
select pg_temp.answer(202);
select hlf_tests.travel('1 minute');
select is(pg_temp.nudged(0), 0, 'Which shows that somebody who is due was not to be had: the app has locked that mentor');
select is((select count(*) from public.hlf_sync_alerts where kind = 'cannot_call' and closed_at is null), 0::bigint, 'That ends the alert');
select public.close_hlf_sync_gate('throttled', 3600);
select is(pg_temp.nudged(4), 0, 'Behind a closed gate nothing comes of it rightly');
select public.open_hlf_sync_gate('throttled');
update public.hlf_sync_state set confirmed_generation = generation, confirmed_operation = wanted_operation, due_at = null,
  confirmed_at = now() where mentor_id = hlf_tests.mentor('c1');
select is(pg_temp.nudged(4), 0, 'As while nobody is due');
update hlf_sync.pulse set unheeded = 3, nudge_request_id = null;
select is(pg_temp.nudged(1), 0, 'Who was due and is no longer ends it, too');
update hlf_sync.pulse set jobs_scheduled_at = now();

select hlf_sync.note_step('state of mentors', '23514');
select is(pg_temp.alerts(), 'step_failed', 'So is a step that fails');
select hlf_sync.note_step('state of mentors', null);

insert into hlf_sync.attempts (mentor_id, organisation_id, operation, generation, retry_count, is_last,
  triggered_by_event, claimed_at, lease_expires_at)
values (hlf_tests.mentor('c9'), hlf_tests.organisation('c'), 'remove', 1, 0, false, 'status_change:paused',
  now() - interval '16 minutes', now() + interval '63 years');
select is(pg_temp.alerts(), 'audit_gap', 'And an attempt that has had no row for a quarter of an hour, whatever its lease');
delete from hlf_sync.attempts where mentor_id = hlf_tests.mentor('c9');

delete from public.hlf_sync_alerts;
delete from hlf_sync.messages;
select pg_temp.pass('1 minute');
select hlf_tests.travel('4 minutes');
select is(pg_temp.alerts(), '', 'A job has its time');
select hlf_tests.travel('2 minutes');
select is(pg_temp.alerts(), 'jobs_stopped', 'One that has not succeeded in it is noticed');
insert into cron.job_run_details (runid, command, status, start_time, end_time)
select 1000 + row_number() over (), j.command, 'succeeded', now(), now() from hlf_sync.jobs() as j;
select is(pg_temp.alerts(), '', 'Until it has');
select cron.unschedule('hlf_sync_sweep');
select is(pg_temp.alerts(), 'jobs_stopped', 'And a job that is missing');
select hlf_sync.schedule_jobs();
select results_eq(
  'select * from hlf_sync.find_stopped_jobs()', $$select null::text, null::text where false$$, 'One function mends it'
);

insert into public.hlf_sync_audit_seals (day, row_count, digest)
values ((now() at time zone 'UTC')::date - 3, 0, repeat('0', 64));
select is(pg_temp.alerts(), 'sealing_stopped', 'And a day that was not sealed in time');

delete from public.hlf_sync_alerts;
insert into public.hlf_nightly_runs (run_date, started_at, finished_at) values (hlf_sync.today_in_oslo(), now(), null)
on conflict (run_date) do update set started_at = excluded.started_at, finished_at = null;
update public.hlf_nightly_runs set started_at = now() - interval '16 minutes' where run_date = hlf_sync.today_in_oslo();
select matches(pg_temp.alerts(), 'nights_stopped', 'A night that does not end is noticed');

select * from finish();
rollback;
