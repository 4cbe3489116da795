-- The watchdog runs in the database, apart from the function and its cron jobs' nudges, and notices silence.

alter table public.hlf_sync_gate add column installed_at timestamptz not null default now();
comment on column public.hlf_sync_gate.installed_at is 'Before the first night is due, its absence is no silence.';

create function private.set_alert(alert_kind text, is_on boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if is_on then
    perform private.raise_alert(alert_kind);
  else
    perform private.close_alert(alert_kind);
  end if;
end
$$;
comment on function private.set_alert(text, boolean) is 'Opens or closes the alert of a kind.';

create function private.watch_hlf_sync(at timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate public.hlf_sync_gate;
begin
  select g.* into strict gate from public.hlf_sync_gate as g;

  perform private.set_alert('missing_secret',
    private.secret('hlf_sync_function_url') is null
    or private.secret('hlf_sync_secret_key') is null
    or private.secret('hlf_sync_alert_webhook_url') is null
  );
  perform private.set_alert('nights_stopped',
    greatest(gate.installed_at, (select max(r.finished_at) from public.hlf_nightly_runs as r))
      < at - interval '26 hours'
  );
  perform private.set_alert('partition_missing',
    extract(month from at) = 12
    and to_regclass(format('private.hlf_sync_audit_log_%s', extract(year from at)::integer + 1)) is null
  );
  -- The nightly verification closes it, and would find it as well, if it ran.
  if (select max(s.day) from public.hlf_sync_audit_seals as s) < (at at time zone 'UTC')::date - 2 then
    perform private.raise_alert('seal_broken');
  end if;
  perform private.set_alert('gate_stuck',
    gate.closed_until > at and gate.closed_at < at - interval '15 minutes'
  );
  perform private.set_alert('rows_overdue', exists (
    select from public.hlf_sync_state as s
    where s.due_at < at - interval '15 minutes'
      and s.in_flight_attempt_id is null
      and not exists (
        select from public.organisations as o where o.id = s.organisation_id and not o.hlf_sync_enabled
      )
  ));
end
$$;
comment on function private.watch_hlf_sync(timestamptz) is
  'Raises an alert when secrets are missing, nights stop, rows stay due, the gate stays closed, sealing stops or next year''s partition is missing; closes it again after.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  private.set_alert,
  private.watch_hlf_sync
from public;
