-- Turns a change in the app into due rows and one nudge per transaction, however many rows it touched: what a sync is asked
-- with, what the app calls, and the triggers that an adapter puts on the app's tables.

create function hlf_sync.status_event(is_shown boolean, reason text)
returns text
-- Called for each mentor that changes: a function in SQL would be planned anew by each query.
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
begin
  -- An app may have words of its own: the log's closed list has two for whatever they are.
  return case
    when is_shown is null then 'status_change:deleted'
    when is_shown then 'status_change:active'
    when reason not in ('active', 'deleted') and hlf_sync.is_sync_event('status_change:' || reason)
    then 'status_change:' || reason
    else 'status_change:hidden'
  end;
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

create function hlf_sync.note_mentors(newcomers hlf_sync.sync_request[])
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.hlf_sync_state (
    mentor_id, organisation_id, wanted_operation, seen_event, triggered_by_event, due_at, requested_at
  )
  select
    n.mentor_id, n.organisation_id, n.wanted_operation, n.seen_event, n.event,
    case when w.is_enabled then clock_timestamp() end, clock_timestamp()
  from unnest(newcomers) as n
  left join public.hlf_sync_switches as w on w.organisation_id = n.organisation_id
  -- One order for everyone who writes several rows, so that nobody deadlocks.
  order by n.mentor_id
  on conflict do nothing;
end
$$;
comment on function hlf_sync.note_mentors(hlf_sync.sync_request[]) is
  'Gives mentors that are new a state, due now unless their organisation is switched off. Those who have one by now are left as they are.';

create function hlf_sync.request_sync(requests hlf_sync.sync_request[])
returns void
-- Every change of a mentor comes here; plpgsql keeps the plan.
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_state as s set
    organisation_id = r.organisation_id,
    wanted_operation = r.wanted_operation,
    seen_event = coalesce(r.seen_event, s.seen_event),
    generation = s.generation + 1,
    triggered_by_event = r.event,
    -- Asked again for what is not confirmed yet: the waiting goes on, or a button pressed often would hide it.
    requested_at = case
      when s.wanted_operation = r.wanted_operation
        and s.confirmed_generation is distinct from s.generation
        and s.dead_lettered_at is null
      then s.requested_at
      else clock_timestamp()
    end,
    due_at = case when w.is_enabled then clock_timestamp() end,
    attempts = 0,
    uncounted_attempts = 0,
    -- What the night tries once more is not better before it has succeeded: nobody is told that it is over, and then anew.
    dead_lettered_at = case
      when r.event = 'nightly_reconciliation' and s.wanted_operation = r.wanted_operation then s.dead_lettered_at
    end,
    updated_at = now()
  from unnest(requests) as r
  left join public.hlf_sync_switches as w on w.organisation_id = r.organisation_id
  where s.mentor_id = r.mentor_id;
end
$$;
comment on function hlf_sync.request_sync(hlf_sync.sync_request[]) is
  'The one way to ask for a sync of mentors that have a state, which the caller has locked, in the order of their ids: a new '
  'generation, due now, with all its attempts before it; not due while its organisation is switched off.';

create function hlf_sync.mentors_changed(mentor_ids uuid[])
returns void
language plpgsql
security definer
set search_path = ''
-- A lock that somebody holds for long must not hold up the app's write, nor run it into its statement_timeout, which no
-- exception block catches.
set lock_timeout = '1s'
-- Planning would take longer than the rest of the work for the one or few mentors whom a write mostly concerns.
set plan_cache_mode = 'force_generic_plan'
as $$
declare
  locked bigint;
  is_news boolean := false;
  requests hlf_sync.sync_request[];
