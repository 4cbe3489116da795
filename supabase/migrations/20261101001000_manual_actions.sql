-- What people do by hand, and who it was: coordinators ask for a sync, see what one would change, and requeue dead letters;
-- administrators break the glass. Who may is decided here, from the caller's token.

create table public.hlf_sync_manual_actions (
  id uuid primary key default hlf_sync.uuid_v7(),
  actor uuid not null,
  organisation_id uuid not null,
  mentor_id uuid not null,
  action text not null,
  created_at timestamptz not null default now(),
  constraint action_is_known check (action in ('force_sync', 'requeue', 'break_glass', 'break_glass_import'))
);
comment on table public.hlf_sync_manual_actions is 'Append-only: who asked for a sync by hand.';
comment on column public.hlf_sync_manual_actions.actor is 'auth.uid() of the caller, never a parameter.';
create index hlf_sync_manual_actions_actor_created_at_idx
on public.hlf_sync_manual_actions (actor, created_at);
create index hlf_sync_manual_actions_organisation_id_created_at_idx
on public.hlf_sync_manual_actions (organisation_id, created_at);

alter table public.hlf_sync_manual_actions enable row level security;

create policy "Coordinators read their organisations' actions"
on public.hlf_sync_manual_actions for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

select hlf_sync.make_append_only('public.hlf_sync_manual_actions');

create function hlf_sync.is_rate_limited(caller uuid)
returns boolean
language sql
set search_path = ''
as $$
  -- A press may requeue many mentors at once; their actions share the moment of its transaction.
  select count(distinct a.created_at) >= 30
  from public.hlf_sync_manual_actions as a
  where a.actor = caller and a.created_at > clock_timestamp() - interval '1 minute'
$$;
comment on function hlf_sync.is_rate_limited(uuid) is 'Whether a coordinator has used up the 30 presses of a minute.';

