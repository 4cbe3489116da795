-- The watchdog runs in the database every minute, apart from the function, and notices silence. What it finds decides
-- which alerts are open; each check is a step of its own.

create function hlf_sync.is_unheeded(nudged_at timestamptz)
returns boolean
language sql
set search_path = ''
as $$
  select exists (
      select from public.hlf_sync_state as s
      where s.due_at < is_unheeded.nudged_at
        and s.in_flight_attempt_id is null
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    )
    and not exists (select from hlf_sync.attempts as t where t.claimed_at >= is_unheeded.nudged_at)
    and (
      select coalesce(greatest(p.healthy_at, p.health_failed_at) < is_unheeded.nudged_at, true) from hlf_sync.pulse as p
    )
    and (select g.closed_until <= clock_timestamp() from public.hlf_sync_gate as g)
    and hlf_sync.may_send()
    -- As a worker that holds nothing would find it.
    and (select c.room from hlf_sync.remaining_capacity(hlf_sync.uuid_v7()) as c) > 0
$$;
comment on function hlf_sync.is_unheeded(timestamptz) is
  'Whether somebody was due at a nudge and might have been claimed, and the function has left no trace in the database since.';

create function hlf_sync.judge_last_nudge()
returns void
language plpgsql
set search_path = ''
as $$
declare
  pulse hlf_sync.pulse;
  answer record;
begin
  select p.* into strict pulse from hlf_sync.pulse as p for update;
  if pulse.nudge_request_id is null then
    return;
  end if;
  select a.status_code into answer from hlf_sync.answer_to(pulse.nudge_request_id, pulse.nudged_at) as a;
  if found and answer.status_code between 200 and 299 then
    update hlf_sync.pulse as p set
      nudge_request_id = null, refusals = 0, refused_status = null,
      unheeded = case when hlf_sync.is_unheeded(pulse.nudged_at) then p.unheeded + 1 else 0 end
    where p.id;
  elsif found or pulse.nudged_at < now() - interval '50 seconds' then
    update hlf_sync.pulse as p
    set nudge_request_id = null, refusals = p.refusals + 1, refused_status = answer.status_code
    where p.id;
  end if;
end
$$;
comment on function hlf_sync.judge_last_nudge() is
  'Reads from pg_net what became of the sweep''s last nudge; without any answer it was lost, or pg_net stands still.';

create function hlf_sync.is_pg_net_willing()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  perform net.http_post(
    url := coalesce(hlf_sync.callable_url('hlf_sync_function_url'), 'https://example.org/'),
    body := '{}'::jsonb,
    timeout_milliseconds := 5000
  );
  -- Rolled back, it is never sent.
  raise exception 'queued' using errcode = 'HLF00';
exception
  when sqlstate 'HLF00' then
    return true;
  when others then
    return false;
end
$$;
comment on function hlf_sync.is_pg_net_willing() is 'Whether pg_net takes a request; nothing is sent.';

create function hlf_sync.watch_calls()
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.judge_last_nudge();
  select hlf_sync.set_alert('cannot_call',
    exists (select from hlf_sync.unusable_secrets())
    or not hlf_sync.is_pg_net_willing()
    or (select p.refusals >= 2 or p.unheeded >= 3 from hlf_sync.pulse as p)
    or exists (
      select from hlf_sync.messages as m
      where m.delivered_at is null
        and (m.tries >= 2 and m.written_at < now() - interval '2 minutes' or m.written_at < now() - interval '4 minutes')
    )
  )
$$;
comment on function hlf_sync.watch_calls() is
  'cannot_call: a secret is unusable, pg_net refuses, the function or a webhook has not answered 2xx twice, a message has waited '
  'for four minutes, or the function has answered three times and nothing came of it.';

create function hlf_sync.watch_state()
returns void
language plpgsql
set search_path = ''
as $$
declare
  overdue integer;
  dead integer;
  failing integer;
  failures bigint;
  is_away boolean;
