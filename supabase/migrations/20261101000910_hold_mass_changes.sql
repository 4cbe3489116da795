-- The fuse: what somebody did is sent, however much it is. What the sweep or the night finds may come of an adapter that is
-- wrong, or of a reading that is, and does not hide or show a large part of an organisation before somebody has looked.

alter table public.hlf_sync_switches add column mass_change_allowed_until timestamptz;
comment on column public.hlf_sync_switches.mass_change_allowed_until is 'Until then the fuse lets everything of this organisation pass.';

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
revoke all on hlf_sync.held_changes from public, anon, authenticated, service_role;

create function hlf_sync.pass_fuse(source text, requests hlf_sync.sync_request[])
returns hlf_sync.sync_request[]
language plpgsql
security definer
set search_path = ''
as $$
declare
  held uuid[];
begin
  delete from hlf_sync.held_changes as h where h.source = pass_fuse.source;
  if cardinality(requests) <= 20 then
    return requests;
  end if;
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
  select array_agg(h.organisation_id) into held from held_change as h;
  if held is null then
    return requests;
  end if;
  return array(select r::hlf_sync.sync_request from unnest(requests) as r where r.organisation_id <> all (held));
end
$$;
comment on function hlf_sync.pass_fuse(text, hlf_sync.sync_request[]) is
  'Without those of organisations of which more than 20 mentors, and more than a tenth, would be hidden or shown at once; they are '
  'noted as held.';

create function hlf_sync.watch_fuse()
returns void
language sql
security definer
set search_path = ''
as $$
  select hlf_sync.set_alert('mass_change_held', count(*) > 0, sum(h.mentor_count)::integer)
  from hlf_sync.held_changes as h
$$;
comment on function hlf_sync.watch_fuse() is 'mass_change_held: the fuse holds what the sweep or the night found.';

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
  if exists (
    select from hlf_sync.held_changes as h
    where h.source = 'nightly run' and h.organisation_id = allow_mass_change.organisation_id
  ) then
    delete from hlf_sync.held_changes as h
    where h.source = 'nightly run' and h.organisation_id = allow_mass_change.organisation_id;
    delete from public.hlf_sync_drifts as d where d.run_date = hlf_sync.today_in_oslo();
    update public.hlf_nightly_runs as r
    set finished_at = null, reconciliation_reader = null, reconciliation_lease_until = null
    where r.run_date = hlf_sync.today_in_oslo();
  end if;
end
$$;
comment on function hlf_sync.allow_mass_change(uuid) is
  'For the team, once it has looked: for an hour the fuse lets pass whatever is found of an organisation.';