create function hlf_sync.request_force_sync(mentor_id uuid)
returns table (result text, generation bigint, triggered_by_event text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := (select auth.uid());
  state public.hlf_sync_state;
  action text;
  event text;
begin
  if not exists (select hlf_sync.coordinated_organisation_ids()) then
    return query select 'not_coordinator', null::bigint, null::text;
    return;
  end if;

  -- Serialises one user's requests; concurrent ones would all pass the limit. Always before any row is locked, so that a
  -- requeue and a force sync of one user cannot deadlock.
  perform pg_advisory_xact_lock(hashtextextended(caller::text, 0));

  -- The lock makes a double click wait for the first click, and then see what it did.
  select s.* into state
  from public.hlf_sync_state as s
  where s.mentor_id = request_force_sync.mentor_id
    and s.organisation_id = any (array(select hlf_sync.coordinated_organisation_ids()))
  for update;
  if not found then
    -- The same answer for a mentor of somebody else and for none at all: it tells nothing about other organisations.
    return query select 'not_found', null::bigint, null::text;
    return;
  end if;

  if not exists (
    select from public.hlf_sync_switches as w where w.organisation_id = state.organisation_id and w.is_enabled
  ) then
    return query select 'sync_disabled', null::bigint, null::text;
    return;
  end if;

  if state.triggered_by_event like 'manual_coordinator_%'
    and (
      (state.due_at is not null and state.attempts = 0)
      or exists (
        select from hlf_sync.attempts as t
        where t.attempt_id = state.in_flight_attempt_id and t.generation = state.generation
      )
    )
  then
    -- Asked for already, and nothing has come of it yet, or it is under way.
    return query select 'accepted', state.generation, state.triggered_by_event;
    return;
  end if;

  if hlf_sync.is_rate_limited(caller) then
    return query select 'too_many_requests', null::bigint, null::text;
    return;
  end if;

  action := case when state.dead_lettered_at is null then 'force_sync' else 'requeue' end;
  event := 'manual_coordinator_' || action;
  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  values (caller, state.organisation_id, state.mentor_id, action);
  perform hlf_sync.request_sync(
    array[row(state.mentor_id, state.organisation_id, state.wanted_operation, event, null)::hlf_sync.sync_request]
  );
  return query select 'accepted', state.generation + 1, event;
end
$$;
comment on function hlf_sync.request_force_sync(uuid) is
  'Makes a mentor due on behalf of a coordinator; result says what came of it. A double click counts once.';

create function public.request_hlf_force_sync(mentor_id uuid)
returns table (result text, generation bigint, triggered_by_event text)
language sql
set search_path = ''
as $$
  select * from hlf_sync.request_force_sync(mentor_id)
$$;
comment on function public.request_hlf_force_sync(uuid) is
  'For the function, on behalf of a coordinator: accepted | not_found | not_coordinator | sync_disabled | too_many_requests.';

create function hlf_sync.follow_request(mentor_id uuid, generation bigint)
returns table (
  outcome text,
  attempt_id uuid,
  operation public.hlf_sync_operation,
  response_code integer,
  retry_count integer,
  error text,
  next_attempt_at timestamptz,
  is_due boolean,
  gate_reason text,
  gate_seconds double precision
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    fate.outcome,
    latest.attempt_id,
    coalesce(latest.operation, s.wanted_operation),
    latest.response_code,
    latest.retry_count + (fate.outcome = 'dead_lettered')::integer,
    case when fate.outcome <> 'success' then coalesce(latest.error_message, s.last_error) end,
    case
      when fate.outcome = 'failure' or g.reason = 'throttled'
        then greatest(s.due_at, case when g.reason = 'throttled' then g.closed_until end)
    end,
    s.in_flight_attempt_id is null and coalesce(s.due_at <= clock_timestamp(), false) and g.reason is null,
    g.reason,
    case when g.reason = 'throttled' then extract(epoch from g.closed_until - clock_timestamp())::double precision end
  from public.hlf_sync_state as s
  left join public.hlf_sync_gate as g on g.closed_until > clock_timestamp()
  left join lateral (
    select t.*
    from hlf_sync.attempts as t
    where t.mentor_id = s.mentor_id and t.generation >= follow_request.generation
    -- Of a success, the attempt that brought it: another may have been begun since.
    order by coalesce(t.outcome = 'success', false) desc, t.attempt_id desc
    limit 1
  ) as latest on true
  cross join lateral (
    select case
      when s.confirmed_generation >= follow_request.generation then 'success'
      when s.in_flight_attempt_id is not null then 'pending'
      when s.due_at is null and s.dead_lettered_at is not null then 'dead_lettered'
      when latest.outcome = 'failure' then 'failure'
      else 'pending'
    end as outcome
  ) as fate
  where s.mentor_id = follow_request.mentor_id
$$;
comment on function hlf_sync.follow_request(uuid, bigint) is
  'What became of a request to sync: success | failure | dead_lettered | pending, by the database''s clock alone. No row: the '
  'mentor is unknown. is_due: it may be claimed now.';

create function public.follow_hlf_sync_request(mentor_id uuid, generation bigint)
returns table (
  outcome text,
  attempt_id uuid,
  operation public.hlf_sync_operation,
  response_code integer,
  retry_count integer,
  error text,
  next_attempt_at timestamptz,
  is_due boolean,
  gate_reason text,
  gate_seconds double precision
)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.follow_request(mentor_id, generation)
$$;
comment on function public.follow_hlf_sync_request(uuid, bigint) is
  'For the function: what became of the generation that a press has asked for.';

create function public.preview_hlf_sync(org_id uuid, mentor_ids uuid[] default null)
returns table (
  mentor_id uuid,
  wanted_operation public.hlf_sync_operation,
  confirmed_operation public.hlf_sync_operation,
  is_in_sync boolean,
  is_waiting boolean,
  is_dead_letter boolean
)
language sql
stable
set search_path = ''
as $$
  select
    s.mentor_id, s.wanted_operation, s.confirmed_operation,
    s.wanted_operation is not distinct from s.confirmed_operation,
    s.due_at is not null or s.in_flight_attempt_id is not null,
    s.dead_lettered_at is not null
  from public.hlf_sync_state as s
  where s.organisation_id = org_id and (mentor_ids is null or s.mentor_id = any (mentor_ids))
  order by s.mentor_id
$$;
comment on function public.preview_hlf_sync(uuid, uuid[]) is
  'What a sync would change for mentors of an organisation; in sync means that the portal already matches.';

create function hlf_sync.requeue_dead_letters(org_id uuid, mentor_ids uuid[])
returns table (result text, requeued_count integer)
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := (select auth.uid());
  requests hlf_sync.sync_request[];
begin
  if not exists (select hlf_sync.coordinated_organisation_ids()) then
    return query select 'not_coordinator', 0;
    return;
  end if;
  if not exists (select from hlf_sync.coordinated_organisation_ids() as o (id) where o.id = org_id) then
    return query select 'not_found', 0;
    return;
  end if;
  if not exists (select from public.hlf_sync_switches as w where w.organisation_id = org_id and w.is_enabled) then
    return query select 'sync_disabled', 0;
    return;
  end if;
  -- Before any row, as in a force sync.
  perform pg_advisory_xact_lock(hashtextextended(caller::text, 0));
  if hlf_sync.is_rate_limited(caller) then
    return query select 'too_many_requests', 0;
    return;
  end if;

  -- The lock lets a second press see what the first did: nothing is left to requeue. Whoever is locked by an open
  -- transaction of the app is being changed, and so is no dead letter any longer once that ends.
  requests := array(
    select row(s.mentor_id, org_id, s.wanted_operation, 'manual_coordinator_requeue', null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.organisation_id = org_id
      and s.dead_lettered_at is not null
      and (requeue_dead_letters.mentor_ids is null or s.mentor_id = any (requeue_dead_letters.mentor_ids))
    order by s.mentor_id
    for update skip locked
  );
  if cardinality(requests) = 0 then
    return query select 'accepted', 0;
    return;
  end if;

  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  select caller, org_id, r.mentor_id, 'requeue' from unnest(requests) as r;
  perform hlf_sync.request_sync(requests);
  perform hlf_sync.nudge('{"type": "sweep"}');
  return query select 'accepted', cardinality(requests);
end
$$;
comment on function hlf_sync.requeue_dead_letters(uuid, uuid[]) is
  'Makes dead letters of an organisation due again on behalf of a coordinator: some, or all where no ids are given.';

create function public.requeue_hlf_dead_letters(org_id uuid, mentor_ids uuid[] default null)
returns table (result text, requeued_count integer)
language sql
set search_path = ''
as $$
  select * from hlf_sync.requeue_dead_letters(org_id, mentor_ids)
$$;
comment on function public.requeue_hlf_dead_letters(uuid, uuid[]) is
  'For coordinators: accepted | not_found | not_coordinator | sync_disabled | too_many_requests, and how many.';

-- Break-glass: an administrator of HLF does by hand what the function would do, with credentials typed in on the spot.
-- The attempts are claimed and settled here like any others, so one mentor still has one writer and each attempt its row.

create function hlf_sync.assert_administrator()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if not hlf_sync.is_hlf_administrator() then
    raise exception 'Only an HLF administrator may break the glass' using errcode = '42501';
  end if;
end
$$;
comment on function hlf_sync.assert_administrator() is 'Raises 42501 for everyone but HLF administrators.';

create function hlf_sync.get_break_glass_view(after_mentor_id uuid, page_size integer)
returns table (mentor_id uuid, organisation_id uuid, wanted_operation public.hlf_sync_operation)
language sql
stable
security definer
set search_path = ''
as $$
  select hlf_sync.assert_administrator();
  select s.mentor_id, s.organisation_id,
    case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end
  from public.hlf_sync_state as s
  left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
  where (after_mentor_id is null or s.mentor_id > after_mentor_id)
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  order by s.mentor_id
  limit page_size
$$;
comment on function hlf_sync.get_break_glass_view(uuid, integer) is
  'What is wanted of the website, by pages in the order of mentors'' ids; not of organisations that are switched off.';

create function hlf_sync.claim_break_glass(mentor_ids uuid[], lease_seconds integer)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  requests hlf_sync.sync_request[];
begin
  perform hlf_sync.assert_administrator();

  -- Under the lock of the gate there is room for all that are taken here, so each that is asked for is claimed.
  perform from public.hlf_sync_gate as g for update;
  perform hlf_sync.settle_interrupted_attempts();

  requests := array(
    select row(s.mentor_id, s.organisation_id, s.wanted_operation, 'break_glass', null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.mentor_id = any (mentor_ids)
      and s.in_flight_attempt_id is null
      and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    order by s.mentor_id
    limit (select c.room from hlf_sync.remaining_capacity() as c)
    for update of s skip locked
  );
  if cardinality(requests) = 0 then
    return;
  end if;

  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  select (select auth.uid()), r.organisation_id, r.mentor_id, 'break_glass' from unnest(requests) as r;
  perform hlf_sync.request_sync(requests);
  -- The gate is closed for the function's credentials, not for the ones typed in.
  return query
  select c.attempt_id, c.mentor_id, c.organisation_id, c.operation, c.retry_count, c.triggered_by_event
  from hlf_sync.claim_attempts(
    cardinality(requests), lease_seconds, 2147483647, array(select r.mentor_id from unnest(requests) as r), true
  ) as c;
end
$$;
comment on function hlf_sync.claim_break_glass(uuid[], integer) is
  'Claims mentors for an administrator, whatever the gate says, within the caps; what is in flight already is left out.';

create function hlf_sync.settle_break_glass(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[]
)
returns table (attempt_id uuid, result public.hlf_sync_settle_result)
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform hlf_sync.assert_administrator();
  if exists (
    select from hlf_sync.attempts as t
    where t.attempt_id = any (attempt_ids) and t.triggered_by_event <> 'break_glass'
  ) then
    raise exception 'Cannot settle attempts that were not claimed by hand' using errcode = '42501';
  end if;
  return query
  select settlement.attempt_id, settlement.result from hlf_sync.settle_attempts(
    attempt_ids, outcomes, response_codes, error_messages,
    array_fill(60::double precision, array[cardinality(attempt_ids)])
  ) as settlement;
  -- No function is there to write the rows, so the database does.
  perform hlf_sync.fill_audit_gaps('0 seconds');
end
$$;
comment on function hlf_sync.settle_break_glass(uuid[], public.hlf_sync_outcome[], integer[], text[]) is
  'Settles an administrator''s own attempts and writes their audit rows at once.';

create function hlf_sync.find_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[])
returns table (attempt_id uuid, obstacle text)
language sql
stable
security definer
set search_path = ''
as $$
  select hlf_sync.assert_administrator();
  select hlf_sync.assert_same_length(cardinality(attempt_ids), cardinality(mentor_ids));
  select o.attempt_id, case when t.attempt_id is null then 'unknown_mentor' else 'id_is_taken' end
  from unnest(attempt_ids, mentor_ids) as o (attempt_id, mentor_id)
  left join hlf_sync.attempts as t on t.attempt_id = o.attempt_id
  left join public.hlf_sync_state as s on s.mentor_id = o.mentor_id
  where t.attempt_id is not null or s.mentor_id is null
$$;
comment on function hlf_sync.find_break_glass_obstacles(uuid[], uuid[]) is
  'Attempts that cannot be written in: their mentor is not known, or their id is that of an attempt claimed here.';

create function hlf_sync.import_break_glass(
  attempt_ids uuid[],
  mentor_ids uuid[],
  operations public.hlf_sync_operation[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[]
)
returns integer
language sql
security definer
set search_path = ''
as $$
  select hlf_sync.assert_administrator();
  select hlf_sync.assert_same_length(
    cardinality(attempt_ids), cardinality(mentor_ids), cardinality(operations), cardinality(outcomes),
    cardinality(response_codes), cardinality(error_messages)
  );

  with offline as (
    select o.*, s.organisation_id
    from unnest(attempt_ids, mentor_ids, operations, outcomes, response_codes, error_messages)
      as o (attempt_id, mentor_id, operation, outcome, response_code, error_message)
    join public.hlf_sync_state as s on s.mentor_id = o.mentor_id
    -- Whatever time the id carries: a fast clock's row may be older than it says.
    where not exists (select from public.hlf_sync_audit_log as log where log.id = o.attempt_id)
      -- The place of an attempt made here, whose own row is still to come, is not to be had.
      and not exists (select from hlf_sync.attempts as t where t.attempt_id = o.attempt_id)
  ), written as (
    insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
      triggered_by_event
    )
    select
      attempt_id, organisation_id, mentor_id, operation, response_code,
      case when outcome = 'dead_lettered' then 1 else 0 end, outcome, error_message, 'break_glass'
    from offline
    returning id, organisation_id, mentor_id
  ), action as (
    insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
    select (select auth.uid()), organisation_id, mentor_id, 'break_glass_import' from written
  )
  select count(*)::integer from written
$$;
comment on function hlf_sync.import_break_glass(
  uuid[], uuid[], public.hlf_sync_operation[], public.hlf_sync_outcome[], integer[], text[]
) is
  'Writes in what was done while the database was out of reach, once, each with an action break_glass_import of the same '
  'moment; returns how many rows were new.';

create function public.get_hlf_break_glass_view(after_mentor_id uuid default null, page_size integer default 1000)
returns table (mentor_id uuid, organisation_id uuid, wanted_operation public.hlf_sync_operation)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.get_break_glass_view(after_mentor_id, page_size)
$$;
comment on function public.get_hlf_break_glass_view(uuid, integer) is 'For administrators: what the website should show.';

create function public.claim_hlf_break_glass(mentor_ids uuid[], lease_seconds integer)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text
)
language sql
set search_path = ''
as $$
  select * from hlf_sync.claim_break_glass(mentor_ids, lease_seconds)
$$;
comment on function public.claim_hlf_break_glass(uuid[], integer) is 'For administrators: claims mentors by hand.';

create function public.settle_hlf_break_glass(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[]
)
returns table (attempt_id uuid, result public.hlf_sync_settle_result)
language sql
set search_path = ''
as $$
  select * from hlf_sync.settle_break_glass(attempt_ids, outcomes, response_codes, error_messages)
$$;
comment on function public.settle_hlf_break_glass(uuid[], public.hlf_sync_outcome[], integer[], text[]) is
  'For administrators: reports what became of attempts claimed by hand.';

create function public.find_hlf_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[])
returns table (attempt_id uuid, obstacle text)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.find_break_glass_obstacles(attempt_ids, mentor_ids)
$$;
comment on function public.find_hlf_break_glass_obstacles(uuid[], uuid[]) is
  'For administrators: which attempts cannot be written in, and why: unknown_mentor | id_is_taken.';

create function public.import_hlf_break_glass(
  attempt_ids uuid[],
  mentor_ids uuid[],
  operations public.hlf_sync_operation[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[]
)
returns integer
language sql
set search_path = ''
as $$
  select hlf_sync.import_break_glass(
    attempt_ids, mentor_ids, operations, outcomes, response_codes, error_messages
  )
$$;
comment on function public.import_hlf_break_glass(
  uuid[], uuid[], public.hlf_sync_operation[], public.hlf_sync_outcome[], integer[], text[]
) is 'For administrators: writes in attempts made while the database was out of reach.';
