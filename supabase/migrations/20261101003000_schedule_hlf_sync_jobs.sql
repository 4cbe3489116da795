-- The jobs. Nudges may get lost; what is due is found every minute, and what is wrong with the notes is mended first.

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
    and to_regclass('cron.job') is null
  then
    create extension if not exists pg_cron with schema pg_catalog;
  elsif to_regclass('cron.job') is null then
    raise exception 'pg_cron is not available, and nothing stands in for it';
  end if;
end
$$;

create function private.sweep_hlf_sync()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.repair_hlf_sync_state();
  perform private.settle_interrupted_attempts();

  begin
    perform private.fill_hlf_sync_audit_gaps();
    perform private.prune_hlf_sync_attempts();
    perform private.close_alert('audit_gap');
  exception when others then
    -- The log being out of order must not keep anybody on the website.
    perform private.raise_alert('audit_gap');
    raise warning 'hlf-sync could not complete the audit log (%)', sqlstate;
  end;

  if not exists (select from public.hlf_sync_state as s where s.dead_lettered_at is not null) then
    perform private.close_alert('dead_letters');
  end if;
  -- An open gate and nobody waiting: whoever was to go through after a health check has ended otherwise, such as in a
  -- dead letter of its own, and no success is to come that would close this alert.
  if exists (select from public.hlf_sync_gate as g where g.closed_until <= now()) and not exists (
    select from public.hlf_sync_state as s where s.due_at is not null or s.in_flight_attempt_id is not null
  ) then
    perform private.close_alert('credentials_rejected');
  end if;

  -- The night after two o'clock UTC, again and again until it is finished: its nudge may get lost, too.
  if extract(hour from now() at time zone 'UTC') >= 2 and exists (
    select from public.hlf_nightly_runs as r
    where r.run_date = private.today_in_oslo()
      and r.finished_at is null
      and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= now())
  ) then
    perform private.nudge_hlf_sync('{"type": "nightly"}');
    return;
  end if;

  -- A gate closed for credentials opens only when the function finds them accepted, so it has to be asked.
  if exists (
    select from private.get_hlf_sync_wait() as wait
    where wait.seconds <= 60 or wait.gate_reason = 'credentials'
  ) then
    perform private.nudge_hlf_sync('{"type": "sweep"}');
  end if;
end
$$;
comment on function private.sweep_hlf_sync() is
  'Every minute: mends state, attempts and log, and wakes the function when something is due.';

select cron.schedule('hlf_sync_sweep', '* * * * *', 'select private.sweep_hlf_sync()');
-- Every hour from two o'clock UTC on: what is done already is not done twice, and a run that was missed is made up for.
select cron.schedule(
  'hlf_sync_nightly', '0 2-23 * * *',
  $$select private.run_hlf_night(private.today_in_oslo()), private.nudge_hlf_sync('{"type": "nightly"}')$$
);
select cron.schedule('hlf_sync_watchdog', '*/5 * * * *', 'select private.watch_hlf_sync()');
select cron.schedule(
  'hlf_sync_partitions', '30 1 1 * *',
  $$select private.ensure_hlf_sync_audit_log_partitions(
      extract(year from now())::integer, extract(year from now())::integer + 5
    )$$
);
-- Late enough that no transaction of the day before is still writing its row.
select cron.schedule('hlf_sync_seal', '10 1 * * *', 'select private.seal_hlf_sync_audit_log()');
-- Before the sealing, which would make seals that somebody took away anew.
select cron.schedule('hlf_sync_verify', '5 1 * * *', 'select private.check_hlf_sync_audit_seals()');
-- pg_cron never prunes its own history.
select cron.schedule(
  'hlf_sync_prune_cron_history', '15 1 * * *',
  $$delete from cron.job_run_details where end_time < now() - interval '14 days'$$
);

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  private.sweep_hlf_sync
from public;
