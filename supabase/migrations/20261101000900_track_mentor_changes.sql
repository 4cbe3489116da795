-- Turns a change of a mentor into a due row and one nudge per statement, however many rows it touched.

create function hlf_sync.wanted_operation(status public.mentor_status)
returns public.hlf_sync_operation
language sql
immutable
parallel safe
set search_path = ''
as $$
  select case
    when status = 'active' then 'restore'::public.hlf_sync_operation
    else 'remove'::public.hlf_sync_operation
  end
$$;
comment on function hlf_sync.wanted_operation(public.mentor_status) is
  'What the website has to do for a status; null, for a mentor that is gone, means remove.';

create function hlf_sync.status_event(status public.mentor_status)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  -- An app may add a status of its own: who has it is hidden, and the log's closed list has a word for that.
  select case
    when status is null then 'status_change:deleted'
    when hlf_sync.is_sync_event('status_change:' || status::text) then 'status_change:' || status::text
    else 'status_change:hidden'
  end
$$;
comment on function hlf_sync.status_event(public.mentor_status) is
  'The triggered_by_event of a status: known for each, also for one that the log does not know, and for null (deleted).';

create function hlf_sync.request_sync(
  mentor_ids uuid[],
  organisation_ids uuid[],
  wanted_operations public.hlf_sync_operation[],
  events text[],
  only_new boolean default false
)
returns void
-- Every change of a mentor comes here; plpgsql keeps the plan.
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.hlf_sync_state as state (
    mentor_id, organisation_id, wanted_operation, triggered_by_event, due_at, requested_at
  )
  select
    request.mentor_id, request.organisation_id, request.wanted_operation, request.event,
    clock_timestamp(), clock_timestamp()
  from unnest(mentor_ids, organisation_ids, wanted_operations, events)
    as request (mentor_id, organisation_id, wanted_operation, event)
  -- One order for everyone who locks several rows, so that nobody deadlocks.
  order by request.mentor_id
  on conflict (mentor_id) do update set
    organisation_id = excluded.organisation_id,
    wanted_operation = excluded.wanted_operation,
    generation = state.generation + 1,
    triggered_by_event = excluded.triggered_by_event,
    -- Asked again for what is not confirmed yet: the waiting goes on, or a button pressed often would hide it.
    requested_at = case
      when state.wanted_operation = excluded.wanted_operation
        and state.confirmed_generation is distinct from state.generation
        and state.dead_lettered_at is null
      then state.requested_at
      else excluded.requested_at
    end,
    due_at = excluded.due_at,
    attempts = 0,
    excused_attempts = 0,
    -- What the night tries once more is not better before it has succeeded: nobody is told that it is over, and then anew.
    dead_lettered_at = case
      when excluded.triggered_by_event = 'nightly_reconciliation' and state.wanted_operation = excluded.wanted_operation
      then state.dead_lettered_at
    end,
    updated_at = now()
  where not only_new;
end
$$;
comment on function hlf_sync.request_sync(uuid[], uuid[], public.hlf_sync_operation[], text[], boolean) is
  'The one way to ask for a sync: a new generation, due now, with all its attempts before it. With only_new a mentor that '
  'has a state by now is left as it is.';

create function hlf_sync.track_mentor_changes()
returns trigger
language plpgsql
security definer
set search_path = ''
-- A lock that somebody holds for long must not hold up the app's write, nor run it into its statement_timeout, which no
-- exception block catches.
set lock_timeout = '1s'
as $$
declare
  ids uuid[];
  organisations uuid[];
  operations public.hlf_sync_operation[];
  events text[];