begin
  if cardinality(mentor_ids) > 1000 then
    -- A plan that is right for few may compare each of the app's rows with each of the ids.
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
  end if;
  -- Locked first and compared in a newer snapshot: two transactions that only together hide somebody each see no change
  -- otherwise.
  perform from public.hlf_sync_state as s where s.mentor_id = any (mentor_ids) order by s.mentor_id for update;
  get diagnostics locked = row_count;
  if locked < cardinality(mentor_ids) then
    requests := array(
      select row(
        m.mentor_id, m.organisation_id,
        case when m.is_shown then 'restore' else 'remove' end, 'initial_sync',
        hlf_sync.status_event(coalesce(m.is_shown, false), m.reason)
      )::hlf_sync.sync_request
      from hlf_sync.mentors as m
      where m.mentor_id = any (mentor_ids) and not exists (select from public.hlf_sync_state as s where s.mentor_id = m.mentor_id)
    );
    is_news := cardinality(requests) > 0;
    if is_news then
      perform hlf_sync.note_mentors(requests);
      -- Another transaction may have been the first to note one of them.
      perform from public.hlf_sync_state as s where s.mentor_id = any (mentor_ids) order by s.mentor_id for update;
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
    -- Said of both sides, or all the app's mentors might be read for some of them.
    left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id and m.mentor_id = any (mentor_ids)
    cross join lateral (
      select
        case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation,
        hlf_sync.status_event(
          case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason
        ) as event
      -- Worked out once for each, not for each place that it is used in.
      offset 0
    ) as seen
    where s.mentor_id = any (mentor_ids)
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

