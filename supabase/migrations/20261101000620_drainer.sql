-- A backlog has one drainer, which claims ahead of what it sends. It has a lease on the gate's row, because two of them would
-- share the places and gain nothing.

create function hlf_sync.claim_ahead(
  worker uuid,
  batch_size integer,
  more_removes integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text,
  claim_number integer,
  lost_claims integer[]
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
  lost_ids uuid[];
  capacity record;
  leased_until timestamptz;
  is_open boolean;
  removes_alone boolean;
  attempts jsonb;
  claimed integer;
  has_more boolean;
  seconds double precision;
  gate_reason text;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if lost_claims <> '{}' then
    -- The worker never learned of whom they took, so it has sent nothing of theirs, and never will.
    lost_ids := array(
      select t.attempt_id from hlf_sync.attempts as t
      where t.worker = claim_ahead.worker and t.claim_number = any (lost_claims) and t.outcome is null
    );
    -- The worker goes on naming them, as one may be carried out late; mostly there is nobody left.
    if cardinality(lost_ids) > 0 then
      perform hlf_sync.hand_back_attempts(worker, lost_ids);
    end if;
  end if;
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

  -- An urgent one would wait for the restores of a backlog that are claimed with it. Every other claim at most, or the restores
  -- would have to wait for as long as one remove follows another.
  removes_alone := gate.drainer = worker and gate.drainer_until > clock_timestamp() and 'restore' = (
    select t.operation from hlf_sync.attempts as t
    where t.worker = claim_ahead.worker
    order by t.claimed_at desc, t.operation desc
    limit 1
  );
  is_open := gate.closed_until <= clock_timestamp() and hlf_sync.is_own_project(project_url);
  if is_open then
    perform hlf_sync.settle_interrupted_attempts();
  end if;
  select * into strict capacity from hlf_sync.remaining_capacity(worker);
  if is_open then
    select jsonb_agg(to_jsonb(a) order by a.operation, a.attempt_id) into attempts
    from hlf_sync.hand_out_attempts(
      least(batch_size, capacity.room), least(batch_size + more_removes, capacity.room), lease_seconds, max_attempts, null, worker,
      claim_ahead.claim_number, removes_alone
    ) as a;
  end if;
  claimed := coalesce(jsonb_array_length(attempts), 0);
  has_more := is_open and case
    -- The next claim tells. Looking for more here leads past all who were claimed of late, in every claim.
    when batch_size > 0 and claimed >= batch_size then true
    -- What another transaction has locked is no backlog: it was asked for, and could not be had.
    when batch_size > 0 and claimed < capacity.room and (removes_alone and attempts -> 0 ->> 'operation' = 'remove') is not true
    then false
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
    where g.drainer is distinct from worker or g.drainer_until < clock_timestamp() + g.drainer_lease / 2
    returning g.drainer_until into leased_until;
    leased_until := coalesce(leased_until, gate.drainer_until);
  else
    -- Whatever was committed before is in this claim, and what comes later finds no lease.
    update public.hlf_sync_gate as g set drainer = null, drainer_until = '-infinity' where g.drainer is not null;
  end if;
  if not has_more or claimed >= capacity.room then
    select w.seconds, w.gate_reason into seconds, gate_reason from hlf_sync.get_wait() as w;
  end if;
  return jsonb_build_object(
    'attempts', coalesce(attempts, '[]'), 'places', capacity.places, 'has_more', has_more, 'is_elsewhere', false,
    'seconds', seconds, 'gate_reason', gate_reason,
    -- Not for the whole of a lease that was not renewed: another drainer would send beside what is late.
    'ready_seconds', coalesce(extract(epoch from leased_until - clock_timestamp()), extract(epoch from gate.drainer_lease))
  );
end
$$;
comment on function hlf_sync.claim_ahead(uuid, integer, integer, integer, integer, text, integer, integer[]) is
  'Claims for a worker''s drain. lost_claims: numbers of its claims that it has had no answer to, and which are undone. '
  'has_more: more is due than was handed out, and the worker is the drainer for some seconds. '
  'is_elsewhere: another one is, for so many seconds. Else seconds, until somebody can next be claimed; null: nobody waits. '
  'ready_seconds: for so long from now the attempts may be sent; what is later is to be handed back.';

create function public.claim_hlf_sync_ahead(
  worker uuid,
  batch_size integer,
  more_removes integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text default null,
  claim_number integer default null,
  lost_claims integer[] default '{}'
)
returns jsonb
language sql
set search_path = ''
as $$
  select hlf_sync.claim_ahead(
    worker, batch_size, more_removes, lease_seconds, max_attempts, project_url, claim_number, lost_claims
  )
$$;
comment on function public.claim_hlf_sync_ahead(uuid, integer, integer, integer, integer, text, integer, integer[]) is
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
