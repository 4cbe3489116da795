-- The end of an outage that a health check does not show: where reading works and updates fail, only an attempt can tell.
-- So once a minute one of those who wait is tried ahead of its time. A probe in vain is none of the mentor's attempts and
-- leaves its series as it was; the first that succeeds has everybody tried who waits because of the outage.

create function hlf_sync.find_probe()
returns uuid
language sql
stable
security definer
set search_path = ''
as $$
  select s.mentor_id
  from public.hlf_sync_state as s
  where hlf_sync.is_outage(s.last_error)
    and s.in_flight_attempt_id is null
    -- Whoever is due before the next minute shows as much.
    and s.due_at > clock_timestamp() + interval '50 seconds'
    -- While the health check fails, it is the one to show that Dynamics is back.
    and (select p.healthy_at is not null and p.health_failed_at is null from hlf_sync.pulse as p)
    and (select g.closed_until <= clock_timestamp() from public.hlf_sync_gate as g)
    and not exists (
      select from hlf_sync.attempts as t
      where t.claimed_at > clock_timestamp() - interval '50 seconds' and t.due_again_at is not null
    )
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  -- In turn: the first may fail by a fault of its own.
  order by s.updated_at
  limit 1
$$;
comment on function hlf_sync.find_probe() is
  'Whom to try ahead of its time, once a minute while attempts fail and the health check passes; null where nobody is.';

create function hlf_sync.end_outage()
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  requests hlf_sync.sync_request[];
begin
  -- Those who were given up for the outage, which was no fault of theirs, begin anew: nobody waits for a person to see it.
  requests := array(
    select row(s.mentor_id, s.organisation_id, s.wanted_operation, s.triggered_by_event, null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.dead_lettered_at is not null and s.due_at is null and s.in_flight_attempt_id is null
      and hlf_sync.is_outage(s.last_error)
    order by s.mentor_id
    for update skip locked
  );
  perform hlf_sync.request_sync(requests);
  -- A person must not stay on the website for the rest of a backoff of hours. What somebody else's success sets off costs
  -- nobody an attempt, or a Dynamics that comes and goes would use them up.
  update public.hlf_sync_state as s set
    due_at = clock_timestamp(), excused_attempts = s.excused_attempts + 1, updated_at = now()
  where s.mentor_id = any (array(
    select waiting.mentor_id
    from public.hlf_sync_state as waiting
    where waiting.due_at > clock_timestamp() and hlf_sync.is_outage(waiting.last_error)
    order by waiting.mentor_id
    for update skip locked
  ));
  if found or cardinality(requests) > 0 then
    perform hlf_sync.nudge('{"type": "sweep"}');
  end if;
end
$$;
comment on function hlf_sync.end_outage() is 'Dynamics is back: makes due who waits because of an outage, and who was given up for it.';
