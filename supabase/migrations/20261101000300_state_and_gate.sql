-- One row per mentor says what is wanted, what Dynamics last confirmed and what is in flight. A change only bumps
-- `generation` and makes the row due: ten quick changes are one sync, and a late restore cannot undo a newer remove.
-- Beside it: which organisations are switched on, the attempts, and the gate, which stops all workers at once.

create table public.hlf_sync_state (
  mentor_id uuid primary key,
  organisation_id uuid not null,
  wanted_operation public.hlf_sync_operation not null,
  seen_event text,
  generation bigint not null default 1,
  triggered_by_event text not null,
  requested_at timestamptz not null default now(),
  due_at timestamptz,
  attempts integer not null default 0,
  uncounted_attempts integer not null default 0,
  refused_since timestamptz,
  refusals integer not null default 0,
  in_flight_attempt_id uuid,
  confirmed_operation public.hlf_sync_operation,
  confirmed_generation bigint,
  confirmed_at timestamptz,
  dead_lettered_at timestamptz,
  last_error text,
  updated_at timestamptz not null default now(),
  constraint seen_event_is_known check (hlf_sync.is_sync_event(seen_event)),
  constraint triggered_by_event_is_known check (hlf_sync.is_sync_event(triggered_by_event)),
  constraint last_error_is_known check (hlf_sync.is_sync_error(last_error))
);
comment on table public.hlf_sync_state is
  'What is wanted of Dynamics for each mentor, deleted ones included, and how far it is. Changed by functions only.';
comment on column public.hlf_sync_state.wanted_operation is
  'What the app wants; read from it afresh when an attempt is claimed.';
comment on column public.hlf_sync_state.seen_event is
  'How the mentor was last seen, in the log''s words: a pause that becomes a farewell is a change, too. Null while unknown.';
comment on column public.hlf_sync_state.generation is 'Bumped by every request to sync; a success confirms one generation.';
comment on column public.hlf_sync_state.triggered_by_event is 'Why the current generation was requested.';
comment on column public.hlf_sync_state.requested_at is
  'Since when the wanted operation has been asked for without being confirmed; asking again does not set it back.';
comment on column public.hlf_sync_state.due_at is 'When the next attempt may start; null when none is wanted, or the organisation is switched off.';
comment on column public.hlf_sync_state.attempts is 'Attempts made for the current generation.';
comment on column public.hlf_sync_state.uncounted_attempts is
  'Those among them that ended in what comes to everybody: rejected credentials, a wrong setting. Nobody is given up for them.';
comment on column public.hlf_sync_state.refused_since is
  'When the first attempt was claimed of those that Dynamics has refused (403 or another 4xx) since it last confirmed the '
  'mentor or the series began anew; null while none was. Whoever else is confirmed after it shows the refusal to be this mentor''s own.';
comment on column public.hlf_sync_state.refusals is 'Refusals that count: the last of the short series is a dead letter.';
comment on column public.hlf_sync_state.in_flight_attempt_id is 'The attempt under way; its lease is in hlf_sync.attempts.';
comment on column public.hlf_sync_state.confirmed_operation is 'What Dynamics last confirmed to hold.';
comment on column public.hlf_sync_state.dead_lettered_at is 'When attempts ran out; cleared by the next request to sync, or, where the night tries once more, by its success.';
comment on column public.hlf_sync_state.last_error is 'Error of the last attempt; null after a success.';

create index hlf_sync_state_organisation_id_idx on public.hlf_sync_state (organisation_id);
-- A handful at most, unless Dynamics refuses everybody.
create index hlf_sync_state_refused_since_idx on public.hlf_sync_state (refused_since) where refused_since is not null;
-- What can be claimed, each operation in the order of its waiting.
create index hlf_sync_state_due_idx
on public.hlf_sync_state (wanted_operation, due_at)
where due_at is not null and in_flight_attempt_id is null;

alter table public.hlf_sync_state enable row level security;

create policy "Coordinators read their mentors' state"
on public.hlf_sync_state for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

-- Switches: an organisation is synchronised only once somebody has said so.

create table public.hlf_sync_switches (
  organisation_id uuid primary key,
  is_enabled boolean not null default false,
  switched_at timestamptz not null default now(),
  switched_by text not null default coalesce((auth.uid())::text, session_user),
  mass_change_allowed_until timestamptz
);
comment on table public.hlf_sync_switches is
  'Which organisations are synchronised; one that has no row is not. What changes meanwhile waits, in nobody''s way.';
comment on column public.hlf_sync_switches.is_enabled is 'Whether mentors of this organisation are synchronised.';
comment on column public.hlf_sync_switches.switched_by is 'A user''s id, or a role of the database.';
comment on column public.hlf_sync_switches.mass_change_allowed_until is 'Until then the fuse lets everything of this organisation pass.';

alter table public.hlf_sync_switches enable row level security;