create function hlf_sync.track_everybody()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform hlf_sync.mentors_changed(
    array(select m.mentor_id from hlf_sync.mentors as m union select s.mentor_id from public.hlf_sync_state as s)
  );
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %.% (%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$$;
comment on function hlf_sync.track_everybody() is
  'Trigger of a table of the app whose changes concern everybody. Never fails the write.';

create function hlf_sync.create_tracking_triggers(tracked regclass, tracker text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create or replace trigger hlf_sync_insert after insert on %1$s referencing new table as new_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_update after update on %1$s referencing old table as old_rows new table as new_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_delete after delete on %1$s referencing old table as old_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_truncate after truncate on %1$s
       for each statement execute function hlf_sync.track_everybody()', tracked, tracker
  );
end
$$;
comment on function hlf_sync.create_tracking_triggers(regclass, text) is
  'Gives a table of the app the triggers that see each change, and call a function of this schema.';

create function hlf_sync.create_tracker(
  tracked regclass, key_column text, columns text[], related regclass, related_column text, mentor_column text
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  tracker constant text := 'track_' || case when octet_length(tracked::text) > 57 then md5(tracked::text) else tracked::text end;
  -- As text, because not every type can be compared, and in the order of bytes, which is the fastest.
  value constant text := (
    select format('row(%s)::text collate "C"', string_agg(format('r.%I', c.name), ', ' order by c.place))
    from unnest(columns) with ordinality as c (name, place)
  );
  changed constant text := format(
    case
      when cardinality(columns) = 0 then 'select r.%1$I from old_rows as r union select r.%1$I from new_rows as r'
      -- Whatever is on one side more often: a row that changed, and one whose key did.
      else 'select c.key
        from (
          select r.%1$I, 1, %2$s from old_rows as r union all
          select r.%1$I, -1, %2$s from new_rows as r
        ) as c (key, side, value)
        group by c.key, c.value
        having sum(c.side) <> 0'
    end,
    key_column, value
  );
  lookup constant text := case
    when related is not null
    then format('select array_agg(distinct m.%I) from %s as m where m.%I in (', mentor_column, related, related_column)
  end;
  branches constant text := (
    select string_agg(
      format(
        case
          when related is null then 'when %1$L then ids := array(select distinct k.key from (%2$s) as k (key));'
          -- Looked up by a plan for as many keys as there are: one that was kept for a few might take hours for many.
          else 'when %1$L then if exists (%2$s) then execute %3$L into ids; end if;'
        end,
        op.name, op.keys, lookup || op.keys || ')'
      ),
      e'\n    '
    )
    from (values
      ('INSERT', format('select r.%I from new_rows as r', key_column)),
      ('DELETE', format('select r.%I from old_rows as r', key_column)),
      ('UPDATE', changed)
    ) as op (name, keys)
  );
  owner constant text := (
    select pg_get_userbyid(p.proowner)
    from pg_catalog.pg_proc as p
    where p.oid = 'hlf_sync.mentors_changed(uuid[])'::regprocedure
  );
begin
  -- Whoever does the same meanwhile waits.
  execute format('lock table %s in share row exclusive mode', tracked);
  execute format(
    'create or replace function hlf_sync.%I() returns trigger language plpgsql security definer set search_path = %L as %L',
    tracker, '', format($body$
declare
  ids pg_catalog.uuid[];
begin
  case tg_op
    %s
  end case;
  if cardinality(ids) > 0 then
    perform hlf_sync.mentors_changed(ids);
  end if;
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %%.%% (%%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$body$, branches)
  );
  execute format('alter function hlf_sync.%I() owner to %I', tracker, owner);
  execute format('revoke all on function hlf_sync.%I() from public, anon, authenticated, service_role', tracker);
  execute format(
    'comment on function hlf_sync.%I() is %L', tracker,
    format('Trigger of %s: says which mentors a statement may have changed. Never fails the write. Made by create_tracker.', tracked)
  );
  perform hlf_sync.create_tracking_triggers(tracked, tracker);
end
$$;
comment on function hlf_sync.create_tracker(regclass, text, text[], regclass, text, text) is
  'Gives a table of the app the triggers that see each change, and a function of its own, which keeps its plans: planning took longer '
  'than all else that a write pays for. It gathers the keys of rows that came, went, or differ in one of the columns (in any, where '
  'none is named). They are the mentors'' ids, or those of rows of the related table.';

create function hlf_sync.assert_columns(relation regclass, columns text[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  missing constant text := (
    select string_agg(c.name, ', ')
    from unnest(columns) as c (name)
    where not exists (
      select from pg_catalog.pg_attribute as a
      where a.attrelid = relation and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    )
  );
begin
  if missing is not null then
    raise exception '% has no column %', relation, missing using errcode = '42703';
  end if;
end
$$;
comment on function hlf_sync.assert_columns(regclass, text[]) is 'Raises 42703 that names the columns which a relation does not have.';

create function hlf_sync.track_table(tracked regclass, id_column text, variadic columns text[] default '{}')
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform hlf_sync.assert_columns(tracked, id_column || columns);
  perform hlf_sync.create_tracker(tracked, id_column, columns, null, null, null);
end
$$;
comment on function hlf_sync.track_table(regclass, text, text[]) is
  'For the adapter: gives a table of the app the triggers that see each change. An update counts only where one of the columns '
  'changed; every update does where none is named.';

-- For adapters of apps in which more than the mentors' own rows decide: a person's, an organisation's, or the date.

create function hlf_sync.track_related_table(
  tracked regclass, key_column text, related regclass, related_column text, mentor_column text, variadic columns text[] default '{}'
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform hlf_sync.assert_columns(tracked, key_column || columns);
  perform hlf_sync.assert_columns(related, array[related_column, mentor_column]);
  perform hlf_sync.create_tracker(tracked, key_column, columns, related, related_column, mentor_column);
end
$$;
comment on function hlf_sync.track_related_table(regclass, text, regclass, text, text, text[]) is
  'For the adapter, of a table whose rows concern mentors by way of another table: track_related_table(''public.persons'', ''id'', '
  '''public.people'', ''person_id'', ''id'', ''deleted_at''). An update counts only where one of the columns changed, if any is named.';

create function hlf_sync.track_for_everybody(tracked regclass)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.create_tracking_triggers(tracked, 'track_everybody')
$$;
comment on function hlf_sync.track_for_everybody(regclass) is
  'For the adapter, of a small table that seldom changes and then concerns everybody: all mentors are looked at after each change.';

create table hlf_sync.silent_sources (
  source text primary key,
  reason text not null
);
comment on table hlf_sync.silent_sources is
  'For the adapter: tables and functions that the port hlf_sync.mentors reads and whose changes need not be seen, as schema.name.';
comment on column hlf_sync.silent_sources.reason is 'Why the contract test lets it pass.';