begin
  -- Only worked out once somebody's attempts fail, or a health check has.
  with success as (
    select coalesce(max(s.confirmed_at), '-infinity') as last_at from public.hlf_sync_state as s
  )
  select
    -- What is wanted and not confirmed is overdue, whatever due_at or in_flight_attempt_id say.
    count(*) filter (
      where s.dead_lettered_at is null
        and s.requested_at < now() - case s.wanted_operation
          when 'remove' then interval '15 minutes' else interval '60 minutes'
        end
    ),
    count(*) filter (where s.dead_lettered_at is not null),
    count(*) filter (where is_failing), coalesce(sum(s.attempts) filter (where is_failing), 0),
    (select p.health_failed_at > (select success.last_at from success) from hlf_sync.pulse as p where p.health_failed_at is not null)
  into overdue, dead, failing, failures, is_away
  from public.hlf_sync_state as s
  cross join lateral (
    select s.attempts > 0 and hlf_sync.is_outage(s.last_error) and s.updated_at > (select success.last_at from success) as is_failing
  ) as judged
  where s.confirmed_generation is distinct from s.generation
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled);
  perform hlf_sync.set_alert('rows_overdue', overdue > 0, overdue);
  perform hlf_sync.set_alert('dead_letters', dead > 0, dead);
  -- One mentor whose attempts fail may be that mentor's own fault; the health check, which the sweep asks for
  -- meanwhile, tells the two apart.
  perform hlf_sync.set_alert('dynamics_unreachable',
    coalesce(is_away, false) or (failing >= 2 and failures >= 3),
    nullif(failing, 0)
  );
end
$$;
comment on function hlf_sync.watch_state() is
  'rows_overdue: unconfirmed for 15 minutes (removes) or 60 (restores). dead_letters. dynamics_unreachable: the health '
  'check failed, or several mentors'' attempts, and nobody has got through since.';

create function hlf_sync.watch_nights()
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_alert('nights_stopped',
    greatest(
      (select g.installed_at from public.hlf_sync_gate as g), (select max(r.finished_at) from public.hlf_nightly_runs as r)
    ) < now() - interval '26 hours'
    -- Tonight's is begun anew each minute until the listings have been read.
    or exists (
      select from public.hlf_nightly_runs as r
      where r.run_date = hlf_sync.today_in_oslo() and r.finished_at is null and r.started_at < now() - interval '15 minutes'
    )
  );
  select hlf_sync.set_alert('drift_returns', count(*) > 0, count(*)::integer)
  from (
    select d.mentor_id
    from public.hlf_sync_drifts as d
    where d.run_date in (
      select r.run_date from public.hlf_nightly_runs as r
      where r.finished_at is not null
      order by r.run_date desc
      limit 3
    )
    -- Without a listing there is nothing that could be changed; a dead letter tells of that.
    and d.is_published is not null
    group by d.mentor_id
    having count(*) = 3
  ) as returning_drift
$$;
comment on function hlf_sync.watch_nights() is
  'nights_stopped: none finished in 26 hours, or tonight''s has been under way for 15 minutes. drift_returns: a listing differed in each of the last three.';

create function hlf_sync.watch_gate()
returns void
language sql
set search_path = ''
as $$
  -- A gate closed for credentials or settings has an alert of its own.
  select hlf_sync.set_alert('gate_stuck',
    g.reason = 'throttled' and g.closed_until > now() and g.closed_at < now() - interval '15 minutes'
  )
  from public.hlf_sync_gate as g;
  -- An open gate and nobody waiting: whoever was to go through after a health check has ended otherwise, such as in a
  -- dead letter of its own, and no success is to come that would close these alerts.
  select hlf_sync.close_alert(a.kind)
  from public.hlf_sync_alerts as a
  cross join public.hlf_sync_gate as g
  where a.closed_at is null
    and a.kind in ('credentials_rejected', 'settings_rejected')
    and g.closed_until <= now()
    and not exists (
      select from public.hlf_sync_state as s where s.due_at is not null or s.in_flight_attempt_id is not null
    )
$$;
comment on function hlf_sync.watch_gate() is
  'gate_stuck: throttled for 15 minutes. Closes the alerts of a gate that is open while nobody waits.';

create function hlf_sync.watch_log(at timestamptz default now())
returns void
language plpgsql
set search_path = ''
as $$
declare
  last_sealed constant date := (select max(s.day) from public.hlf_sync_audit_seals as s);
