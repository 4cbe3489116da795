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
      select max(t.settled_at) from hlf_sync.attempts as t
      where t.outcome = 'success' and t.claimed_at > clock_timestamp() - interval '10 minutes'
    )
  )
$$;
comment on function hlf_sync.last_confirmation() is 'When Dynamics last confirmed anybody.';

create function hlf_sync.close_gate_for_refusals(kind text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  ids constant uuid[] := array(
    select s.mentor_id
    from public.hlf_sync_state as s
    where s.refused_since is not null
      and s.refused_since >= coalesce(hlf_sync.last_confirmation(), '-infinity')
      and hlf_sync.is_refusal(s.last_error)
      and hlf_sync.kind_of_refusal(s.last_error) = close_gate_for_refusals.kind
    order by s.mentor_id
    for update skip locked
  );
begin
  -- What has come to everybody was nobody's fault from the first on, not even of those who were given up for it already.
  update public.hlf_sync_state as s set
    excused_attempts = s.attempts,
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
    where alone.refused_since < hlf_sync.last_confirmation()
      and alone.dead_lettered_at is null
      and hlf_sync.is_refusal(alone.last_error)
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
security definer
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
    excused_attempts = s.excused_attempts + 1,
    refusals = greatest(s.refusals - 1, 0),
    due_at = least(s.due_at, t.settled_at + interval '60 seconds')
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and s.mentor_id = t.mentor_id and s.generation = t.generation
    and hlf_sync.kind_of_refusal(t.error_message) = 'forbidden'
    and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
    and s.refused_since >= last_confirmed;

  for refusal_kind, threshold in
    select hlf_sync.kind_of_refusal(t.error_message), min(hlf_sync.mentors_that_make_everybody(t.error_message))
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id
    where t.attempt_id = any (attempt_ids)
      and hlf_sync.is_refusal(t.error_message)
      and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
      and s.refused_since >= last_confirmed
    group by 1
  loop
    select count(*) into suspects
    from public.hlf_sync_state as s
    where s.refused_since is not null
      and s.refused_since >= last_confirmed
      and hlf_sync.is_refusal(s.last_error)
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
security definer
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
