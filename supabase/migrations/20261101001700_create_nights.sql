-- The night: certifications first, in SQL alone, so that an expiry takes effect even while the function is down.
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

create table public.certification_policies (
  organisation_id uuid primary key references public.organisations (id) on delete cascade,
  threshold_days integer[] not null default '{30,14,7}',
  constraint thresholds_are_days check (0 <= all (threshold_days) and array_position(threshold_days, null) is null)
);
comment on table public.certification_policies is 'Organisations that want other reminders than the default {30,14,7}.';
comment on column public.certification_policies.threshold_days is
  'Days before the last valid day on which a reminder is sent; empty for none.';

create table public.cert_expiry_reminders (
  id uuid primary key default hlf_sync.uuid_v7(),
  organisation_id uuid not null,
  mentor_id uuid not null,
  threshold_day integer not null,
  certification_expiry_date date not null,
  created_at timestamptz not null default now(),
  unique (mentor_id, threshold_day, certification_expiry_date)
);
comment on table public.cert_expiry_reminders is 'Reminders sent: one per mentor, threshold and certification period.';
create index cert_expiry_reminders_organisation_id_created_at_idx
on public.cert_expiry_reminders (organisation_id, created_at);

create table public.mentor_status_transitions (
  id uuid primary key default hlf_sync.uuid_v7(),
  organisation_id uuid not null,
  mentor_id uuid not null,
  from_status public.mentor_status not null,
  to_status public.mentor_status not null,
  certification_expiry_date date not null,
  created_at timestamptz not null default now()
);
comment on table public.mentor_status_transitions is 'Status changes that the night made because a certification expired.';
create index mentor_status_transitions_organisation_id_created_at_idx
on public.mentor_status_transitions (organisation_id, created_at);

alter table public.hlf_nightly_runs enable row level security;
alter table public.certification_policies enable row level security;
alter table public.cert_expiry_reminders enable row level security;
alter table public.mentor_status_transitions enable row level security;
revoke all on
  public.hlf_nightly_runs, public.certification_policies, public.cert_expiry_reminders,
  public.mentor_status_transitions
from public, anon, authenticated, service_role;
grant select on
  public.hlf_nightly_runs, public.certification_policies, public.cert_expiry_reminders,
  public.mentor_status_transitions
to service_role;
grant select on
  public.certification_policies, public.cert_expiry_reminders, public.mentor_status_transitions
to authenticated;
-- What a night counts, it counts in every organisation.
grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;
grant insert, update, delete on public.certification_policies to service_role;

create policy "Coordinators read nights"
on public.hlf_nightly_runs for select to authenticated
using (exists (select hlf_sync.coordinated_organisation_ids()));

create policy "Coordinators read their organisations' policy"
on public.certification_policies for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "Coordinators read their organisations' reminders"
on public.cert_expiry_reminders for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "Coordinators read their organisations' transitions"
on public.mentor_status_transitions for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create function hlf_sync.today_in_oslo()
returns date
language sql
stable
set search_path = ''
as $$
  select (now() at time zone 'Europe/Oslo')::date
$$;
comment on function hlf_sync.today_in_oslo() is 'The date that counts for certifications and nights.';

create function hlf_sync.expire_mentors(mentor_ids uuid[], on_date date)
returns integer
language sql
security definer
set search_path = ''
as $$
  with expired as (
    -- The current status is checked by the update itself: whoever paused or renewed meanwhile is left alone.
    update public.mentors as m set status = 'expired_cert', updated_at = now()
    where m.id = any (mentor_ids) and m.status = 'active' and m.certification_expiry_date < on_date
    returning m.id, m.organisation_id, m.certification_expiry_date
  ), transition as (
    insert into public.mentor_status_transitions (
      organisation_id, mentor_id, from_status, to_status, certification_expiry_date
    )
    select organisation_id, id, 'active', 'expired_cert', certification_expiry_date from expired
  ), notification as (
    insert into public.coordinator_notifications (organisation_id, mentor_id, kind)
    select organisation_id, id, 'certification_expired' from expired
  )
  select count(*)::integer from expired
$$;
comment on function hlf_sync.expire_mentors(uuid[], date) is
  'Expires those among some mentors who are active and whose last valid day is before the date; returns how many.';

create function hlf_sync.expire_certifications(on_date date)
returns integer
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  ids uuid[];
  id uuid;
  expired integer := 0;
  problem text;