begin
  -- A transition table exists only for the commands that have it, so each branch names its own.
  if tg_op = 'INSERT' then
    select array_agg(n.id), array_agg(n.organisation_id),
      array_agg(hlf_sync.wanted_operation(n.status)), array_agg('initial_sync'::text)
    into ids, organisations, operations, events
    from new_rows as n;
  elsif tg_op = 'UPDATE' then
    -- A full join, so that a changed id reads as one mentor gone and another come.
    select array_agg(coalesce(n.id, o.id)), array_agg(coalesce(n.organisation_id, o.organisation_id)),
      array_agg(hlf_sync.wanted_operation(n.status)),
      array_agg(case
        when o.id is null then 'initial_sync'
        when n.status is distinct from o.status then hlf_sync.status_event(n.status)
        else 'organisation_change'
      end)
    into ids, organisations, operations, events
    from old_rows as o
    full join new_rows as n on n.id = o.id
    where n.status is distinct from o.status or n.organisation_id is distinct from o.organisation_id;
  elsif tg_op = 'DELETE' then
    select array_agg(o.id), array_agg(o.organisation_id),
      array_agg(hlf_sync.wanted_operation(null)), array_agg(hlf_sync.status_event(null))
    into ids, organisations, operations, events
    from old_rows as o;
  else
    select array_agg(s.mentor_id), array_agg(s.organisation_id),
      array_agg(hlf_sync.wanted_operation(null)), array_agg(hlf_sync.status_event(null))
    into ids, organisations, operations, events
    from public.hlf_sync_state as s;
  end if;

  if ids is null then
    return null;
  end if;
  perform hlf_sync.request_sync(ids, organisations, operations, events);
  begin
    perform hlf_sync.nudge(
      jsonb_build_object('type', case tg_op when 'TRUNCATE' then 'DELETE' else tg_op end,
        'table', tg_table_name, 'schema', tg_table_schema)
    );
  exception when others then
    raise warning 'hlf-sync could not be called (%): the sweep will', sqlstate;
  end;
  return null;
exception when others then
  -- The user's write comes first. The sweep finds every mentor whose state disagrees with the status, and raises the
  -- alert: one raised here would have all writers wait for each other.
  raise warning 'hlf-sync could not note a change of mentors (%): the sweep will', sqlstate;
  return null;
end
$$;
comment on function hlf_sync.track_mentor_changes() is
  'Trigger: makes mentors due whose status or organisation changed, or who are gone; nudges once. Never fails the write.';

create trigger track_inserted_mentors
after insert on public.mentors
referencing new table as new_rows
for each statement execute function hlf_sync.track_mentor_changes();

create trigger track_updated_mentors
after update on public.mentors
referencing old table as old_rows new table as new_rows
for each statement execute function hlf_sync.track_mentor_changes();

create trigger track_deleted_mentors
after delete on public.mentors
referencing old table as old_rows
for each statement execute function hlf_sync.track_mentor_changes();

create trigger track_truncated_mentors
after truncate on public.mentors
for each statement execute function hlf_sync.track_mentor_changes();

create function hlf_sync.find_untracked_mentors()
returns table (
  mentor_id uuid,
  organisation_id uuid,
  status public.mentor_status,
  is_known boolean
)
language sql
stable
set search_path = ''
as $$
  select
    coalesce(m.id, s.mentor_id), coalesce(m.organisation_id, s.organisation_id), m.status, s.mentor_id is not null
  from public.mentors as m
  full join public.hlf_sync_state as s on s.mentor_id = m.id
  where s.wanted_operation is distinct from hlf_sync.wanted_operation(m.status)
    or m.organisation_id <> s.organisation_id
$$;
comment on function hlf_sync.find_untracked_mentors() is
  'Mentors whose state disagrees with the status, or who have none; status is null where the mentor is gone.';

create function hlf_sync.request_sync_of_each(
  mentor_ids uuid[],
  organisation_ids uuid[],
  wanted_operations public.hlf_sync_operation[],
  event text,
  only_new boolean
)
returns text
language plpgsql
security definer
set search_path = ''
-- Waiting for a transaction of the app would hold up everybody else; the next round comes in a minute.
set lock_timeout = '50ms'
as $$
declare
  problem text;
  left_out integer := 0;
  place integer;
