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

create function hlf_sync.wake()
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  body jsonb;
  pulse hlf_sync.pulse;
  request bigint;
  trouble_at timestamptz;
begin
  perform hlf_sync.judge_last_nudge();
  select p.* into strict pulse from hlf_sync.pulse as p;

  body := case
    -- The night, again and again until it is finished: its nudge may get lost, too.
    when exists (
      select from public.hlf_nightly_runs as r
      where r.run_date = hlf_sync.today_in_oslo()
        and r.finished_at is null
        and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= now())
    ) then '{"type": "nightly"}'::jsonb
    -- A gate that is closed without end opens only when the function finds what closed it mended, so it has to be asked.
    when exists (
      select from hlf_sync.get_wait() as wait
      where wait.seconds <= 60 or (wait.seconds is null and wait.gate_reason is not null)
    ) then '{"type": "sweep"}'::jsonb
    when hlf_sync.find_probe() is not null then '{"type": "sweep"}'::jsonb
    -- A function that did not answer, or did nothing, is asked again although nothing is due: that is how its alert ends.
    when pulse.refusals > 0 or pulse.unheeded > 0 then '{"type": "sweep"}'::jsonb
  end;
  if body is not null then
    request := hlf_sync.nudge(body);
    if pulse.nudge_request_id is null then
      update hlf_sync.pulse as p
      set nudge_request_id = request, nudged_at = clock_timestamp()
      where p.id and request is not null;
    end if;
  end if;

  -- The last health check failed, attempts do, or somebody has waited for a minute without one, as when Entra gives no
  -- token: another check tells whether Dynamics is away, or back. It also tells a function that does nothing from one that
  -- finds whoever is due locked.
  select greatest(
    max(s.updated_at) filter (where s.attempts > 0 and hlf_sync.is_outage(s.last_error)),
    max(greatest(s.requested_at, now() - interval '5 minutes')) filter (where s.requested_at < now() - interval '1 minute')
  ) into trouble_at
  from public.hlf_sync_state as s
  where s.confirmed_generation is distinct from s.generation
    and s.dead_lettered_at is null
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled);
  if pulse.health_failed_at is not null or pulse.unheeded > 0 or (
    -- At rest nobody reads all states for their last sign of Dynamics.
    trouble_at is not null and trouble_at > (
      select greatest(max(s.confirmed_at), pulse.healthy_at, '-infinity') from public.hlf_sync_state as s
    )
  ) then
    perform hlf_sync.nudge('{"type": "health"}');
  end if;
  return body ->> 'type';
end
$$;
comment on function hlf_sync.wake() is
  'Nudges the function when something is due, keeps whether it answers, and has it check Dynamics while attempts fail.';

create function hlf_sync.sweep()
returns void
language sql
security definer
set search_path = ''
as $$
  select hlf_sync.try_step('state of mentors', 'select hlf_sync.repair_state()');
  select hlf_sync.try_step('switches', 'select hlf_sync.repair_switches()');
  select hlf_sync.try_step('interrupted attempts', 'select hlf_sync.settle_interrupted_attempts()');
  select hlf_sync.try_step('whose database this is', 'select hlf_sync.ask_for_project()');
  select hlf_sync.try_step('wake the function', 'select hlf_sync.wake()');
  -- The log being out of order must not keep anybody on the website.
  select hlf_sync.try_step('audit log', 'select hlf_sync.fill_audit_gaps()');
  select hlf_sync.try_step('attempts that are recorded', 'select hlf_sync.prune_attempts()')
$$;
comment on function hlf_sync.sweep() is
  'Every minute: mends state, attempts and log, and wakes the function when something is due.';

create function hlf_sync.jobs()
returns table (jobname text, schedule text, command text, max_age interval)
language sql
immutable
set search_path = ''
as $$
  values
  ('hlf_sync_sweep', '* * * * *', 'select hlf_sync.sweep()', interval '5 minutes'),
  ('hlf_sync_watchdog', '* * * * *', 'select hlf_sync.watch()', interval '5 minutes'),
  -- Every hour, so that it begins at midnight in Oslo and a run that was missed is made up for; what is done already is
  -- not done twice. Two statements, so that neither is part of the other.
  (
    'hlf_sync_nightly', '0 * * * *',
    $command$select hlf_sync.run_night(hlf_sync.today_in_oslo()); select hlf_sync.nudge('{"type": "nightly"}')$command$,
    interval '150 minutes'
  ),
  -- Before sealing, because sealing would recreate seals that somebody had deleted.
  (
    'hlf_sync_verify', '5 1 * * *',
    $command$select hlf_sync.try_step('verification of the audit log', 'select hlf_sync.check_audit_seals()')$command$,
    interval '26 hours'
  ),
  -- From ten past one (UTC), so late that no transaction of the day before is still writing its row; then every hour.
  ('hlf_sync_seal', '10 1-23 * * *', 'select hlf_sync.seal_audit_log()', interval '4 hours'),
  (
    'hlf_sync_partitions', '30 1 1 * *',
    $command$select hlf_sync.ensure_audit_log_partitions(extract(year from now())::integer, extract(year from now())::integer + 5)$command$,
    -- Monthly, longer ago than its history is kept; partition_missing tells of what it leaves undone.
    null
  ),
  -- pg_cron never prunes its own history.
  (
    'hlf_sync_prune_cron_history', '15 1 * * *',
    $command$delete from cron.job_run_details where end_time < now() - interval '14 days'$command$,
    interval '26 hours'
  )
$$;
comment on function hlf_sync.jobs() is
  'The jobs as they have to be, and how long ago each may last have succeeded.';

create function hlf_sync.schedule_jobs()
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform cron.unschedule(j.jobname)
  from cron.job as j
  where j.jobname like 'hlf\_sync\_%' and j.username = current_user
    and j.jobname not in (select e.jobname from hlf_sync.jobs() as e);
  perform cron.schedule(e.jobname, e.schedule, e.command) from hlf_sync.jobs() as e;
  -- A job that was switched off stays so when it is scheduled again.
  perform cron.alter_job(j.jobid, active := true)
  from cron.job as j
  join hlf_sync.jobs() as e on e.jobname = j.jobname
  where not j.active and j.username = current_user;
  update hlf_sync.pulse as p set jobs_scheduled_at = now() where p.id;
end
$$;
comment on function hlf_sync.schedule_jobs() is
  'Makes pg_cron''s jobs what hlf_sync.jobs says. Idempotent; to be called after a backup was restored.';

create function hlf_sync.find_stopped_jobs()
returns table (jobname text, problem text)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select e.jobname, judged.problem
  from hlf_sync.jobs() as e
  left join cron.job as j on j.jobname = e.jobname
  cross join lateral (
    select case
      when j.jobid is null then 'missing'
      when not j.active then 'inactive'
      when j.schedule <> e.schedule or j.command <> e.command then 'changed'
      when greatest(
        (select p.jobs_scheduled_at from hlf_sync.pulse as p),
        (
          select max(d.end_time) from cron.job_run_details as d
          where d.command = e.command and d.status = 'succeeded' and d.end_time > now() - interval '2 days'
        )
      ) < now() - e.max_age then 'no success'
    end as problem
  ) as judged
  where judged.problem is not null;
end
$$;
comment on function hlf_sync.find_stopped_jobs() is
  'Jobs that are missing, inactive, changed, or have not succeeded in their time, and which of these it is.';

select hlf_sync.schedule_jobs();