create policy "Coordinators read their organisations' switches"
on public.hlf_sync_switches for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create function hlf_sync.apply_switch()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_state as s set
    due_at = case when new.is_enabled then clock_timestamp() end,
    -- While it was off, nobody waited for it.
    requested_at = case when new.is_enabled then clock_timestamp() else s.requested_at end,
    updated_at = now()
  -- Also who is in flight: the attempt's end leaves a newer generation due or waiting as it finds it.
  where s.organisation_id = new.organisation_id
    and s.confirmed_generation is distinct from s.generation
    and s.dead_lettered_at is null;
  if new.is_enabled then
    perform hlf_sync.nudge('{"type": "sweep"}');
  end if;
  return null;
end
$$;
comment on function hlf_sync.apply_switch() is
  'Trigger: who waits becomes due when an organisation is switched on, and nobody is when it is switched off.';

create trigger apply_new_switch
after insert on public.hlf_sync_switches
for each row execute function hlf_sync.apply_switch();

create trigger apply_switch
after update of is_enabled on public.hlf_sync_switches
for each row when (old.is_enabled is distinct from new.is_enabled) execute function hlf_sync.apply_switch();

create function hlf_sync.set_switch(organisation_id uuid, is_enabled boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from hlf_sync.organisations as o where o.organisation_id = set_switch.organisation_id) then
    raise exception 'There is no organisation %', set_switch.organisation_id using errcode = '22023';
  end if;
  insert into public.hlf_sync_switches as w (organisation_id, is_enabled)
  values (set_switch.organisation_id, set_switch.is_enabled)
  on conflict on constraint hlf_sync_switches_pkey do update set
    is_enabled = excluded.is_enabled, switched_at = excluded.switched_at, switched_by = excluded.switched_by
  where w.is_enabled <> excluded.is_enabled;
end
$$;
comment on function hlf_sync.set_switch(uuid, boolean) is 'Notes who switched an organisation on or off, and when; 22023 for one that is not there.';

create function hlf_sync.switch_on(organisation_id uuid)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_switch(organisation_id, true)
$$;
comment on function hlf_sync.switch_on(uuid) is 'For the team: from now on an organisation is synchronised, with what has waited.';

create function hlf_sync.switch_off(organisation_id uuid)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_switch(organisation_id, false)
$$;
comment on function hlf_sync.switch_off(uuid) is
  'For the team: nothing more is sent of an organisation. What changes meanwhile waits, until it is switched on again.';

-- Attempts, and the gate that they obey: one worker that is told to stop stops all of them.

create table hlf_sync.attempts (
  attempt_id uuid primary key default hlf_sync.uuid_v7(),
  mentor_id uuid not null,
  organisation_id uuid not null,
  operation public.hlf_sync_operation not null,
  generation bigint not null,
  retry_count integer not null,
  is_last boolean not null,
  triggered_by_event text not null,
  claimed_at timestamptz not null default clock_timestamp(),
  lease_expires_at timestamptz not null,
  due_again_at timestamptz,
  worker uuid,
  claim_number integer,
  is_orphaned boolean not null default false,
  settled_at timestamptz,
  outcome public.hlf_sync_outcome,
  response_code integer,
  error_message text,
  -- As in the audit log, so that nothing is settled that could not be recorded.
  constraint error_message_is_known check (hlf_sync.is_sync_error(error_message)),
  constraint response_code_is_http_status check (response_code between 100 and 599),
  constraint settled_with_an_outcome check ((settled_at is null) = (outcome is null)),
  constraint outcome_and_error_agree check (outcome is null or (outcome = 'success') = (error_message is null)),
  constraint success_has_2xx check (
    outcome <> 'success' or (response_code is not null and response_code between 200 and 299)
  )
);
comment on table hlf_sync.attempts is
  'Recent attempts: what is in flight, what the request budget has spent, and which audit rows are owed. '
  'A row is deleted once its audit row is there and it no longer counts towards the budget.';
comment on column hlf_sync.attempts.is_last is 'Without success this attempt is the dead letter.';
comment on column hlf_sync.attempts.lease_expires_at is
  'From then on the worker counts as dead and the attempt as interrupted.';
comment on column hlf_sync.attempts.due_again_at is
  'Of a probe, which is made ahead of its time and is none of the mentor''s attempts: when the next of those is due.';
comment on column hlf_sync.attempts.worker is
  'Which worker''s drain claimed it; null for a press and for what is done by hand, which have a place of their own.';
comment on column hlf_sync.attempts.claim_number is
  'Which of its worker''s claims took it: the worker may learn that the answer to one of them is lost.';
comment on column hlf_sync.attempts.is_orphaned is
  'Its worker let the lease on the backlog run out: after half a minute it takes up no place any longer, though its mentor waits for '
  'its own lease.';
