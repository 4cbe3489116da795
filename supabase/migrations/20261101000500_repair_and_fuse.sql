-- What no trigger has seen, the sweep finds: a change that was missed, a day that has begun, mentors from before hlf-sync, a
-- switch that was thrown meanwhile.

create function hlf_sync.find_untracked_mentors()
returns table (mentor_id uuid, organisation_id uuid, is_shown boolean, reason text, is_known boolean)
language sql
stable
set search_path = ''
as $$
  select
    coalesce(m.mentor_id, s.mentor_id), coalesce(m.organisation_id, s.organisation_id),
    case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason, s.mentor_id is not null
  from hlf_sync.mentors as m
  full join public.hlf_sync_state as s on s.mentor_id = m.mentor_id
  -- In place, because a function with settings would be called for each mentor every minute.
  where s.wanted_operation is distinct from case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end
    or m.organisation_id <> s.organisation_id
$$;
comment on function hlf_sync.find_untracked_mentors() is
  'Mentors whose state disagrees with the app, or who have none; is_shown is null where the mentor is gone.';

create function hlf_sync.request_sync_of_each(requests hlf_sync.sync_request[], are_new boolean)
returns text
language plpgsql
set search_path = ''
-- Waiting for a transaction of the app would hold up everybody else; the next round comes in a minute.
set lock_timeout = '50ms'
as $$
declare
  problem text;
  left_out integer := 0;
  place integer;
begin
  if cardinality(requests) = 0 then
    return null;
  end if;
  begin
    perform case when are_new then hlf_sync.note_mentors(requests) else hlf_sync.request_sync(requests) end;
    return null;
  exception when others then
    -- One of them is in the way of all: each for itself, in any order, so that no bad ones are for ever the first.
    null;
  end;
  for place in select p from generate_subscripts(requests, 1) as p order by random() loop
    begin
      perform case
        when are_new then hlf_sync.note_mentors(requests[place:place])
        else hlf_sync.request_sync(requests[place:place])
      end;
    exception
      when lock_not_available or deadlock_detected then
        left_out := left_out + 1;
      when others then
        left_out := left_out + 1;
        problem := sqlstate;
        raise warning 'hlf-sync could not note mentor % (%)', requests[place].mentor_id, sqlstate;
    end;
    exit when left_out >= 100;
  end loop;
  return problem;
end
$$;
comment on function hlf_sync.request_sync_of_each(hlf_sync.sync_request[], boolean) is
  'request_sync, or note_mentors, for whom it can be done: one who is locked waits for the next round, one who cannot be written is left '
  'out. Returns the SQLSTATE of one who was left out, or null.';

create table hlf_sync.days (
  id boolean primary key default true,
  began_at timestamptz not null default now(),
  constraint there_is_one_row check (id)
);
comment on table hlf_sync.days is 'One row: the last day whose coming has been looked at.';
comment on column hlf_sync.days.began_at is 'When the first sweep of that day had noted everybody whom the date alone has changed.';
insert into hlf_sync.days default values;

create function hlf_sync.is_new_day()
returns boolean
language sql
stable
set search_path = ''
as $$
  -- An app's current_date is UTC's, if it does not ask for Oslo's.
  select exists (
    select from hlf_sync.days as d
    where (d.began_at at time zone 'Europe/Oslo')::date <> (now() at time zone 'Europe/Oslo')::date
      or (d.began_at at time zone 'UTC')::date <> (now() at time zone 'UTC')::date
  )
$$;
comment on function hlf_sync.is_new_day() is
  'Whether a day has begun, here or in UTC, whose coming nobody has looked at: a leave may begin today, a role may have ended.';

create function hlf_sync.repair_state()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- No trigger sees a day begin, so what is found then was not missed.
  is_new_day constant boolean := hlf_sync.is_new_day();
  found_count integer;
  known uuid[];
  newcomers hlf_sync.sync_request[];
  requests hlf_sync.sync_request[] := '{}'::hlf_sync.sync_request[];
  problem text;
begin
  select
    array_agg(u.mentor_id) filter (where u.is_known),
    coalesce(
      array_agg(
        row(
          u.mentor_id, u.organisation_id, case when u.is_shown then 'restore' else 'remove' end, 'initial_sync',
          hlf_sync.status_event(u.is_shown, u.reason)
        )::hlf_sync.sync_request
      ) filter (where not u.is_known),
      '{}'
    )
  into known, newcomers
  from hlf_sync.find_untracked_mentors() as u;

  found_count := coalesce(cardinality(known), 0);
  if known is not null then
    -- Locked first and then read again in a newer snapshot, as a claim does it: what is written belongs together. A state
    -- that is locked by a change under way is left to that change.
    known := array(
      select s.mentor_id from public.hlf_sync_state as s
      where s.mentor_id = any (known) order by s.mentor_id for update skip locked
    );
    requests := array(
      select row(
        s.mentor_id, coalesce(m.organisation_id, s.organisation_id), wanted.operation,
        case when is_new_day then wanted.event else 'tracking_repair' end, wanted.event
      )::hlf_sync.sync_request
      from public.hlf_sync_state as s
      left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
      cross join lateral (
        select
          case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation,
          hlf_sync.status_event(
            case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason
          ) as event
      ) as wanted
      where s.mentor_id = any (known)
        and (s.wanted_operation <> wanted.operation or m.organisation_id <> s.organisation_id)
    );
  end if;
  requests := hlf_sync.pass_fuse('repair', requests);
  newcomers := hlf_sync.pass_fuse('newcomers', newcomers);
  problem := hlf_sync.request_sync_of_each(requests, false);
  problem := coalesce(hlf_sync.request_sync_of_each(newcomers, true), problem);
  perform hlf_sync.note_step('mentors that the sweep mends', problem);
  -- A mentor without state is one from before this project; one with a state that is wrong was missed by a trigger. What the
  -- fuse holds has an alert of its own.
  perform hlf_sync.set_alert('tracking_failed', cardinality(requests) > 0 and not is_new_day);
  -- Somebody who is locked now is found in a minute, and still because of the date.
  if is_new_day and found_count = coalesce(cardinality(known), 0) then
    update hlf_sync.days as d set began_at = now() where d.id;
  end if;
  return cardinality(requests) + cardinality(newcomers);
