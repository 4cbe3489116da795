-- The start of an attempt: one round trip hands a worker a batch under a lease, within what Dynamics allows.

create function hlf_sync.remaining_capacity(worker uuid default null)
returns table (places integer, room integer)
-- Every claim asks; plpgsql keeps the plan.
language plpgsql
volatile
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
        -- Beside others a drain claims only what it may send at once; and what is neither sent nor settled has an end.
        when p.places > 0 then case when in_flight.of_others > 0 then p.places else 4 * g.max_in_flight end - in_flight.own
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
  cross join (
    select
      count(*) as total,
      count(*) filter (where t.worker is null) as by_hand,
      count(*) filter (where t.worker = remaining_capacity.worker) as own,
      count(*) filter (where t.worker <> remaining_capacity.worker) as of_others
    from hlf_sync.attempts as t
    where t.outcome is null and not t.is_orphaned
  ) as in_flight
  cross join lateral (
    select greatest(g.max_in_flight - in_flight.of_others - greatest(in_flight.by_hand - 1, 0), 0)::integer as places
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
  worker uuid
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
      lease_expires_at, due_again_at, worker
    )
    select
      s.mentor_id, s.organisation_id,
      case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end, s.generation, s.attempts,
      s.attempts - s.uncounted_attempts + 1 >= max_attempts and probe.due_again_at is null, s.triggered_by_event,
      claimed_now, claimed_now + make_interval(secs => lease_seconds), probe.due_again_at, hand_out_attempts.worker
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
comment on function hlf_sync.hand_out_attempts(integer, integer, integer, integer, uuid[], uuid) is
  'Claims so many due mentors, and so many if they are removes, which come first. For a caller who has the lock of the gate and '
  'knows that there is room.';

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
  select * from hlf_sync.hand_out_attempts(room, room, lease_seconds, max_attempts, only_mentor_ids, null);
end
$$;
comment on function hlf_sync.claim_attempts(integer, integer, integer, uuid[], boolean, text) is
  'Claims due mentors: removes first, within the gate, the cap in flight and the request budget. Nothing for the function of '
  'another project.';

create function hlf_sync.get_wait()
returns table (seconds double precision, gate_reason text)
language sql
stable
security definer
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

-- A backlog has one drainer, which claims ahead of what it sends. It has a lease on the gate's row, because two of them would
-- share the places and gain nothing.

create function hlf_sync.claim_ahead(
  worker uuid,
  batch_size integer,
  more_removes integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text
)
returns jsonb
language plpgsql
security definer
set search_path = ''
-- As in hlf_sync.remaining_capacity.
set enable_seqscan = off
set jit = off
as $$
declare
  gate public.hlf_sync_gate;
  capacity record;
  is_open boolean;
  attempts jsonb;
  claimed integer;
  has_more boolean;
  seconds double precision;
  gate_reason text;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if gate.drainer <> worker and gate.drainer_until > clock_timestamp() then
    return jsonb_build_object(
      'attempts', '[]'::jsonb, 'places', 0, 'has_more', false, 'is_elsewhere', true,
      'seconds', extract(epoch from gate.drainer_until - clock_timestamp()), 'gate_reason', null, 'ready_seconds', 0
    );
  end if;

  if gate.drainer <> worker then
    -- It is dead, or stands still and sends nothing when it comes back, as what it has ready is too old by then.
    update hlf_sync.attempts as t set is_orphaned = true where t.worker = gate.drainer and t.outcome is null;
  end if;

  is_open := gate.closed_until <= clock_timestamp() and hlf_sync.is_own_project(project_url);
  if is_open then
    perform hlf_sync.settle_interrupted_attempts();
  end if;
  select * into strict capacity from hlf_sync.remaining_capacity(worker);
  if is_open then
    select jsonb_agg(to_jsonb(a) order by a.operation, a.attempt_id) into attempts
    from hlf_sync.hand_out_attempts(
      least(batch_size, capacity.room), least(batch_size + more_removes, capacity.room), lease_seconds, max_attempts, null, worker
    ) as a;
  end if;
  claimed := coalesce(jsonb_array_length(attempts), 0);
  has_more := is_open and case
    -- The next claim tells. Looking for more here leads past all who were claimed of late, in every claim.
    when batch_size > 0 and claimed >= batch_size then true
    -- What another transaction has locked is no backlog: it was asked for, and could not be had.
    when batch_size > 0 and claimed < capacity.room then false
    else exists (
      select from public.hlf_sync_state as s
      where s.wanted_operation = any (enum_range(null::public.hlf_sync_operation))
        and s.due_at <= clock_timestamp()
        and s.in_flight_attempt_id is null
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    )
  end;
  if has_more then
    update public.hlf_sync_gate as g set
      drainer = worker, drainer_until = clock_timestamp() + g.drainer_lease
    where g.drainer is distinct from worker or g.drainer_until < clock_timestamp() + g.drainer_lease / 2;
  else
    -- Whatever was committed before is in this claim, and what comes later finds no lease.
    update public.hlf_sync_gate as g set drainer = null, drainer_until = '-infinity' where g.drainer is not null;
  end if;
  if not has_more or claimed >= capacity.room then
    select w.seconds, w.gate_reason into seconds, gate_reason from hlf_sync.get_wait() as w;
  end if;
  return jsonb_build_object(
    'attempts', coalesce(attempts, '[]'), 'places', capacity.places, 'has_more', has_more, 'is_elsewhere', false,
    'seconds', seconds, 'gate_reason', gate_reason, 'ready_seconds', extract(epoch from gate.drainer_lease)
  );
