-- Turns a change in the app into due rows and one nudge per transaction, however many rows it touched.

create function hlf_sync.status_event(is_shown boolean, reason text)
returns text
language sql
immutable
parallel safe
set search_path = ''
as $$
  -- An app may have words of its own: the log's closed list has two for whatever they are.
  select case
    when is_shown is null then 'status_change:deleted'
    when is_shown then 'status_change:active'
    when reason not in ('active', 'deleted') and hlf_sync.is_sync_event('status_change:' || reason)
    then 'status_change:' || reason
    else 'status_change:hidden'
  end
$$;
comment on function hlf_sync.status_event(boolean, text) is
  'The triggered_by_event of how the app sees a mentor: known for each, also for a word that the log does not know, and for '
  'null (there is no such mentor any more).';

create type hlf_sync.sync_request as (
  mentor_id uuid,
  organisation_id uuid,
  wanted_operation public.hlf_sync_operation,
  event text,
  seen_event text
);
comment on type hlf_sync.sync_request is
  'One mentor who is to be synchronised, why, and how the app sees the mentor now (null where nobody looked).';

create function hlf_sync.request_sync(requests hlf_sync.sync_request[], only_new boolean default false)
returns void
-- Every change of a mentor comes here; plpgsql keeps the plan.
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.hlf_sync_state as state (
    mentor_id, organisation_id, wanted_operation, seen_event, triggered_by_event, due_at, requested_at
  )
  select
    request.mentor_id, request.organisation_id, request.wanted_operation, request.seen_event, request.event,
    case when w.is_enabled then clock_timestamp() end, clock_timestamp()
  from unnest(requests) as request
  left join public.hlf_sync_switches as w on w.organisation_id = request.organisation_id
  -- One order for everyone who locks several rows, so that nobody deadlocks.
  order by request.mentor_id
  on conflict (mentor_id) do update set
    organisation_id = excluded.organisation_id,
    wanted_operation = excluded.wanted_operation,
    seen_event = coalesce(excluded.seen_event, state.seen_event),
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
comment on function hlf_sync.request_sync(hlf_sync.sync_request[], boolean) is
  'The one way to ask for a sync: a new generation, due now, with all its attempts before it; not due while its organisation is '
  'switched off. With only_new a mentor that has a state by now is left as it is.';

create function hlf_sync.apply_switch()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_state as s set
    due_at = case when new.is_enabled then clock_timestamp() end,
    -- While it was off, nobody waited for it.
    requested_at = case when new.is_enabled then clock_timestamp() else s.requested_at end,
    updated_at = now()
  where s.organisation_id = new.organisation_id
    and s.confirmed_generation is distinct from s.generation
    and s.in_flight_attempt_id is null
    and s.dead_lettered_at is null;
  if new.is_enabled then
    perform hlf_sync.nudge('{"type": "sweep"}');
  end if;
  return null;
end
$$;
comment on function hlf_sync.apply_switch() is
  'Trigger: who waits becomes due when an organisation is switched on, and nobody is when it is switched off.';

create trigger apply_new_switch
after insert on public.hlf_sync_switches
for each row execute function hlf_sync.apply_switch();

create trigger apply_switch
after update of is_enabled on public.hlf_sync_switches
for each row when (old.is_enabled is distinct from new.is_enabled) execute function hlf_sync.apply_switch();

create function hlf_sync.set_switch(organisation_id uuid, is_enabled boolean)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (select from hlf_sync.organisations as o where o.organisation_id = set_switch.organisation_id) then
    raise exception 'There is no organisation %', set_switch.organisation_id using errcode = '22023';
  end if;
  insert into public.hlf_sync_switches as w (organisation_id, is_enabled)
  values (set_switch.organisation_id, set_switch.is_enabled)
  on conflict on constraint hlf_sync_switches_pkey do update set
    is_enabled = excluded.is_enabled, switched_at = excluded.switched_at, switched_by = excluded.switched_by
  where w.is_enabled <> excluded.is_enabled;
end
$$;
comment on function hlf_sync.set_switch(uuid, boolean) is 'Notes who switched an organisation on or off, and when; 22023 for one that is not there.';

create function hlf_sync.switch_on(organisation_id uuid)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_switch(organisation_id, true)
$$;
comment on function hlf_sync.switch_on(uuid) is 'For the team: from now on an organisation is synchronised, with what has waited.';

create function hlf_sync.switch_off(organisation_id uuid)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.set_switch(organisation_id, false)
$$;
comment on function hlf_sync.switch_off(uuid) is
  'For the team: nothing more is sent of an organisation. What changes meanwhile waits, until it is switched on again.';