begin
  if mentor_ids is null then
    return null;
  end if;
  begin
    perform hlf_sync.request_sync(
      mentor_ids, organisation_ids, wanted_operations, array_fill(event, array[cardinality(mentor_ids)]), only_new
    );
    return null;
  exception when others then
    -- One of them is in the way of all: each for itself, in any order, so that no bad ones are for ever the first.
    null;
  end;
  for place in select p from generate_subscripts(mentor_ids, 1) as p order by random() loop
    begin
      perform hlf_sync.request_sync(
        mentor_ids[place:place], organisation_ids[place:place], wanted_operations[place:place], array[event], only_new
      );
    exception
      when lock_not_available or deadlock_detected then
        left_out := left_out + 1;
      when others then
        left_out := left_out + 1;
        problem := sqlstate;
        raise warning 'hlf-sync could not note mentor % (%)', mentor_ids[place], sqlstate;
    end;
    exit when left_out >= 100;
  end loop;
  return problem;
end
$$;
comment on function hlf_sync.request_sync_of_each(uuid[], uuid[], public.hlf_sync_operation[], text, boolean) is
  'hlf_sync.request_sync for whom it can be done: one who is locked waits for the next round, one who cannot be written is left '
  'out. Returns the SQLSTATE of one who was left out, or null.';

create function hlf_sync.repair_state()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  known uuid[];
  new_ids uuid[];
  new_organisations uuid[];
  new_operations public.hlf_sync_operation[];
  ids uuid[];
  organisations uuid[];
  operations public.hlf_sync_operation[];
  problem text;
begin
  select
    array_agg(u.mentor_id) filter (where u.is_known),
    array_agg(u.mentor_id) filter (where not u.is_known),
    array_agg(u.organisation_id) filter (where not u.is_known),
    array_agg(hlf_sync.wanted_operation(u.status)) filter (where not u.is_known)
  into known, new_ids, new_organisations, new_operations
  from hlf_sync.find_untracked_mentors() as u;

  if known is not null then
    -- Locked first and then read again in a newer snapshot, as a claim does it: what is written belongs together. A state
    -- that is locked by a change under way is left to that change.
    known := array(
      select s.mentor_id from public.hlf_sync_state as s
      where s.mentor_id = any (known) order by s.mentor_id for update skip locked
    );
    select array_agg(s.mentor_id), array_agg(coalesce(m.organisation_id, s.organisation_id)),
      array_agg(hlf_sync.wanted_operation(m.status))
    into ids, organisations, operations
    from public.hlf_sync_state as s
    left join public.mentors as m on m.id = s.mentor_id
    where s.mentor_id = any (known)
      and (
        s.wanted_operation is distinct from hlf_sync.wanted_operation(m.status)
        or m.organisation_id <> s.organisation_id
      );
  end if;

  problem := hlf_sync.request_sync_of_each(ids, organisations, operations, 'tracking_repair', false);
  problem := coalesce(
    hlf_sync.request_sync_of_each(new_ids, new_organisations, new_operations, 'initial_sync', true), problem
  );
  perform hlf_sync.note_step('mentors that the sweep mends', problem);
  -- A mentor without state is one from before this project; one with a state that is wrong was missed by a trigger.
  perform hlf_sync.set_alert('tracking_failed', ids is not null);
  return coalesce(cardinality(ids), 0) + coalesce(cardinality(new_ids), 0);
end
$$;
comment on function hlf_sync.repair_state() is
  'Makes due every mentor whose state disagrees with the status: what triggers missed, or mentors older than this project.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  hlf_sync.wanted_operation,
  hlf_sync.status_event,
  hlf_sync.request_sync,
  hlf_sync.track_mentor_changes,
  hlf_sync.find_untracked_mentors,
  hlf_sync.request_sync_of_each,
  hlf_sync.repair_state
from public;
