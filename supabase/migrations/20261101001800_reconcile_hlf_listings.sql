-- Reconciliation: what Dynamics shows against what the app wants, compared in SQL, so that the function's memory stays
-- flat however many listings there are.

create table private.hlf_sync_listings (
  run_date date not null references public.hlf_nightly_runs (run_date) on delete cascade,
  mentor_id uuid not null,
  is_published boolean not null,
  primary key (run_date, mentor_id)
);
comment on table private.hlf_sync_listings is 'Listings read so far in a night; emptied when they have been compared.';

create table public.hlf_sync_drifts (
  run_date date not null references public.hlf_nightly_runs (run_date),
  mentor_id uuid not null,
  organisation_id uuid not null,
  wanted_operation public.hlf_sync_operation not null,
  is_published boolean,
  confirmed_at timestamptz,
  age_seconds double precision not null,
  primary key (run_date, mentor_id)
);
comment on table public.hlf_sync_drifts is 'Mentors whose listing was found to differ from what the app wants.';
comment on column public.hlf_sync_drifts.is_published is 'As found in Dynamics; null when there was no listing at all.';
comment on column public.hlf_sync_drifts.age_seconds is
  'Since Dynamics last confirmed the mentor, or since the mentor was last asked for: the drift cannot be older.';
create index hlf_sync_drifts_organisation_id_idx on public.hlf_sync_drifts (organisation_id, run_date);

alter table public.hlf_sync_drifts enable row level security;
revoke all on public.hlf_sync_drifts from public, anon, authenticated, service_role;
grant select on public.hlf_sync_drifts to authenticated, service_role;

create policy "Coordinators read their organisations' drifts"
on public.hlf_sync_drifts for select to authenticated
using (organisation_id = any (array(select private.coordinated_organisation_ids())));

create function private.begin_hlf_reconciliation(lease_seconds integer, on_date date)
returns date
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.run_hlf_night(on_date);

  update public.hlf_nightly_runs as r set
    reconciliation_started_at = clock_timestamp(),
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
  where r.run_date = on_date
    and r.finished_at is null
    and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= clock_timestamp());
  if not found then
    return null;
  end if;
  -- What an interrupted reading left behind may be out of date.
  delete from private.hlf_sync_listings;
  return on_date;
end
$$;
comment on function private.begin_hlf_reconciliation(integer, date) is
  'Runs the night of a date and hands its reconciliation to one worker; null when it is done or under way.';

create function private.report_hlf_listings(
  run_date date, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer
)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into private.hlf_sync_listings (run_date, mentor_id, is_published)
  select report_hlf_listings.run_date, published.mentor_id, true
  from unnest(published_mentor_ids) as published (mentor_id)
  union all
  select report_hlf_listings.run_date, hidden.mentor_id, false
  from unnest(hidden_mentor_ids) as hidden (mentor_id)
  on conflict do nothing;

  update public.hlf_nightly_runs as r set
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
  where r.run_date = report_hlf_listings.run_date
$$;
comment on function private.report_hlf_listings(date, uuid[], uuid[], integer) is
  'Notes one page of listings and renews the lease of the reader.';

create function private.finish_hlf_reconciliation(run_date date)
returns table (listing_count integer, unknown_listing_count integer, drift_count integer)
language plpgsql
security definer
set search_path = ''
as $$
declare
  run public.hlf_nightly_runs;
  listings integer;
  unknown integer;
  drifts integer;
  ids uuid[];
  organisations uuid[];
  operations public.hlf_sync_operation[];