create function hlf_sync.mentors_changed(mentor_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
-- A lock that somebody holds for long must not hold up the app's write, nor run it into its statement_timeout, which no
-- exception block catches.
set lock_timeout = '1s'
as $$
declare
  ids constant uuid[] := array(select distinct i from unnest(mentor_ids) as i where i is not null order by i);
  locked bigint;
  is_news boolean := false;
  requests hlf_sync.sync_request[];
begin
  -- Locked first and compared in a newer snapshot: two transactions that only together hide somebody each see no change
  -- otherwise.
  perform from public.hlf_sync_state as s where s.mentor_id = any (ids) order by s.mentor_id for update;
  get diagnostics locked = row_count;
  if locked < cardinality(ids) then
    requests := array(
      select row(
        m.mentor_id, m.organisation_id,
        case when m.is_shown then 'restore' else 'remove' end, 'initial_sync',
        hlf_sync.status_event(coalesce(m.is_shown, false), m.reason)
      )::hlf_sync.sync_request
      from hlf_sync.mentors as m
      where m.mentor_id = any (ids) and not exists (select from public.hlf_sync_state as s where s.mentor_id = m.mentor_id)
    );
    is_news := cardinality(requests) > 0;
    if is_news then
      perform hlf_sync.request_sync(requests, only_new => true);
      -- Another transaction may have been the first to note one of them.
      perform from public.hlf_sync_state as s where s.mentor_id = any (ids) order by s.mentor_id for update;
    end if;
  end if;

  requests := array(
    select row(
      s.mentor_id, coalesce(m.organisation_id, s.organisation_id), seen.operation,
      case
        when s.seen_event is not distinct from seen.event then 'organisation_change'
        when s.seen_event = 'status_change:deleted' then 'initial_sync'
        else seen.event
      end,
      seen.event
    )::hlf_sync.sync_request
    from public.hlf_sync_state as s
    left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
    cross join lateral (
      select
        case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation,
        hlf_sync.status_event(
          case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason
        ) as event
      -- Worked out once for each, not for each place that it is used in.
      offset 0
    ) as seen
    where s.mentor_id = any (ids)
      and (
        s.wanted_operation <> seen.operation or s.seen_event is distinct from seen.event or m.organisation_id <> s.organisation_id
      )
  );
  if cardinality(requests) > 0 then
    perform hlf_sync.request_sync(requests);
  elsif not is_news then
    return;
  end if;

  -- pg_net sends when the transaction ends, so one nudge is enough for all of it.
  if current_setting('hlf_sync.nudged', true) is distinct from pg_current_xact_id()::text then
    perform set_config('hlf_sync.nudged', pg_current_xact_id()::text, true);
    begin
      perform hlf_sync.nudge('{"type": "sweep"}');
    exception when others then
      raise warning 'hlf-sync could not be called (%): the sweep will', sqlstate;
    end;
  end if;
exception when others then
  -- The user's write comes first. The sweep finds every mentor whose state disagrees with the app, and raises the alert: one
  -- raised here would have all writers wait for each other.
  raise warning 'hlf-sync could not note a change of mentors (%): the sweep will', sqlstate;
end
$$;
comment on function hlf_sync.mentors_changed(uuid[]) is
  'What the app calls after a change: makes due whoever of these mentors is seen otherwise than before, and nudges once per '
  'transaction. Ids of nobody are none of its business. Never fails.';

create function hlf_sync.track()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  id_column constant text := quote_ident(tg_argv[0]);
  -- As text, because not every type can be compared.
  columns constant text := (
    select string_agg(format(', %I::text', c.name), '' order by c.place)
    from unnest(tg_argv) with ordinality as c (name, place)
    where c.place > 1
  );
  ids uuid[];
begin
  if tg_op = 'INSERT' then
    execute format('select array_agg(%s) from new_rows', id_column) into ids;
  elsif tg_op = 'DELETE' then
    execute format('select array_agg(%s) from old_rows', id_column) into ids;
  elsif tg_op = 'TRUNCATE' then
    ids := array(select s.mentor_id from public.hlf_sync_state as s);
  elsif columns is null then
    execute format('select array_agg(id) from (select %1$s from old_rows union select %1$s from new_rows) as changed (id)', id_column)
    into ids;
  else
    -- Whatever is on one side only: a row that changed, and one whose mentor did.
    execute format(
      'select array_agg(id) from (
        select id from (select %1$s as id%2$s from old_rows except all select %1$s%2$s from new_rows) as before
        union
        select id from (select %1$s as id%2$s from new_rows except all select %1$s%2$s from old_rows) as after
      ) as changed', id_column, columns
    ) into ids;
  end if;
  if ids is not null then
    perform hlf_sync.mentors_changed(ids);
  end if;
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %.% (%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$$;
comment on function hlf_sync.track() is
  'Trigger of any table of the app: track(''<column with the mentor''''s id>''[, columns that matter …]). Never fails the write.';

create function hlf_sync.create_tracking_triggers(tracked regclass, call text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create or replace trigger hlf_sync_insert after insert on %1$s referencing new table as new_rows
       for each statement execute function %2$s;
     create or replace trigger hlf_sync_update after update on %1$s referencing old table as old_rows new table as new_rows
       for each statement execute function %2$s;
     create or replace trigger hlf_sync_delete after delete on %1$s referencing old table as old_rows
       for each statement execute function %2$s;
     create or replace trigger hlf_sync_truncate after truncate on %1$s
       for each statement execute function %2$s', tracked, call
  );
end
$$;
comment on function hlf_sync.create_tracking_triggers(regclass, text) is
  'Gives a table of the app the triggers that see each change, all of which make the call.';

create function hlf_sync.track_table(tracked regclass, id_column text, variadic columns text[] default '{}')
returns void
language plpgsql
set search_path = ''
as $$
declare
  arguments constant text := (
    select string_agg(quote_literal(a.name), ', ' order by a.place)
    from unnest(id_column || columns) with ordinality as a (name, place)
  );
  missing constant text := (
    select string_agg(a.name, ', ')
    from unnest(id_column || columns) as a (name)
    where not exists (
      select from pg_catalog.pg_attribute as t
      where t.attrelid = tracked and t.attname = a.name and t.attnum > 0 and not t.attisdropped
    )
  );
begin
  if missing is not null then
    raise exception '% has no column %', tracked, missing using errcode = '42703';
  end if;
  perform hlf_sync.create_tracking_triggers(tracked, format('hlf_sync.track(%s)', arguments));
end
$$;
comment on function hlf_sync.track_table(regclass, text, text[]) is
  'For the adapter: gives a table of the app the triggers that see each change. An update counts only where one of the columns '
  'changed; every update does where none is named.';

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

create function hlf_sync.request_sync_of_each(requests hlf_sync.sync_request[], only_new boolean)
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
  if cardinality(requests) = 0 then
    return null;
  end if;
  begin
    perform hlf_sync.request_sync(requests, only_new);
    return null;
  exception when others then
    -- One of them is in the way of all: each for itself, in any order, so that no bad ones are for ever the first.
    null;
  end;
  for place in select p from generate_subscripts(requests, 1) as p order by random() loop
    begin
      perform hlf_sync.request_sync(requests[place:place], only_new);
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
  'request_sync for whom it can be done: one who is locked waits for the next round, one who cannot be written is left '
  'out. Returns the SQLSTATE of one who was left out, or null.';

create table hlf_sync.days (
  id boolean primary key default true,
  began_at timestamptz not null default now(),
  constraint there_is_one_row check (id)
);
comment on table hlf_sync.days is 'One row: the last day whose coming has been looked at.';
comment on column hlf_sync.days.began_at is 'When the first sweep of that day had noted everybody whom the date alone has changed.';
insert into hlf_sync.days default values;
revoke all on hlf_sync.days from public, anon, authenticated, service_role;

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
security definer
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
  is_untracked boolean;
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
  -- A mentor without state is one from before this project; one with a state that is wrong was missed by a trigger. Of what the
  -- fuse holds it tells itself.
  is_untracked := cardinality(requests) > 0 and not is_new_day;
  newcomers := hlf_sync.pass_fuse('newcomers', newcomers);
  problem := hlf_sync.request_sync_of_each(requests, false);
  problem := coalesce(hlf_sync.request_sync_of_each(newcomers, true), problem);
  perform hlf_sync.note_step('mentors that the sweep mends', problem);
  perform hlf_sync.set_alert('tracking_failed', is_untracked);
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
language plpgsql
security definer
set search_path = ''
as $$
declare
  mended integer;
begin
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
  )
  update public.hlf_sync_state as s set due_at = case when mistaken.is_enabled then clock_timestamp() end, updated_at = now()
  from mistaken
  where s.mentor_id = mistaken.mentor_id;
  get diagnostics mended = row_count;
  return mended;
end
$$;
comment on function hlf_sync.repair_switches() is 'Has those wait, and only those, whose organisation is switched on; returns how many did otherwise.';