end
$$;
comment on function hlf_sync.repair_state() is
  'Makes due every mentor whose state disagrees with the app: what triggers missed, or mentors older than this project.';

create function hlf_sync.repair_switches()
returns integer
language sql
set search_path = ''
as $$
  -- A change that was noted while the switch was being thrown may have missed it.
  with mistaken as (
    select s.mentor_id, coalesce(w.is_enabled, false) as is_enabled
    from public.hlf_sync_state as s
    left join public.hlf_sync_switches as w on w.organisation_id = s.organisation_id
    where s.confirmed_generation is distinct from s.generation
      and s.in_flight_attempt_id is null
      and s.dead_lettered_at is null
      and (s.due_at is not null) <> coalesce(w.is_enabled, false)
    order by s.mentor_id
    for update of s skip locked
  ), mended as (
    update public.hlf_sync_state as s set due_at = case when mistaken.is_enabled then clock_timestamp() end, updated_at = now()
    from mistaken
    where s.mentor_id = mistaken.mentor_id
    returning s.mentor_id
  )
  select count(*)::integer from mended
$$;
comment on function hlf_sync.repair_switches() is 'Has those wait, and only those, whose organisation is switched on; returns how many did otherwise.';

-- The fuse: what somebody did is sent, however much it is. What the sweep or the night finds may come of an adapter that is
-- wrong, or of a reading that is, and does not hide or show a large part of an organisation before somebody has looked.

create table hlf_sync.held_changes (
  source text,
  organisation_id uuid,
  mentor_count integer not null,
  of_mentors integer not null,
  held_at timestamptz not null default now(),
  primary key (source, organisation_id)
);
comment on table hlf_sync.held_changes is 'What the fuse holds at present, as each of those who find something last found it.';
comment on column hlf_sync.held_changes.source is 'repair, newcomers or nightly run.';
comment on column hlf_sync.held_changes.mentor_count is 'How many would be hidden or shown.';
comment on column hlf_sync.held_changes.of_mentors is 'How many mentors of the organisation are known.';

create function hlf_sync.pass_fuse(source text, requests hlf_sync.sync_request[])
returns hlf_sync.sync_request[]
language plpgsql
set search_path = ''
as $$
declare
  held uuid[];
begin
  delete from hlf_sync.held_changes as h where h.source = pass_fuse.source;
  with change as (
    select r.organisation_id, count(*)::integer as mentor_count
    from unnest(requests) as r
    join public.hlf_sync_switches as w on w.organisation_id = r.organisation_id
    where w.is_enabled and coalesce(w.mass_change_allowed_until, '-infinity') < clock_timestamp()
    group by r.organisation_id
    having count(*) > 20
  ), held_change as (
    insert into hlf_sync.held_changes (source, organisation_id, mentor_count, of_mentors)
    select pass_fuse.source, change.organisation_id, change.mentor_count, known.count
    from change
    cross join lateral (
      select count(*)::integer as count from public.hlf_sync_state as s where s.organisation_id = change.organisation_id
    ) as known
    where change.mentor_count > 0.1 * known.count
    returning organisation_id
  )
  select coalesce(array_agg(h.organisation_id), '{}') into held from held_change as h;
  return array(select r::hlf_sync.sync_request from unnest(requests) as r where r.organisation_id <> all (held));
end
$$;
comment on function hlf_sync.pass_fuse(text, hlf_sync.sync_request[]) is
  'Without those of organisations of which more than 20 mentors, and more than a tenth, would be hidden or shown at once; they are '
  'noted as held.';

create function hlf_sync.allow_mass_change(organisation_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_switches as w set mass_change_allowed_until = clock_timestamp() + interval '1 hour'
  where w.organisation_id = allow_mass_change.organisation_id;
  if not found then
    raise exception 'Organisation % is not switched on', organisation_id using errcode = '22023';
  end if;
  -- The sweep finds again within a minute what it held; the night has to read the listings again.
  delete from hlf_sync.held_changes as h
  where h.source = 'nightly run' and h.organisation_id = allow_mass_change.organisation_id;
  if found then
    delete from public.hlf_sync_drifts as d where d.run_date = hlf_sync.today_in_oslo();
    update public.hlf_nightly_runs as r
    set finished_at = null, reconciliation_reader = null, reconciliation_lease_until = null
    where r.run_date = hlf_sync.today_in_oslo();
  end if;
end
$$;
comment on function hlf_sync.allow_mass_change(uuid) is
  'For the team, once it has looked: for an hour the fuse lets pass whatever is found of an organisation.';