end
$$;
comment on function hlf_sync.claim_ahead(uuid, integer, integer, integer, integer, text) is
  'Claims for a worker''s drain. has_more: more is due than was handed out, and the worker is the drainer for some seconds. '
  'is_elsewhere: another one is, for so many seconds. Else seconds, until somebody can next be claimed; null: nobody waits. '
  'ready_seconds: for so long from now the attempts may be sent; what is later is to be handed back.';

create function public.claim_hlf_sync_ahead(
  worker uuid,
  batch_size integer,
  more_removes integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text default null
)
returns jsonb
language sql
set search_path = ''
as $$
  select hlf_sync.claim_ahead(worker, batch_size, more_removes, lease_seconds, max_attempts, project_url)
$$;
comment on function public.claim_hlf_sync_ahead(uuid, integer, integer, integer, integer, text) is
  'For the function''s drain: attempts under a lease, how many may be in flight, and when to ask again.';

create function hlf_sync.hand_back_attempts(worker uuid, attempt_ids uuid[])
returns setof uuid
language plpgsql
security definer
set search_path = ''
-- As in hlf_sync.remaining_capacity.
set enable_seqscan = off
set jit = off
as $$
declare
  ours uuid[];
begin
  -- The state before the attempts table and in one order, as everywhere; who is locked by the app is left for another call.
  ours := array(
    select t.attempt_id
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id
    where t.attempt_id = any (attempt_ids) and t.worker = hand_back_attempts.worker and t.outcome is null
    order by s.mentor_id
    for update of s skip locked
  );
  update public.hlf_sync_state as s set
    in_flight_attempt_id = null,
    -- A newer generation is due already, and counts from nothing.
    due_at = case when s.generation = t.generation then coalesce(t.due_again_at, t.claimed_at) else s.due_at end,
    attempts = s.attempts - (s.generation = t.generation)::integer,
    updated_at = now()
  from hlf_sync.attempts as t
  where t.attempt_id = any (ours) and t.outcome is null
    and s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id;
  delete from hlf_sync.attempts as t where t.attempt_id = any (ours) and t.outcome is null;
  -- Whoever hands back ends, or begins anew with its next claim.
  update public.hlf_sync_gate as g set drainer = null, drainer_until = '-infinity'
  where g.drainer = hand_back_attempts.worker;
  return query
  select t.attempt_id from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and t.worker = hand_back_attempts.worker and t.outcome is null;
end
$$;
comment on function hlf_sync.hand_back_attempts(uuid, uuid[]) is
  'Undoes the claim of attempts that were never sent, which then never were, and ends the worker''s lease on the backlog. Returns '
  'those whose mentor is locked just now.';

create function public.hand_back_hlf_sync_attempts(worker uuid, attempt_ids uuid[])
returns setof uuid
language sql
set search_path = ''
as $$
  select * from hlf_sync.hand_back_attempts(worker, attempt_ids)
$$;
comment on function public.hand_back_hlf_sync_attempts(uuid, uuid[]) is
  'For the function: what was claimed and cannot be sent. Also without any, at the end of a drain.';