begin
  -- A mentor whom an open transaction of the app has locked waits for the next hour's run; nobody waits for that one.
  ids := array(
    select m.id
    from public.mentors as m
    where m.status = 'active' and m.certification_expiry_date < on_date
    order by m.id
    for update skip locked
  );
  begin
    expired := hlf_sync.expire_mentors(ids, on_date);
  exception when others then
    -- A trigger of the app, say, that refuses one of them must not keep the others on the website.
    foreach id in array ids loop
      begin
        expired := expired + hlf_sync.expire_mentors(array[id], on_date);
      exception when others then
        problem := sqlstate;
        raise warning 'hlf-sync: mentor % cannot be expired (%)', id, sqlstate;
      end;
    end loop;
  end;
  perform hlf_sync.note_step('mentors whose certification expires', problem);
  return expired;
end
$$;
comment on function hlf_sync.expire_certifications(date) is
  'Active mentors whose last valid day is before the date become expired_cert, each with a transition; returns how many.';

create function hlf_sync.remind_of_certifications(on_date date)
returns integer
language sql
security definer
set search_path = ''
as $$
  with reminder as (
    -- Thresholds of nights that were missed are caught up; the unique constraint keeps each to one reminder.
    insert into public.cert_expiry_reminders (
      organisation_id, mentor_id, threshold_day, certification_expiry_date
    )
    select m.organisation_id, m.id, threshold.day, m.certification_expiry_date
    from public.mentors as m
    left join public.certification_policies as policy on policy.organisation_id = m.organisation_id
    cross join lateral unnest(coalesce(policy.threshold_days, '{30,14,7}')) as threshold (day)
    where m.status = 'active'
      and m.certification_expiry_date >= on_date
      and m.certification_expiry_date - threshold.day <= on_date
    on conflict (mentor_id, threshold_day, certification_expiry_date) do nothing
    returning organisation_id, mentor_id
  ), notification as (
    -- Whoever catches up several thresholds at once is still told only once.
    insert into public.coordinator_notifications (organisation_id, mentor_id, kind)
    select distinct organisation_id, mentor_id, 'certification_reminder' from reminder
  )
  select count(*)::integer from reminder
$$;
comment on function hlf_sync.remind_of_certifications(date) is
  'Reminds of certifications that expire within a threshold of their organisation; returns how many reminders are new.';

create function hlf_sync.count_certification_duplicates()
returns integer
language sql
stable
security definer
set search_path = ''
as $$
  select count(*)::integer
  from (
    select from public.mentor_status_transitions
    group by mentor_id, to_status, certification_expiry_date
    having count(*) > 1 and max(created_at) > now() - interval '26 hours'
    union all
    select from public.cert_expiry_reminders
    group by mentor_id, threshold_day, certification_expiry_date
    having count(*) > 1 and max(created_at) > now() - interval '26 hours'
  ) as duplicates
$$;
comment on function hlf_sync.count_certification_duplicates() is
  'Compensation query: certification periods with more than one transition, or more than one reminder of a threshold, the '
  'last of them within 26 hours: an older case was told of, and must not hide the next one.';

create function hlf_sync.check_certification_duplicates(on_date date)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  duplicates constant integer := hlf_sync.count_certification_duplicates();
begin
  update public.hlf_nightly_runs as r set duplicate_count = duplicates where r.run_date = on_date;
  perform hlf_sync.set_alert('duplicates', duplicates > 0, duplicates);
  return duplicates;
end
$$;
comment on function hlf_sync.check_certification_duplicates(date) is
  'Notes for a night what the compensation query finds, and opens or closes the alert.';

create function hlf_sync.run_night(on_date date)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  expired integer;
  reminded integer;
begin
  insert into public.hlf_nightly_runs (run_date) values (on_date) on conflict (run_date) do nothing;
  -- Two runs at once take turns; the second finds nothing left to do.
  perform from public.hlf_nightly_runs as r where r.run_date = on_date for update;

  -- Reminders first: a certification that expired last night is reminded of no more.
  reminded := hlf_sync.try_step(
    'reminders of certifications', format('select hlf_sync.remind_of_certifications(%L)', on_date)
  );
  expired := hlf_sync.try_step(
    'expiry of certifications', format('select hlf_sync.expire_certifications(%L)', on_date)
  );
  update public.hlf_nightly_runs as r set
    expired_count = r.expired_count + coalesce(expired, 0),
    reminder_count = r.reminder_count + coalesce(reminded, 0)
  where r.run_date = on_date;

  perform hlf_sync.try_step('compensation query', format('select hlf_sync.check_certification_duplicates(%L)', on_date));
end
$$;
comment on function hlf_sync.run_night(date) is
  'Certifications of one date in Europe/Oslo: reminders, expiries, compensation query. Running it again changes nothing.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  hlf_sync.today_in_oslo,
  hlf_sync.expire_mentors,
  hlf_sync.expire_certifications,
  hlf_sync.remind_of_certifications,
  hlf_sync.count_certification_duplicates,
  hlf_sync.check_certification_duplicates,
  hlf_sync.run_night
from public;
