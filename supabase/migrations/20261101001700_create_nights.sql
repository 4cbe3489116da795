-- The nightly run: certifications first, in SQL alone, so that an expiry takes effect even while the function is down.
-- One row per date; running a night again finds everything done.

create table public.hlf_nightly_runs (
  run_date date primary key,
  started_at timestamptz not null default now(),
  expired_count integer not null default 0,
  reminder_count integer not null default 0,
  duplicate_count integer not null default 0,
  reconciliation_started_at timestamptz,
  reconciliation_reader uuid,
  reconciliation_lease_until timestamptz,
  listing_count integer,
  unknown_listing_count integer,
  drift_count integer,
  oldest_drift_seconds double precision,
  finished_at timestamptz
);
comment on table public.hlf_nightly_runs is 'One row per date in Europe/Oslo; finished once the listings were compared.';
comment on column public.hlf_nightly_runs.duplicate_count is
  'Certification periods that were expired or reminded of twice within the last 26 hours; must be zero.';
comment on column public.hlf_nightly_runs.reconciliation_reader is
  'Who is reading the listings; whoever has lost the lease is told so.';
comment on column public.hlf_nightly_runs.reconciliation_lease_until is 'Until then one worker is reading the listings.';
comment on column public.hlf_nightly_runs.listing_count is 'Listings read from Dynamics.';
comment on column public.hlf_nightly_runs.unknown_listing_count is
  'Published listings of mentors that this project never knew; counted and left alone.';
comment on column public.hlf_nightly_runs.drift_count is 'Mentors whose listing differed from what the app wants.';

alter table public.hlf_nightly_runs enable row level security;
revoke all on public.hlf_nightly_runs from public, anon, authenticated, service_role;
grant select on public.hlf_nightly_runs to service_role;
-- What a night counts, it counts in every organisation.
grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;

create policy "Coordinators read nights"
on public.hlf_nightly_runs for select to authenticated
using (exists (select hlf_sync.coordinated_organisation_ids()));

create function hlf_sync.today_in_oslo()
returns date
language sql
stable
set search_path = ''
as $$
  select (now() at time zone 'Europe/Oslo')::date
$$;
comment on function hlf_sync.today_in_oslo() is 'The date that counts for certifications and nights.';

create function hlf_sync.run_night(on_date date)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  work record;
  problem text;
begin
  insert into public.hlf_nightly_runs (run_date) values (on_date) on conflict (run_date) do nothing;
  -- Two runs at once take turns; the second finds nothing left to do.
  perform from public.hlf_nightly_runs as r where r.run_date = on_date for update;
  begin
    select w.* into strict work from hlf_sync.work_on_certifications(on_date) as w;
    update public.hlf_nightly_runs as r set
      expired_count = r.expired_count + coalesce(work.expired, 0),
      reminder_count = r.reminder_count + coalesce(work.reminded, 0),
      duplicate_count = coalesce(work.duplicates, r.duplicate_count)
    where r.run_date = on_date;
    if work.duplicates is not null then
      perform hlf_sync.set_alert('duplicates', work.duplicates > 0, work.duplicates);
    end if;
  exception when others or query_canceled then
    problem := sqlstate;
    raise warning 'hlf-sync: the certifications of % could not be worked on (%)', on_date, sqlstate;
  end;
  perform hlf_sync.note_step('certifications', problem);
end
$$;
comment on function hlf_sync.run_night(date) is
  'Begins the night of a date in Europe/Oslo: certifications, before anything is asked of Dynamics. Running it again changes nothing.';
