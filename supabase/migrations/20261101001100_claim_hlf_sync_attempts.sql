-- The start of an attempt: one round trip hands a worker a batch under a lease, within what Dynamics allows.

create function hlf_sync.room()
returns integer
-- Every claim asks; plpgsql keeps the plan.
language plpgsql
volatile
set search_path = ''
-- As in settling: plans are kept, and most are made while the ledger is empty.
set enable_seqscan = off
-- A plan that has to do without seems dear enough to be compiled.
set jit = off
as $$
begin
  return (
    select greatest(0, least(
      g.max_in_flight - (select count(*) from hlf_sync.attempts as t where t.outcome is null),
      g.max_requests - (
        select count(*) from hlf_sync.attempts as t
        where t.claimed_at > clock_timestamp() - g.requests_window
      ) - (
        select count(*) from unnest(g.other_requests) as r (requested_at)
        where r.requested_at > clock_timestamp() - g.requests_window
      )
    ))
    from public.hlf_sync_gate as g
  );
end
$$;
comment on function hlf_sync.room() is
  'How many more attempts may be claimed now. It holds only while the caller has the lock of the gate.';

create function hlf_sync.claim_attempts(
  batch_size integer,
  lease_seconds integer,
  max_attempts integer,
  only_mentor_ids uuid[],
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
-- As in settling: plans are kept, and most are made while the ledger is empty.
set enable_seqscan = off
-- A plan that has to do without seems dear enough to be compiled.
set jit = off
as $$
declare
  gate public.hlf_sync_gate;
  room integer;
  is_probing boolean;
  is_refused boolean;
  some_operation public.hlf_sync_operation;
  some_ids uuid[];
  picked_ids uuid[] := array[]::uuid[];
begin
  -- The lock on the gate lets workers claim one after the other, so that the caps hold across all of them.
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if not hlf_sync.is_own_project(project_url) or (gate.closed_until > clock_timestamp() and not ignore_gate) then
    return;
  end if;

  perform hlf_sync.settle_interrupted_attempts();

  room := least(batch_size, hlf_sync.room());
  -- Somebody was refused and nobody has got through since: whoever was not refused tells more, and must not wait behind.
  is_probing := exists (
    select from public.hlf_sync_state as s
    where s.refused_since is not null and s.refused_since >= coalesce(gate.last_confirmed_at, '-infinity')
  );

  -- Removes first: a person who must not be shown any longer waits for nobody.
  for is_refused, some_operation in
    select refused.is_one, op.operation
    from unnest(case when is_probing then array[false, true] else array[null::boolean] end)
      with ordinality as refused (is_one, place)
    cross join unnest(enum_range(null::public.hlf_sync_operation)) with ordinality as op (operation, place)
    order by refused.place, op.place
  loop
    exit when room <= 0;
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
      limit room
      for update of s skip locked
    );
    picked_ids := picked_ids || some_ids;
    room := room - cardinality(some_ids);
  end loop;

  if cardinality(picked_ids) = 0 and room > 0 and only_mentor_ids is null then
    -- Nobody is due: somebody who waits because of an outage may show that it is over.
    picked_ids := array(
      select s.mentor_id from public.hlf_sync_state as s where s.mentor_id = hlf_sync.find_probe() for update skip locked
    );
  end if;
  if cardinality(picked_ids) = 0 then
    return;
  end if;

  -- A statement of its own, and so a newer snapshot than the one that was locked from: whoever changes a mentor needs
  -- the lock that is held by now, so what is read here is what the generation stands for.
  return query
  with attempt as (
    insert into hlf_sync.attempts as t (
      mentor_id, organisation_id, operation, generation, retry_count, is_last, triggered_by_event, lease_expires_at,
      due_again_at
    )
    select
      s.mentor_id, s.organisation_id,
      case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end, s.generation, s.attempts,
      s.attempts - s.excused_attempts + 1 >= max_attempts and probe.due_again_at is null, s.triggered_by_event,
      clock_timestamp() + make_interval(secs => lease_seconds), probe.due_again_at
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
comment on function hlf_sync.claim_attempts(integer, integer, integer, uuid[], boolean, text) is
  'Claims due mentors for one worker: removes first, within the gate, the cap in flight and the request budget. Nothing for '
  'the function of another project.';

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
  'For the function: hands out due attempts under a lease. Empty when nothing is due or the gate is closed.';

create function public.get_hlf_sync_wait()
returns table (seconds double precision, gate_reason text)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.get_wait()
$$;
comment on function public.get_hlf_sync_wait() is 'For the function: how long to wait before claiming again.';

revoke execute on function
  public.claim_hlf_sync_attempts(integer, integer, integer, uuid, text),
  public.get_hlf_sync_wait()
from public, anon, authenticated;
grant execute on function
  hlf_sync.claim_attempts(integer, integer, integer, uuid[], boolean, text),
  hlf_sync.get_wait(),
  public.claim_hlf_sync_attempts(integer, integer, integer, uuid, text),
  public.get_hlf_sync_wait()
to service_role;
