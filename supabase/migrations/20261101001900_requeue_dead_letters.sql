-- What coordinators do by hand beyond one mentor: see what a sync would change, and requeue dead letters.

create function public.preview_hlf_sync(org_id uuid, mentor_ids uuid[] default null)
returns table (
  mentor_id uuid,
  wanted_operation public.hlf_sync_operation,
  confirmed_operation public.hlf_sync_operation,
  is_in_step boolean,
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
  'What a sync would change for mentors of an organisation; in step means that the portal already matches.';

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
  if hlf_sync.has_pressed_too_often(caller) then
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

revoke execute on function
  public.preview_hlf_sync(uuid, uuid[]),
  public.requeue_hlf_dead_letters(uuid, uuid[])
from public, anon, service_role;
grant execute on function
  hlf_sync.requeue_dead_letters(uuid, uuid[]),
  public.preview_hlf_sync(uuid, uuid[]),
  public.requeue_hlf_dead_letters(uuid, uuid[])
to authenticated;
