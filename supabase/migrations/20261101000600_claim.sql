-- The start of an attempt: one round trip hands a worker a batch under a lease, within what Dynamics allows.

create function hlf_sync.remaining_capacity(worker uuid default null)
returns table (places integer, room integer)
-- Every claim asks; plpgsql keeps the plan.
language plpgsql
set search_path = ''
-- Plans are kept, and most are made while the attempts table is empty: they would read all of it later on. Without sequential scans
-- a plan seems dear enough to be compiled, which costs more than it.
set enable_seqscan = off
set jit = off
as $$
begin
  return query
  select
    p.places,
    greatest(0, least(
      case
        -- A press finds one place whatever the drains hold.
        when remaining_capacity.worker is null
          then greatest(g.max_in_flight - in_flight.total, 1 - in_flight.by_hand)
        -- Beside others a drain claims only what it may send at once; and what is neither sent nor settled has an end. Beside the dead
        -- it has few places, and whoever is paused while a restore of theirs is ready waits for all that is ready before it.
        when p.places > 0 then p.places * case when in_flight.of_others > 0 then 1 else 4 end - in_flight.own
        else 0
      end,
      g.max_requests - (
        select count(*) from hlf_sync.attempts as t
        where t.claimed_at > clock_timestamp() - g.requests_window
      ) - (
        select count(*) from unnest(g.other_requests) as r (requested_at)
        where r.requested_at > clock_timestamp() - g.requests_window
      )
    ))::integer
  from public.hlf_sync_gate as g
  cross join lateral (
    select
      count(*) as total,
      count(*) filter (where t.worker is null) as by_hand,
      count(*) filter (where t.worker = remaining_capacity.worker and not t.is_orphaned) as own,
      count(*) filter (where t.worker <> remaining_capacity.worker and not t.is_orphaned) as of_others,
      count(*) filter (
        where t.worker <> remaining_capacity.worker and not t.is_orphaned and t.claimed_at > clock_timestamp() - g.drainer_lease
      ) as of_living,
      count(*) filter (where t.is_orphaned) as orphaned
    from hlf_sync.attempts as t
    -- Dynamics goes on with what a dead worker has sent, and refuses everybody while it gets too much beside that. A living one waits
    -- for an answer no longer either.
    where t.outcome is null and (not t.is_orphaned or t.claimed_at > clock_timestamp() - interval '30 seconds')
  ) as in_flight
  cross join lateral (
    select greatest(
      g.max_in_flight - in_flight.of_others - in_flight.orphaned - greatest(in_flight.by_hand - 1, 0),
      -- Dynamics takes two more than the cap: one for a press, and one for a drain beside nothing but the dead, or those who have
      -- been silent for so long that they may be.
      1 - in_flight.of_living,
      0
    )::integer as places
  ) as p;
end
$$;
comment on function hlf_sync.remaining_capacity(uuid) is
  'places: how many requests this worker may have in flight beside everybody else''s attempts. room: how many attempts it, or, '
  'without one, a press may claim now. Both hold only while the caller has the lock of the gate.';

create function hlf_sync.hand_out_attempts(
  for_all integer,
  for_removes integer,
  lease_seconds integer,
  max_attempts integer,
  only_mentor_ids uuid[],
  worker uuid,
  claim_number integer,
  removes_alone boolean
)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text,
  is_last boolean
)
language plpgsql
set search_path = ''
-- As in hlf_sync.remaining_capacity.
set enable_seqscan = off
set jit = off
as $$
declare
  is_probing boolean;
  is_refused boolean;
  some_operation public.hlf_sync_operation;
  some_ids uuid[];
  picked_ids uuid[] := array[]::uuid[];
  -- One for all: who is claimed together is asked for together, and one's success says of the others that they are refused alone.
  claimed_now timestamptz;