begin
  perform hlf_sync.set_alert('audit_gap',
    exists (
      select from hlf_sync.steps as s
      where s.failed_at is not null and s.step in ('audit log', 'audit rows that are missing')
    )
    or exists (
      select from hlf_sync.attempts as t
      where t.claimed_at < at - interval '15 minutes'
        -- The sweep writes the row of what was settled just now.
        and (t.settled_at is null or t.settled_at < at - interval '2 minutes')
        and not exists (
          select from public.hlf_sync_audit_log as log
          where log.id = t.attempt_id and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
        )
    )
  );
  perform hlf_sync.set_alert('partition_missing',
    extract(month from at at time zone 'UTC') = 12
    and not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhparent = 'public.hlf_sync_audit_log'::regclass
        and i.inhrelid = to_regclass(format('hlf_sync.audit_log_%s', extract(year from at at time zone 'UTC') + 1))
    )
  );
  -- Sealed every hour; three hours after midnight (UTC) the day before has to be.
  perform hlf_sync.set_alert('sealing_stopped',
    coalesce(
      last_sealed,
      (select (min(t.at) at time zone 'UTC')::date - 1 from (
        select min(log.created_at) as at from public.hlf_sync_audit_log as log where last_sealed is null
      ) as t)
    ) < ((at - interval '3 hours') at time zone 'UTC')::date - 1
  );
  perform hlf_sync.set_alert('verification_stopped',
    coalesce(
      (select s.succeeded_at from hlf_sync.steps as s where s.step = 'verification of the audit log'),
      (select g.installed_at from public.hlf_sync_gate as g)
    ) < at - interval '26 hours'
  );
end
$$;
comment on function hlf_sync.watch_log(timestamptz) is
  'audit_gap: an attempt older than 15 minutes without its row, or a log that cannot be written. partition_missing. '
  'sealing_stopped: a day not sealed within three hours. verification_stopped: none succeeded in 26 hours.';

create function hlf_sync.watch_messages()
returns integer
language sql
set search_path = ''
as $$
  -- What is open is told again after a day; what was told as open and is over may have been waiting to be told so.
  select hlf_sync.tell_of_alert(alert.kind)
  from (
    select a.kind from public.hlf_sync_alerts as a where a.closed_at is null
    union
    select substring(m.subject from '^alert (.*)') from hlf_sync.messages as m
    where m.subject like 'alert %' and m.state = 'open'
    order by 1
  ) as alert;
  select hlf_sync.deliver_messages()
$$;
comment on function hlf_sync.watch_messages() is 'Has every alert told that is to be told, and sends what has not arrived.';

create function hlf_sync.send_heartbeat()
returns void
language plpgsql
set search_path = ''
as $$
declare
  url constant text := hlf_sync.callable_url('hlf_sync_heartbeat_url');
begin
  -- A heartbeat says that somebody would be told: not while a message has been on its way for a quarter of an hour.
  if url is not null and hlf_sync.may_send() and not exists (
    select from hlf_sync.messages as m
    where m.delivered_at is null and m.written_at < now() - interval '15 minutes'
  ) then
    -- By GET, which every dead man's switch takes.
    perform net.http_get(url := url, timeout_milliseconds := 5000);
  end if;
end
$$;
comment on function hlf_sync.send_heartbeat() is
  'Calls the optional hlf_sync_heartbeat_url in Vault: a service that misses it tells of a database that cannot.';

create function hlf_sync.watch_fuse()
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_alert('mass_change_held', count(*) > 0, sum(h.mentor_count)::integer)
  from hlf_sync.held_changes as h
$$;
comment on function hlf_sync.watch_fuse() is 'mass_change_held: the fuse holds what the sweep or the night found.';

create function hlf_sync.watch()
returns void
language sql
security definer
set search_path = ''
as $body$
  select hlf_sync.try_step('watch: deliveries', 'select hlf_sync.deliver_messages()');
  select hlf_sync.try_step('watch: calls', 'select hlf_sync.watch_calls()');
  select hlf_sync.try_step('watch: state of mentors', 'select hlf_sync.watch_state()');
  select hlf_sync.try_step('watch: nights', 'select hlf_sync.watch_nights()');
  select hlf_sync.try_step('watch: gate', 'select hlf_sync.watch_gate()');
  select hlf_sync.try_step('watch: audit log', 'select hlf_sync.watch_log()');
  select hlf_sync.try_step('watch: seals', 'select hlf_sync.watch_seals()');
  select hlf_sync.try_step(
    'watch: jobs', $$select hlf_sync.set_alert('jobs_stopped', exists (select from hlf_sync.find_stopped_jobs()))$$
  );
  select hlf_sync.try_step('watch: coordinators', 'select hlf_sync.tell_coordinators()');
  select hlf_sync.try_step('watch: fuse', 'select hlf_sync.watch_fuse()');
  select hlf_sync.try_step(
    'watch: steps',
    $$select hlf_sync.set_alert('step_failed', exists (select from hlf_sync.steps as s where s.failed_at is not null))$$
  );
  select hlf_sync.try_step('watch: messages', 'select hlf_sync.watch_messages()');
  select hlf_sync.try_step('watch: heartbeat', 'select hlf_sync.send_heartbeat()')
$body$;
comment on function hlf_sync.watch() is
  'Every minute: opens and closes alerts by what is so now, sends what has not arrived, and calls the heartbeat.';
