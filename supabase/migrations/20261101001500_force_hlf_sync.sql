-- The coordinators' button. Who may press it is decided here, from the caller's token, and who pressed it is kept.

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
revoke all on public.hlf_sync_manual_actions from public, anon, authenticated, service_role;
grant select on public.hlf_sync_manual_actions to authenticated, service_role;

create policy "Coordinators read their organisations' actions"
on public.hlf_sync_manual_actions for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

select hlf_sync.make_append_only('public.hlf_sync_manual_actions');

create function hlf_sync.has_pressed_too_often(caller uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- A press may requeue many mentors at once; their actions share the moment of its transaction.
  return (
    select count(distinct a.created_at) >= 30
    from public.hlf_sync_manual_actions as a
    where a.actor = caller and a.created_at > clock_timestamp() - interval '1 minute'
  );
end
$$;
comment on function hlf_sync.has_pressed_too_often(uuid) is 'Whether a coordinator has used up the 30 presses of a minute.';

create function hlf_sync.request_force_sync(mentor_id uuid)
returns table (result text, generation bigint, triggered_by_event text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  caller constant uuid := (select auth.uid());
  state public.hlf_sync_state;
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

  if hlf_sync.has_pressed_too_often(caller) then
    return query select 'too_many_requests', null::bigint, null::text;
    return;
  end if;

  event := case
    when state.dead_lettered_at is null then 'manual_coordinator_force_sync'
    else 'manual_coordinator_requeue'
  end;
  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  values (
    caller, state.organisation_id, state.mentor_id,
    case when state.dead_lettered_at is null then 'force_sync' else 'requeue' end
  );
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
  'For coordinators: accepted | not_found | not_coordinator | sync_disabled | too_many_requests.';

revoke execute on function public.request_hlf_force_sync(uuid) from public, anon, service_role;
grant execute on function
  hlf_sync.request_force_sync(uuid),
  public.request_hlf_force_sync(uuid)
to authenticated;
