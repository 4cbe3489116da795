-- What follows from attempts that fail, and from what gets lost: refusals, outages, rows of the log that are missing.

-- A refusal (403, or another 4xx in words of Dataverse) comes to everybody or to one mentor alone. What tells them apart is
-- who else was refused and who got through, which only the database sees of all workers. What comes to everybody closes
-- the gate and counts for nobody; what comes to one is counted on a short series and told to its coordinators.

create function hlf_sync.is_refusal(message text)
returns boolean
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  return coalesce(message ~ '^(forbidden|rejected|precondition_failed)( |$)', false);
end
$$;
comment on function hlf_sync.is_refusal(text) is 'Whether an error says that Dynamics understood the request and would not do it.';

create function hlf_sync.kind_of_refusal(message text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case when message ~ '^forbidden' then 'forbidden' else split_part(message, ' request=', 1) end
$$;
comment on function hlf_sync.kind_of_refusal(text) is
  'Refusals of one kind may have one cause: every 403, and every other refusal with the same code.';

create function hlf_sync.mentors_that_make_everybody(message text)
returns integer
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    -- By definition about one record, or about its present state.
    when message ~ '^(forbidden code=0x80048306|precondition_failed)' then null
    -- As many as may be refused in one round trip although they have nothing in common.
    when message ~ '^forbidden' then 20
    -- About plug-ins and single records, as a rule.
    when message ~ ' code=(0x80040217|0x80040227|0x80040237|0x80040265|0x80040333|0x80060882|0x80060891)' then 10
    else 3
  end
$$;
comment on function hlf_sync.mentors_that_make_everybody(text) is
  'So many different mentors refused in a row, and nobody confirmed since, show that a refusal comes to everybody; null: none.';

create function hlf_sync.last_confirmation()
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select greatest(
    (select g.last_confirmed_at from public.hlf_sync_gate as g),
    (
      select max(t.claimed_at) from hlf_sync.attempts as t
      where t.outcome = 'success' and t.claimed_at > clock_timestamp() - interval '10 minutes'
    )
  )
$$;
comment on function hlf_sync.last_confirmation() is
  'When the youngest attempt was claimed that Dynamics has confirmed. What was under way already when somebody else was claimed may '
  'have been carried out before everybody was refused, and says nothing about that refusal.';

create function hlf_sync.close_gate_for_refusals(kind text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  ids constant uuid[] := array(
    select s.mentor_id
    from public.hlf_sync_state as s
    where s.refused_since > coalesce(hlf_sync.last_confirmation(), '-infinity')
      and hlf_sync.kind_of_refusal(s.last_error) = close_gate_for_refusals.kind
    order by s.mentor_id
    for update skip locked
  );
begin
  -- What has come to everybody was nobody's fault from the first on, not even of those who were given up for it already.
  update public.hlf_sync_state as s set
    uncounted_attempts = s.attempts,
    refusals = 0,
    due_at = case
      when s.in_flight_attempt_id is not null then s.due_at
      else coalesce(least(s.due_at, clock_timestamp() + interval '60 seconds'), clock_timestamp())
    end,
    dead_lettered_at = null,
    updated_at = now()
  where s.mentor_id = any (ids);
  -- Who was known to be refused alone is no longer, as nobody gets through: it takes new evidence.
  update public.hlf_sync_state as s set refused_since = clock_timestamp()
  where s.mentor_id = any (array(
    select alone.mentor_id
    from public.hlf_sync_state as alone
    where alone.refused_since <= hlf_sync.last_confirmation()
      and alone.dead_lettered_at is null
      and hlf_sync.kind_of_refusal(alone.last_error) = close_gate_for_refusals.kind
    order by alone.mentor_id
    for update skip locked
  ));
  perform hlf_sync.close_gate(case when kind = 'forbidden' then 'credentials' else 'settings' end, null);
end
$$;
comment on function hlf_sync.close_gate_for_refusals(text) is
  'Closes the gate for a refusal that comes to everybody, and takes back what it has counted against anybody.';

create function hlf_sync.judge_refusals(attempt_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  last_confirmed timestamptz;
  refusal_kind text;
  threshold integer;
  suspects integer;
begin
  update public.hlf_sync_state as s set
    -- A new series has evidence of its own.
    refused_since = case when t.retry_count = 0 then t.claimed_at else coalesce(s.refused_since, t.claimed_at) end,
    refusals = case when t.retry_count = 0 then 1 else s.refusals + 1 end
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and hlf_sync.is_refusal(t.error_message) and s.mentor_id = t.mentor_id;

  last_confirmed := coalesce(hlf_sync.last_confirmation(), '-infinity');

  -- A 403 counts only once somebody else has got through since the first; before, nobody can know whose it is.
  update public.hlf_sync_state as s set
    uncounted_attempts = s.uncounted_attempts + 1,
    refusals = greatest(s.refusals - 1, 0),
    due_at = least(s.due_at, t.settled_at + interval '60 seconds')
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and s.mentor_id = t.mentor_id and s.generation = t.generation
    and hlf_sync.kind_of_refusal(t.error_message) = 'forbidden'
    and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
    and s.refused_since > last_confirmed;

  for refusal_kind, threshold in
    select hlf_sync.kind_of_refusal(t.error_message), min(hlf_sync.mentors_that_make_everybody(t.error_message))
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id
    where t.attempt_id = any (attempt_ids)
      and hlf_sync.is_refusal(t.error_message)
      and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
      and s.refused_since > last_confirmed
    group by 1
  loop
    select count(*) into suspects
    from public.hlf_sync_state as s
    where s.refused_since > last_confirmed
      and hlf_sync.mentors_that_make_everybody(s.last_error) is not null
      and hlf_sync.kind_of_refusal(s.last_error) = refusal_kind;
    if suspects >= threshold
      -- A 403 while nobody else is under way: nobody is going to say otherwise.
      or (refusal_kind = 'forbidden' and not exists (
        select from hlf_sync.attempts as other
        where other.outcome is null and other.lease_expires_at > clock_timestamp()
      ))
    then
      perform hlf_sync.close_gate_for_refusals(refusal_kind);
    end if;
  end loop;

  -- What is left is this mentor's own; the last of the short series is a dead letter.
  with given_up as (
    update hlf_sync.attempts as t set outcome = 'dead_lettered'
    from public.hlf_sync_state as s, public.hlf_sync_gate as g
    where t.attempt_id = any (attempt_ids)
      and hlf_sync.is_refusal(t.error_message)
      and t.outcome = 'failure'
      and s.mentor_id = t.mentor_id
      and s.generation = t.generation
      and s.refusals > 0
      and (s.refusals >= g.max_refusals or t.is_last)
      -- By hand, a person decides when to end.
      and t.triggered_by_event <> 'break_glass'
    returning t.mentor_id, t.settled_at
  )
  update public.hlf_sync_state as s set dead_lettered_at = given_up.settled_at, due_at = null
  from given_up
  where s.mentor_id = given_up.mentor_id;
end
$$;
comment on function hlf_sync.judge_refusals(uuid[]) is
  'Decides for refused attempts, just settled under the lock of the gate, whether the refusal is everybody''s or their own.';

create function hlf_sync.tell_of_dead_letters(attempt_ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  ids constant uuid[] := array(
    select s.mentor_id
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.dead_lettered_at = t.settled_at
    where t.attempt_id = any (attempt_ids) and t.outcome = 'dead_lettered'
  );
begin
  if cardinality(ids) = 0 then
    return;
  end if;
  insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
  select s.organisation_id, s.mentor_id, 'dead_lettered'
  from public.hlf_sync_state as s
  where s.mentor_id = any (ids)
    -- What the night tries once more, and in vain, was told before.
    and not (s.triggered_by_event = 'nightly_reconciliation' and exists (
      select from public.hlf_coordinator_notifications as n
      where n.mentor_id = s.mentor_id and n.kind = 'dead_lettered' and n.created_at > coalesce(s.confirmed_at, '-infinity')
    ));
  perform hlf_sync.raise_alert('dead_letters');
end
$$;
comment on function hlf_sync.tell_of_dead_letters(uuid[]) is 'Notifies coordinators of new dead letters, and raises the alert.';

-- The end of an outage that a health check does not show: where reading works and updates fail, only an attempt can tell.
-- So once a minute one of those who wait is tried ahead of its time. A probe in vain is none of the mentor's attempts and
-- leaves its series as it was; the first that succeeds has everybody tried who waits because of the outage.

create table hlf_sync.pulse (
  id boolean primary key default true,
  nudge_request_id bigint,
  nudged_at timestamptz,
  refusals integer not null default 0,
  refused_status integer,
  unheeded integer not null default 0,
  jobs_scheduled_at timestamptz not null default now(),
  health_failed_at timestamptz,
  healthy_at timestamptz,
  sealed_until date,
  broken_day date,
  constraint there_is_one_row check (id)
);
comment on table hlf_sync.pulse is 'One row: whether the function answers the database, and Dynamics the function.';
comment on column hlf_sync.pulse.nudge_request_id is 'Of pg_net, while the answer to the sweep''s last nudge is awaited.';
comment on column hlf_sync.pulse.nudged_at is 'By the clock, not the transaction''s beginning.';
comment on column hlf_sync.pulse.refusals is 'Nudges in a row that were not answered 2xx.';
comment on column hlf_sync.pulse.refused_status is 'For operators: HTTP status of the last of them; null when there was no answer.';
comment on column hlf_sync.pulse.unheeded is
  'Nudges in a row that were answered 2xx, and nothing came of them although somebody is due: the function does not reach the database.';
comment on column hlf_sync.pulse.jobs_scheduled_at is 'Before a job has had its time, its absence is no silence.';
comment on column hlf_sync.pulse.health_failed_at is 'When the function''s health check of Dynamics last failed; null once one has passed since.';
comment on column hlf_sync.pulse.healthy_at is 'When it last passed.';
comment on column hlf_sync.pulse.sealed_until is
  'The newest day that was ever sealed: a seal up to it that is missing was taken away, one after it is only late.';
comment on column hlf_sync.pulse.broken_day is 'The first day that the last verification found not to match its seal.';
insert into hlf_sync.pulse default values;

create function hlf_sync.is_outage(message text)
returns boolean
language sql
immutable
parallel safe
set search_path = ''
as $$
  select coalesce(
    message ~ '^(unavailable|timeout|network|server_error|invalid_response|interrupted)( |$)', false
  )
$$;
comment on function hlf_sync.is_outage(text) is
  'Whether an error says that Dynamics was out of reach or out of order, rather than that it refused.';

create function hlf_sync.note_health(is_well boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if is_well then
    update hlf_sync.pulse as p set healthy_at = clock_timestamp() where p.id;
    update hlf_sync.pulse as p set health_failed_at = null where p.health_failed_at is not null;
    if found then
      perform hlf_sync.end_outage();
    end if;
  else
    update hlf_sync.pulse as p set health_failed_at = clock_timestamp() where p.id;
    -- At once: while nobody is due, this is all that shows that Dynamics is away. The watchdog closes it, because
    -- attempts may fail although the check passes.
    perform hlf_sync.raise_alert('dynamics_unreachable');
  end if;
end
$$;
comment on function hlf_sync.note_health(boolean) is
  'Notes the outcome of a health check. One that fails raises its alert at once, whatever its class; the first one after it '
  'that passes makes due who waits because of the outage.';

create function public.note_hlf_sync_health(is_well boolean)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.note_health(is_well)
$$;
comment on function public.note_hlf_sync_health(boolean) is 'For the function: whether Dynamics answered its health check.';

create function hlf_sync.find_probe()
returns uuid
language sql
stable
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
    due_at = clock_timestamp(), uncounted_attempts = s.uncounted_attempts + 1, updated_at = now()
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

-- The function writes audit rows off the critical path and may lose one. The attempts table remembers every attempt until its
-- row is there, so a lost insert, a dead worker and a log that was down for an hour all end in a complete log.

create function hlf_sync.write_missing_audit_rows(attempt_ids uuid[])
returns integer
language sql
set search_path = ''
as $$
  with written as (
    insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
      triggered_by_event
    )
    select
      t.attempt_id, t.organisation_id, t.mentor_id, t.operation, t.response_code,
      t.retry_count + case when t.outcome = 'dead_lettered' then 1 else 0 end, t.outcome, t.error_message,
      t.triggered_by_event
    from hlf_sync.attempts as t
    where t.attempt_id = any (attempt_ids)
    order by t.attempt_id
    returning id
  )
  select count(*)::integer from written
$$;
comment on function hlf_sync.write_missing_audit_rows(uuid[]) is 'Writes the audit rows of settled attempts.';

create function hlf_sync.fill_audit_gaps(grace interval default '30 seconds')
returns integer
language plpgsql
set search_path = ''
as $$
declare
  missing constant uuid[] := array(
    select t.attempt_id
    from hlf_sync.attempts as t
    where t.outcome is not null
      -- The function's own insert may still be on its way.
      and t.settled_at <= clock_timestamp() - grace
      and not exists (
        select from public.hlf_sync_audit_log as log
        where log.id = t.attempt_id
          and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
      )
    order by t.attempt_id
    limit 1000
  );
  attempt uuid;
  filled integer := 0;
  problem text;
begin
  begin
    filled := hlf_sync.write_missing_audit_rows(missing);
  exception when others then
    -- A row that the log refuses must not keep the others out of it.
    foreach attempt in array missing loop
      begin
        filled := filled + hlf_sync.write_missing_audit_rows(array[attempt]);
      exception when others then
        problem := sqlstate;
        raise warning 'hlf-sync: the audit row of attempt % cannot be written (%)', attempt, sqlstate;
      end;
    end loop;
  end;
  perform hlf_sync.note_step('audit rows that are missing', problem);
  return filled;
end
$$;
comment on function hlf_sync.fill_audit_gaps(interval) is
  'Writes audit rows that are still missing some time after their attempt was settled; returns how many.';

create function hlf_sync.prune_attempts()
returns integer
language sql
set search_path = ''
as $$
  with pruned as (
    delete from hlf_sync.attempts as t
    where t.outcome is not null
      and t.claimed_at < clock_timestamp() - (select g.requests_window from public.hlf_sync_gate as g)
      and exists (
        select from public.hlf_sync_audit_log as log
        where log.id = t.attempt_id
          and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
      )
    returning t.attempt_id
  )
  select count(*)::integer from pruned
$$;
comment on function hlf_sync.prune_attempts() is
  'Forgets attempts whose audit row is there and which no longer count towards the request budget.';
