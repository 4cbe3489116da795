-- The gate: one worker that is told to stop stops all of them.

create function hlf_sync.close_gate(reason text, seconds double precision)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  until constant timestamptz := case
    when reason in ('credentials', 'settings') then 'infinity'::timestamptz
    -- Whatever a header says: nobody stays on the website for more than an hour because of it.
    else clock_timestamp() + make_interval(secs => case when seconds > 3600 then 3600 else seconds end)
  end;
begin
  if until is null then
    raise exception 'Cannot close the gate as %: seconds are missing', reason using errcode = '22004';
  end if;
  -- The longer closure wins: a short throttle must not open what rejected credentials have closed.
  update public.hlf_sync_gate as g set
    closed_until = until,
    reason = close_gate.reason,
    closed_at = case when g.closed_until > clock_timestamp() then g.closed_at else clock_timestamp() end
  where g.closed_until < until;

  if reason = 'credentials' then
    perform hlf_sync.raise_alert('credentials_rejected');
  elsif reason = 'settings' then
    perform hlf_sync.raise_alert('settings_rejected');
  end if;
end
$$;
comment on function hlf_sync.close_gate(text, double precision) is
  'Stops all claims: for some seconds, at most an hour (throttled), or until a health check passes (credentials, settings), '
  'which raises an alert.';

create function hlf_sync.open_gate(reason text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_gate as g set closed_until = '-infinity', reason = null, closed_at = null
  where g.reason = open_gate.reason;
  if reason = 'throttled' then
    -- Opened by hand, before the time that Dynamics asked for: each mentor was told to wait as well.
    update public.hlf_sync_state as s set due_at = clock_timestamp(), updated_at = now()
    where s.mentor_id = any (array(
      select waiting.mentor_id
      from public.hlf_sync_state as waiting
      where waiting.due_at > clock_timestamp() and waiting.last_error ~ '^throttled'
      order by waiting.mentor_id
      for update skip locked
    ));
  end if;
  -- While somebody waits the alert stays open until an attempt has gone through: a health check proves less.
  if reason in ('credentials', 'settings') and not exists (
    select from public.hlf_sync_state as s where s.due_at is not null or s.in_flight_attempt_id is not null
  ) then
    perform hlf_sync.close_alert(reason || '_rejected');
  end if;
end
$$;
comment on function hlf_sync.open_gate(text) is 'Opens the gate if it was closed for this reason.';

create function hlf_sync.admit_request()
returns table (is_admitted boolean, gate_reason text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate public.hlf_sync_gate;
  recent timestamptz[];
begin
  -- Locked as by a claim, so that the budget holds across all who ask.
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  gate_reason := case when gate.closed_until > clock_timestamp() then gate.reason end;
  recent := array(
    select r.requested_at from unnest(gate.other_requests) as r (requested_at)
    where r.requested_at > clock_timestamp() - gate.requests_window
  );
  -- A gate that is closed for credentials or settings is what a health check is to open.
  is_admitted := gate_reason is distinct from 'throttled' and gate.max_requests > (
    select count(*) from hlf_sync.attempts as t
    where t.claimed_at > clock_timestamp() - gate.requests_window
  ) + cardinality(recent);
  if is_admitted then
    update public.hlf_sync_gate as g set other_requests = recent || clock_timestamp() where g.id;
  end if;
  return next;
end
$$;
comment on function hlf_sync.admit_request() is
  'Whether one request that is no attempt may be sent now: while no throttle holds, within the budget, which it then counts in.';

create function public.admit_hlf_sync_request()
returns table (is_admitted boolean, gate_reason text)
language sql
set search_path = ''
as $$
  select * from hlf_sync.admit_request()
$$;
comment on function public.admit_hlf_sync_request() is
  'For the function: before a health check or a page of listings, which obey the gate and the budget like attempts.';

create function public.close_hlf_sync_gate(reason text, seconds double precision default null)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.close_gate(reason, seconds)
$$;
comment on function public.close_hlf_sync_gate(text, double precision) is
  'For the function: Dynamics throttled (seconds) or rejected the credentials (until opened).';

create function public.open_hlf_sync_gate(reason text)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.open_gate(reason)
$$;
comment on function public.open_hlf_sync_gate(text) is 'For the function: the reason for which the gate was closed is gone.';

revoke execute on function
  public.admit_hlf_sync_request(),
  public.close_hlf_sync_gate(text, double precision),
  public.open_hlf_sync_gate(text)
from public, anon, authenticated;
grant execute on function
  hlf_sync.admit_request(),
  public.admit_hlf_sync_request(),
  hlf_sync.close_gate(text, double precision),
  hlf_sync.open_gate(text),
  public.close_hlf_sync_gate(text, double precision),
  public.open_hlf_sync_gate(text)
to service_role;