begin
  select r.* into run
  from public.hlf_nightly_runs as r
  where r.run_date = finish_hlf_reconciliation.run_date
  for update;
  if run.finished_at is not null then
    return query select run.listing_count, run.unknown_listing_count, run.drift_count;
    return;
  end if;

  select count(*), count(*) filter (where l.is_published and s.mentor_id is null)
  into listings, unknown
  from private.hlf_sync_listings as l
  left join public.hlf_sync_state as s on s.mentor_id = l.mentor_id
  where l.run_date = run.run_date;

  with drift as (
    insert into public.hlf_sync_drifts (
      run_date, mentor_id, organisation_id, wanted_operation, is_published, confirmed_at, age_seconds
    )
    select
      run.run_date, s.mentor_id, s.organisation_id, wanted.operation, l.is_published, s.confirmed_at,
      extract(epoch from clock_timestamp() - coalesce(s.confirmed_at, s.updated_at))
    from public.hlf_sync_state as s
    left join public.mentors as m on m.id = s.mentor_id
    left join private.hlf_sync_listings as l on l.run_date = run.run_date and l.mentor_id = s.mentor_id
    cross join lateral (select private.wanted_operation(m.status) as operation) as wanted
    where (wanted.operation = 'restore') is distinct from coalesce(l.is_published, false)
      -- What is under way, or was confirmed while the listings were being read, is judged next night.
      and s.due_at is null
      and s.in_flight_attempt_id is null
      and (s.confirmed_at is null or s.confirmed_at < run.reconciliation_started_at)
      and not exists (
        select from public.organisations as o where o.id = s.organisation_id and not o.hlf_sync_enabled
      )
    returning mentor_id, organisation_id, wanted_operation
  )
  select count(*), array_agg(drift.mentor_id), array_agg(drift.organisation_id), array_agg(drift.wanted_operation)
  into drifts, ids, organisations, operations
  from drift;

  if drifts > 0 then
    perform private.request_hlf_sync(
      ids, organisations, operations, array_fill('nightly_reconciliation'::text, array[drifts])
    );
  end if;

  delete from private.hlf_sync_listings as l where l.run_date = run.run_date;
  update public.hlf_nightly_runs as r set
    listing_count = listings,
    unknown_listing_count = unknown,
    drift_count = drifts,
    oldest_drift_seconds = (
      select max(d.age_seconds) from public.hlf_sync_drifts as d where d.run_date = run.run_date
    ),
    reconciliation_lease_until = null,
    finished_at = clock_timestamp()
  where r.run_date = run.run_date;
  perform private.close_alert('nights_stopped');

  return query select listings, unknown, drifts;
end
$$;
comment on function private.finish_hlf_reconciliation(date) is
  'Compares all listings read with what the app wants, makes divergent mentors due and finishes the night.';

create function public.begin_hlf_reconciliation(lease_seconds integer)
returns date
language sql
set search_path = ''
as $$
  select private.begin_hlf_reconciliation(lease_seconds, private.today_in_oslo())
$$;
comment on function public.begin_hlf_reconciliation(integer) is
  'For the function: the date of the night to reconcile; null when it is finished or another worker is at it.';

create function public.report_hlf_listings(
  run_date date, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer
)
returns void
language sql
set search_path = ''
as $$
  select private.report_hlf_listings(run_date, published_mentor_ids, hidden_mentor_ids, lease_seconds)
$$;
comment on function public.report_hlf_listings(date, uuid[], uuid[], integer) is
  'For the function: one page of listings as read from Dynamics.';

create function public.finish_hlf_reconciliation(run_date date)
returns table (listing_count integer, unknown_listing_count integer, drift_count integer)
language sql
set search_path = ''
as $$
  select * from private.finish_hlf_reconciliation(run_date)
$$;
comment on function public.finish_hlf_reconciliation(date) is
  'For the function: all pages are read; compares them and makes divergent mentors due.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on all functions in schema private from public;
revoke execute on function
  public.begin_hlf_reconciliation(integer),
  public.report_hlf_listings(date, uuid[], uuid[], integer),
  public.finish_hlf_reconciliation(date)
from public, anon, authenticated;
grant execute on function
  private.today_in_oslo(),
  private.begin_hlf_reconciliation(integer, date),
  private.report_hlf_listings(date, uuid[], uuid[], integer),
  private.finish_hlf_reconciliation(date),
  public.begin_hlf_reconciliation(integer),
  public.report_hlf_listings(date, uuid[], uuid[], integer),
  public.finish_hlf_reconciliation(date)
to service_role;