begin
  -- Somebody was refused and nobody has got through since: whoever was not refused tells more, and must not wait behind.
  is_probing := exists (
    select from public.hlf_sync_state as s
    cross join public.hlf_sync_gate as g
    where s.refused_since is not null and s.refused_since > coalesce(g.last_confirmed_at, '-infinity')
  );

  -- Removes first: a person who must not be shown any longer waits for nobody.
  for is_refused, some_operation in
    select refused.is_one, op.operation
    from unnest(case when is_probing then array[false, true] else array[null::boolean] end)
      with ordinality as refused (is_one, place)
    cross join unnest(enum_range(null::public.hlf_sync_operation)) with ordinality as op (operation, place)
    order by refused.place, op.place
  loop
    continue when (case some_operation when 'remove' then for_removes else for_all end) <= 0;
    some_ids := array(
      select s.mentor_id
      from public.hlf_sync_state as s
      where s.wanted_operation = some_operation
        and s.in_flight_attempt_id is null
        and s.due_at <= clock_timestamp()
        and (is_refused is null or (s.refused_since is not null) = is_refused)
        and (only_mentor_ids is null or s.mentor_id = any (only_mentor_ids))
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
      order by s.due_at
      limit case some_operation when 'remove' then for_removes else for_all end
      for update of s skip locked
    );
    picked_ids := picked_ids || some_ids;
    for_all := for_all - cardinality(some_ids);
    for_removes := for_removes - cardinality(some_ids);
    if removes_alone and some_operation = 'remove' and cardinality(some_ids) > 0 then
      for_all := 0;
    end if;
  end loop;

  if cardinality(picked_ids) = 0 and for_all > 0 and only_mentor_ids is null then
    -- Nobody is due: somebody who waits because of an outage may show that it is over.
    picked_ids := array(
      select s.mentor_id from public.hlf_sync_state as s where s.mentor_id = hlf_sync.find_probe() for update skip locked
    );
  end if;
  if cardinality(picked_ids) = 0 then
    return;
  end if;

  claimed_now := clock_timestamp();
  -- A statement of its own, and so a newer snapshot than the one that was locked from: whoever changes a mentor needs
  -- the lock that is held by now, so what is read here is what the generation stands for.
  return query
  with attempt as (
    insert into hlf_sync.attempts as t (
      mentor_id, organisation_id, operation, generation, retry_count, is_last, triggered_by_event, claimed_at,
      lease_expires_at, due_again_at, worker, claim_number
    )
    select
      s.mentor_id, s.organisation_id,
      case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end, s.generation, s.attempts,
      s.attempts - s.uncounted_attempts + 1 >= max_attempts and probe.due_again_at is null, s.triggered_by_event,
      claimed_now, claimed_now + make_interval(secs => lease_seconds), probe.due_again_at, hand_out_attempts.worker,
      hand_out_attempts.claim_number
    from public.hlf_sync_state as s
    -- Only a probe is picked before it is due.
    cross join lateral (select case when s.due_at > clock_timestamp() then s.due_at end as due_again_at) as probe
    left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
    where s.mentor_id = any (picked_ids)
    returning t.*
  ), claimed as (
    update public.hlf_sync_state as s set
      wanted_operation = attempt.operation,
      due_at = null,
      attempts = s.attempts + 1,
      in_flight_attempt_id = attempt.attempt_id,
      updated_at = now()
    from attempt
    where s.mentor_id = attempt.mentor_id
  )
  select
    attempt.attempt_id, attempt.mentor_id, attempt.organisation_id, attempt.operation, attempt.retry_count,
    attempt.triggered_by_event, attempt.is_last
  from attempt
  order by attempt.operation, attempt.attempt_id;
end
$$;
comment on function hlf_sync.hand_out_attempts(integer, integer, integer, integer, uuid[], uuid, integer, boolean) is
  'Claims so many due mentors, and so many if they are removes, which come first, or alone where there are any. For a caller who '
  'has the lock of the gate and knows that there is room.';

create function hlf_sync.claim_attempts(
  batch_size integer,
  lease_seconds integer,
  max_attempts integer,
  only_mentor_ids uuid[] default null,
  ignore_gate boolean default false,
  project_url text default null
)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text,
  is_last boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  gate public.hlf_sync_gate;
  room integer;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  -- The lock on the gate lets workers claim one after the other, so that the caps hold across all of them.
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if not hlf_sync.is_own_project(project_url) or (gate.closed_until > clock_timestamp() and not ignore_gate) then
    return;
  end if;
  perform hlf_sync.settle_interrupted_attempts();
  select least(batch_size, c.room) into strict room from hlf_sync.remaining_capacity() as c;
  return query
  select * from hlf_sync.hand_out_attempts(room, room, lease_seconds, max_attempts, only_mentor_ids, null, null, false);
end
$$;
comment on function hlf_sync.claim_attempts(integer, integer, integer, uuid[], boolean, text) is
  'Claims due mentors: removes first, within the gate, the cap in flight and the request budget. Nothing for the function of '
  'another project.';

create function hlf_sync.get_wait()
returns table (seconds double precision, gate_reason text)
language sql
stable
set search_path = ''
as $$
  with next as (
    select min(s.due_at) as due_at
    from public.hlf_sync_state as s
    where s.due_at is not null
      and s.in_flight_attempt_id is null
      and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  ), budget as (
    -- The moment at which the oldest request that fills the budget leaves the window.
    select t.claimed_at + g.requests_window as free_at
    from public.hlf_sync_gate as g
    cross join lateral (
      select a.claimed_at
      from hlf_sync.attempts as a
      where a.claimed_at > clock_timestamp() - g.requests_window
      order by a.claimed_at desc
      offset greatest(g.max_requests - 1, 0)
      limit 1
    ) as t
  )
  select
    case
      when g.reason <> 'throttled' and g.closed_until > clock_timestamp() then null
      -- The clock goes on between two looks at it, so it is asked once: what is past must read as no time at all.
      else greatest(
        extract(epoch from greatest(next.due_at, g.closed_until, budget.free_at) - clock_timestamp()), 0
      )::double precision
    end,
    case when g.closed_until > clock_timestamp() then g.reason end
  from public.hlf_sync_gate as g
  left join next on true
  left join budget on true
  -- Rejected credentials are worth a look even while nobody waits: the alert is to close once they are accepted.
  where next.due_at is not null or (g.reason <> 'throttled' and g.closed_until > clock_timestamp())
$$;
comment on function hlf_sync.get_wait() is
  'Seconds until a mentor can next be claimed, and why the gate is closed if it is. No row: nothing waits.';

create function public.claim_hlf_sync_attempts(
  batch_size integer,
  lease_seconds integer,
  max_attempts integer,
  only_mentor_id uuid default null,
  project_url text default null
)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text,
  is_last boolean
)
language sql
set search_path = ''
as $$
  select * from hlf_sync.claim_attempts(
    batch_size, lease_seconds, max_attempts, case when only_mentor_id is not null then array[only_mentor_id] end,
    project_url => claim_hlf_sync_attempts.project_url
  )
$$;
comment on function public.claim_hlf_sync_attempts(integer, integer, integer, uuid, text) is
  'For the function, for a press: hands out due attempts under a lease. Empty when nothing is due or the gate is closed.';