comment on column hlf_sync.attempts.outcome is 'Null while in flight.';
create index attempts_in_flight_idx on hlf_sync.attempts (lease_expires_at) where outcome is null;
create index attempts_mentor_id_idx on hlf_sync.attempts (mentor_id);
create index attempts_claimed_at_idx on hlf_sync.attempts (claimed_at);

create function hlf_sync.assert_lease(lease_seconds integer)
returns void
-- Every claim asks; plpgsql keeps the plan.
language plpgsql
immutable
set search_path = ''
as $$
begin
  if lease_seconds is null or lease_seconds not between 1 and 600 then
    raise exception 'A lease is 1 to 600 seconds long, not %', lease_seconds using errcode = '22023';
  end if;
end
$$;
comment on function hlf_sync.assert_lease(integer) is
  'Raises 22023 for a lease that ends at once, or that would keep what a dead worker holds for longer than ten minutes.';

create function hlf_sync.assert_same_length(variadic lengths integer[])
returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if (lengths[1] = all (lengths)) is not true then
    raise exception 'The arrays have different lengths: %', array_to_string(lengths, ', ', 'null') using errcode = '22023';
  end if;
end
$$;
comment on function hlf_sync.assert_same_length(integer[]) is
  'For functions that take a batch in one array a column, of which unnest would fill up the shorter ones with nulls: raises 22023.';

create table public.hlf_sync_gate (
  id boolean primary key default true,
  closed_until timestamptz not null default '-infinity',
  reason text,
  closed_at timestamptz,
  max_in_flight integer not null default 50,
  max_requests integer not null default 5700,
  requests_window interval not null default '300 seconds',
  late_commit_margin interval not null default '2 minutes',
  interruption_backoff interval not null default '5 seconds',
  other_requests timestamptz[] not null default '{}',
  drainer uuid,
  drainer_until timestamptz not null default '-infinity',
  drainer_lease interval not null default '10 seconds',
  max_refusals integer not null default 4,
  last_confirmed_at timestamptz,
  environment_id uuid,
  accepted_listing_count integer,
  installed_at timestamptz not null default now(),
  constraint there_is_one_row check (id),
  constraint reason_is_known check (reason in ('throttled', 'credentials', 'settings'))
);
comment on table public.hlf_sync_gate is
  'One row that all workers obey: whether anything may be sent to Dynamics now, and how much.';
comment on column public.hlf_sync_gate.closed_until is
  'Infinity while credentials or settings are rejected: a health check opens it, for one attempt to show whether it may stay so.';
comment on column public.hlf_sync_gate.other_requests is
  'When Dynamics was asked for something that is no attempt, a health check or a page of listings, within the window.';
comment on column public.hlf_sync_gate.drainer is
  'The worker that works off a backlog: while its lease lasts, other workers'' drains are sent away.';
comment on column public.hlf_sync_gate.drainer_lease is
  'A dead drainer is replaced so soon. What it has claimed and not sent by then is not sent any more.';
comment on column public.hlf_sync_gate.drainer_until is 'Renewed with its claims, and over when one of them finds nothing more.';
comment on column public.hlf_sync_gate.max_refusals is
  'So many attempts Dynamics may refuse to one mentor alone, within minutes, before nobody tries any more.';
comment on column public.hlf_sync_gate.last_confirmed_at is 'When the youngest attempt was claimed that was confirmed, to the second.';
comment on column public.hlf_sync_gate.environment_id is
  'WhoAmI''s OrganizationId of the environment that the first night read; a reading of another one is not believed.';
comment on column public.hlf_sync_gate.accepted_listing_count is
  'So many listings an operator has declared to be right for the next reading; null once it was read.';
comment on column public.hlf_sync_gate.max_in_flight is
  'Dataverse admits 52 concurrent requests of one application user; two are left, one for presses, and one for health checks '
  'and for a drain that finds all others in the hands of workers that may be dead.';
comment on column public.hlf_sync_gate.max_requests is
  'Dataverse admits 6,000 requests per 300 s and application user; 5 % are left for queries and for clocks that differ.';
comment on column public.hlf_sync_gate.requests_window is 'The time in which max_requests count.';
comment on column public.hlf_sync_gate.late_commit_margin is
  'How long Dynamics may still carry out a request whose answer was lost. A later success of the opposite operation is '
  'sent once more after it.';
comment on column public.hlf_sync_gate.interruption_backoff is
  'Wait after a first interrupted attempt, four times as long after each further one: a function that dies again and '
  'again must not use up everybody''s attempts in minutes.';
comment on column public.hlf_sync_gate.installed_at is 'Before the first night is due, its absence is no silence.';
insert into public.hlf_sync_gate default values;

alter table public.hlf_sync_gate enable row level security;

create policy "Coordinators read the gate"
on public.hlf_sync_gate for select to authenticated
using (exists (select hlf_sync.coordinated_organisation_ids()));

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

  if reason in ('credentials', 'settings') then
    perform hlf_sync.raise_alert(reason || '_rejected');
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
