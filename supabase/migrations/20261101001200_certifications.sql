-- Certifications, a module that an app may leave out: reminders 30, 14 and 7 days before the last valid day, and the end of
-- being shown after it. It reads the ports, and asks the app to note an expiry.

create table public.hlf_certification_policies (
  organisation_id uuid primary key,
  threshold_days integer[] not null default '{30,14,7}',
  -- A day so far off that a date ends would stop the reminders of everybody.
  constraint thresholds_are_days check (
    0 <= all (threshold_days) and 3650 >= all (threshold_days) and array_position(threshold_days, null) is null
  )
);
comment on table public.hlf_certification_policies is 'Organisations that want other reminders than the default {30,14,7}.';
comment on column public.hlf_certification_policies.threshold_days is
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

create table public.hlf_mentor_status_transitions (
  id uuid primary key default hlf_sync.uuid_v7(),
  organisation_id uuid not null,
  mentor_id uuid not null,
  from_status text not null,
  to_status text not null,
  certification_expiry_date date not null,
  created_at timestamptz not null default now()
);
comment on table public.hlf_mentor_status_transitions is 'Status changes that the night made because a certification expired.';
create index hlf_mentor_status_transitions_organisation_id_created_at_idx
on public.hlf_mentor_status_transitions (organisation_id, created_at);

alter table public.hlf_certification_policies enable row level security;
alter table public.cert_expiry_reminders enable row level security;
alter table public.hlf_mentor_status_transitions enable row level security;

create policy "Coordinators read their organisations' policy"
on public.hlf_certification_policies for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "Coordinators read their organisations' reminders"
on public.cert_expiry_reminders for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "Coordinators read their organisations' transitions"
on public.hlf_mentor_status_transitions for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create function hlf_sync.expire_mentors(mentor_ids uuid[], on_date date)
returns setof uuid
language sql
security definer
set search_path = ''
as $$
  select null::uuid where false
$$;
comment on function hlf_sync.expire_mentors(uuid[], date) is
  'Port of this module: notes in the app that the certification of these mentors ended before the date, of those for whom that is '
  'still so, and returns them. A mentor whom an open transaction has locked is left to the next hour.';

create function hlf_sync.note_expiries(mentor_ids uuid[], on_date date)
returns integer
language sql
set search_path = ''
as $$
  with ended as (
    select m.mentor_id, m.organisation_id, c.expires_on
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    where m.mentor_id = any (mentor_ids)
  ), expired as (
    select ended.*
    from hlf_sync.expire_mentors(mentor_ids, on_date) as e (mentor_id)
    join ended on ended.mentor_id = e.mentor_id
  ), transition as (
    insert into public.hlf_mentor_status_transitions (
      organisation_id, mentor_id, from_status, to_status, certification_expiry_date
    )
    select organisation_id, mentor_id, 'active', 'expired_cert', expires_on from expired
  ), notification as (
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
    select organisation_id, mentor_id, 'certification_expired' from expired
  )
  select count(*)::integer from expired
$$;
comment on function hlf_sync.note_expiries(uuid[], date) is
  'Has the app expire some mentors, each with a transition and a notification; returns how many.';

create function hlf_sync.expire_certifications(on_date date)
returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  ids constant uuid[] := array(
    select m.mentor_id
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    where m.is_shown and c.expires_on < on_date
    order by m.mentor_id
  );
  id uuid;
  expired integer := 0;
  problem text;
begin
  perform hlf_sync.assert_day_has_come(on_date);
  begin
    expired := hlf_sync.note_expiries(ids, on_date);
  exception when others then
    -- A trigger of the app, say, that refuses one of them must not keep the others on the website.
    foreach id in array ids loop
      begin
        expired := expired + hlf_sync.note_expiries(array[id], on_date);
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
  'Expires shown mentors whose last valid day is before the date, each with a transition; returns how many.';

create function hlf_sync.remind_of_certifications(on_date date)
returns integer
language sql
set search_path = ''
as $$
  select hlf_sync.assert_day_has_come(on_date);
  with reminder as (
    -- Thresholds of nights that were missed are caught up; the unique constraint keeps each to one reminder.
    insert into public.cert_expiry_reminders (
      organisation_id, mentor_id, threshold_day, certification_expiry_date
    )
    select m.organisation_id, m.mentor_id, threshold.day, c.expires_on
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    left join public.hlf_certification_policies as policy on policy.organisation_id = m.organisation_id
    cross join lateral unnest(coalesce(policy.threshold_days, '{30,14,7}')) as threshold (day)
    where m.is_shown
      and c.expires_on >= on_date
      and c.expires_on - threshold.day <= on_date
    on conflict (mentor_id, threshold_day, certification_expiry_date) do nothing
    returning organisation_id, mentor_id
  ), notification as (
    -- Whoever catches up several thresholds at once is still told only once.
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
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
set search_path = ''
as $$
  select count(*)::integer
  from (
    select from public.hlf_mentor_status_transitions
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

create or replace function hlf_sync.work_on_certifications(
  on_date date, out reminded integer, out expired integer, out duplicates integer
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Reminders first: a certification that expired last night is reminded of no more.
  reminded := hlf_sync.try_step(
    'reminders of certifications', format('select hlf_sync.remind_of_certifications(%L)', on_date)
  );
  expired := hlf_sync.try_step(
    'expiry of certifications', format('select hlf_sync.expire_certifications(%L)', on_date)
  );
  duplicates := hlf_sync.try_step('compensation query', 'select hlf_sync.count_certification_duplicates()');
end
$$;
comment on function hlf_sync.work_on_certifications(date) is
  'Reminders, expiries and the compensation query of one date; each a step of its own.';

-- An app that has left the module out may add it later; else this is done with all the others.
do $$
begin
  if to_regprocedure('hlf_sync.restore_privileges()') is not null then
    perform hlf_sync.restore_privileges();
  end if;
end
$$;
