-- The nightly run: certifications first, in SQL alone, so that an expiry takes effect even while the function is down; then
-- the listings. One row per date; running a night again finds everything done.

create function hlf_sync.today_in_oslo()
returns date
language sql
stable
set search_path = ''
as $$
  select (now() at time zone 'Europe/Oslo')::date
$$;
comment on function hlf_sync.today_in_oslo() is 'The date that counts for certifications and nights.';

create function hlf_sync.assert_day_has_come(on_date date)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if on_date > hlf_sync.today_in_oslo() then
    raise exception 'The day % has not come yet', on_date using errcode = '22023';
  end if;
end
$$;
comment on function hlf_sync.assert_day_has_come(date) is
  'Raises 22023 for a day to come in Europe/Oslo: worked on as if it were today, it would expire everybody whose certificate ends '
  'before it.';

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
  finished_at timestamptz,
  unaddressable_listing_count integer,
  refused_reading text,
  refused_listing_count integer,
  constraint refused_reading_is_known check (refused_reading in ('none', 'fewer', 'environment', 'unreadable')),
  -- A day that has come stays so, which is why the clock may stand in a constraint.
  constraint day_has_come check (run_date <= hlf_sync.today_in_oslo())
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
comment on column public.hlf_nightly_runs.unaddressable_listing_count is
  'Published listings with a key that an update cannot name: with braces, blanks, or without a mentor''s id.';
comment on column public.hlf_nightly_runs.refused_reading is
  'Why the last reading of this night was not believed: none or far fewer listings than the night before, another environment, '
  'or values that say nothing. Null once one was.';
comment on column public.hlf_nightly_runs.refused_listing_count is 'Listings in the reading that was not believed.';

alter table public.hlf_nightly_runs enable row level security;

create policy "Coordinators read nights"
on public.hlf_nightly_runs for select to authenticated
using (exists (select hlf_sync.coordinated_organisation_ids()));

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
  perform hlf_sync.assert_day_has_come(on_date);
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
  'Begins the night of a date in Europe/Oslo that has come: certifications, before anything is asked of Dynamics. Running it again '
  'changes nothing.';

-- A reading of the listings is plausible or it is not believed: absence is no statement. Dataverse leaves out, without a word,
-- what the application's user may not read, and an environment that was copied, reset or mistaken for another answers as well.

create function hlf_sync.refuse_reading(on_date date, reason text, listings integer)
returns void
language sql
set search_path = ''
as $$
  -- The next reading is minutes away: what is wrong is for a person to mend, and each reading costs a request a page.
  update public.hlf_nightly_runs as r set
    refused_reading = reason,
    refused_listing_count = listings,
    reconciliation_reader = null,
    reconciliation_lease_until = case when reason <> 'environment' then clock_timestamp() + interval '10 minutes' end
  where r.run_date = on_date;
  select hlf_sync.raise_alert('reading_implausible')
$$;
comment on function hlf_sync.refuse_reading(date, text, integer) is
  'Notes that a reading was not believed, and raises the alert; nothing else follows from it.';

create function hlf_sync.doubt_reading(on_date date, found_count integer)
returns text
language sql
stable
set search_path = ''
as $$
  select case
    when found_count = 0 and expected.listings > 0 then 'none'
    when found_count * 2 < expected.listings then 'fewer'
  end
  from (
    select coalesce(
      (select g.accepted_listing_count from public.hlf_sync_gate as g),
      (
        select r.listing_count from public.hlf_nightly_runs as r
        where r.run_date < on_date and r.finished_at is not null and r.listing_count is not null
        order by r.run_date desc
        limit 1
      ),
      -- Before the first night: who was confirmed shown has a listing.
      (select count(*)::integer from public.hlf_sync_state as s where s.confirmed_operation = 'restore')
    ) as listings
  ) as expected
$$;
comment on function hlf_sync.doubt_reading(date, integer) is
  'Why a reading of so many listings is not to be believed: none, or fewer than half of what is expected; null if it is.';

create function hlf_sync.read_tonight_again()
returns void
language sql
set search_path = ''
as $$
  update public.hlf_nightly_runs as r set reconciliation_lease_until = null
  where r.run_date = hlf_sync.today_in_oslo() and r.finished_at is null and r.reconciliation_reader is null
$$;
comment on function hlf_sync.read_tonight_again() is 'Lets the sweep begin a night anew whose reading was not believed.';

create function hlf_sync.accept_listing_count(listing_count integer)
returns void
language sql
set search_path = ''
as $$
  update public.hlf_sync_gate as g set accepted_listing_count = greatest(listing_count, 0) where g.id;
  select hlf_sync.read_tonight_again()
$$;
comment on function hlf_sync.accept_listing_count(integer) is
  'For an operator who knows that there are only so many listings now: the next reading is measured by that.';

create function hlf_sync.accept_environment(environment_id uuid default null)
returns void
language sql
set search_path = ''
as $$
  update public.hlf_sync_gate as g set environment_id = accept_environment.environment_id where g.id;
  select hlf_sync.read_tonight_again()
$$;
comment on function hlf_sync.accept_environment(uuid) is
  'For an operator who has moved to another environment: readings of it are believed; without an id, of whichever is read next.';

-- Reconciliation: what Dynamics shows against what the app wants, compared in SQL, so that the function's memory stays
-- flat however many listings there are.

create table hlf_sync.listings (
  reader uuid not null,
  mentor_id uuid not null,
  is_published boolean not null,
  is_addressable boolean not null,
  primary key (reader, mentor_id)
);
comment on table hlf_sync.listings is 'Listings that a reader has read so far; emptied when they have been compared.';
comment on column hlf_sync.listings.is_published is 'Of two listings of one mentor, one is enough for the website.';

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

create policy "Coordinators read their organisations' drifts"
on public.hlf_sync_drifts for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create function hlf_sync.begin_reconciliation(lease_seconds integer, on_date date, environment_id uuid default null)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  reader constant uuid := gen_random_uuid();
  gate public.hlf_sync_gate;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  perform hlf_sync.run_night(on_date);

  select g.* into strict gate from public.hlf_sync_gate as g;
  if gate.closed_until > clock_timestamp() then
    return null;
  end if;
  if gate.environment_id <> begin_reconciliation.environment_id then
    if exists (select from public.hlf_nightly_runs as r where r.run_date = on_date and r.finished_at is null) then
      perform hlf_sync.refuse_reading(on_date, 'environment', null);
    end if;
    return null;
  end if;

  update public.hlf_nightly_runs as r set
    reconciliation_started_at = clock_timestamp(),
    reconciliation_reader = reader,
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds),
    unaddressable_listing_count = 0
  where r.run_date = on_date
    and r.finished_at is null
    and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= clock_timestamp());
  if not found then
    return null;
  end if;
  if gate.environment_id is null then
    update public.hlf_sync_gate as g set environment_id = begin_reconciliation.environment_id where g.id;
  end if;
  -- What an interrupted reading left behind; a reader of another date, who still reads, keeps what is its own.
  delete from hlf_sync.listings as l
  where not exists (
    select from public.hlf_nightly_runs as r where r.reconciliation_reader = l.reader and r.finished_at is null
  );
  return reader;
end
$$;
comment on function hlf_sync.begin_reconciliation(integer, date, uuid) is
  'Runs the night of a date and hands its reconciliation to one reader; null when it is done or under way, while the gate is '
  'closed, or when Dynamics is another environment than the one noted at first.';

create function hlf_sync.lock_reconciliation(reader uuid)
returns public.hlf_nightly_runs
language plpgsql
set search_path = ''
as $$
declare
  run public.hlf_nightly_runs;
begin
  select r.* into run from public.hlf_nightly_runs as r where r.reconciliation_reader = reader for update;
  if not found then
    raise exception 'Another reader has taken this night over' using errcode = '55000';
  end if;
  return run;
end
$$;
comment on function hlf_sync.lock_reconciliation(uuid) is
  'The night of a reader, locked; raises 55000 for a reader whose lease ran out and was taken over.';

create function hlf_sync.report_listings(
  reader uuid,
  published_mentor_ids uuid[],
  hidden_mentor_ids uuid[],
  lease_seconds integer,
  unaddressable_mentor_ids uuid[],
  unaddressable_count integer
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
begin
  perform hlf_sync.assert_lease(lease_seconds);
  if run.finished_at is not null then
    raise exception 'This night is finished' using errcode = '55000';
  end if;
  insert into hlf_sync.listings as l (reader, mentor_id, is_published, is_addressable)
  select report_listings.reader, page.mentor_id, bool_or(page.is_published), bool_or(page.is_addressable)
  from (
    select p.mentor_id, true, true from unnest(published_mentor_ids) as p (mentor_id)
    union all
    select h.mentor_id, false, false from unnest(hidden_mentor_ids) as h (mentor_id)
    union all
    select u.mentor_id, true, false from unnest(unaddressable_mentor_ids) as u (mentor_id)
  ) as page (mentor_id, is_published, is_addressable)
  group by page.mentor_id
  on conflict on constraint listings_pkey do update set
    is_published = l.is_published or excluded.is_published,
    is_addressable = l.is_addressable or excluded.is_addressable;

  update public.hlf_nightly_runs as r set
    unaddressable_listing_count = r.unaddressable_listing_count + unaddressable_count,
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
  where r.run_date = run.run_date;
end
$$;
comment on function hlf_sync.report_listings(uuid, uuid[], uuid[], integer, uuid[], integer) is
  'Notes one page of listings and renews the lease of the reader; 55000 once the night is finished.';

create function hlf_sync.refuse_listings(reader uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
begin
  if run.finished_at is null then
    perform hlf_sync.refuse_reading(
      run.run_date, 'unreadable',
      (select count(*)::integer from hlf_sync.listings as l where l.reader = refuse_listings.reader)
    );
  end if;
end
$$;
comment on function hlf_sync.refuse_listings(uuid) is
  'Ends a reading whose values say nothing: a published column that is no boolean, a next link that repeats.';

create function hlf_sync.find_drifted_mentors(run public.hlf_nightly_runs)
returns table (
  mentor_id uuid,
  organisation_id uuid,
  wanted_operation public.hlf_sync_operation,
  is_published boolean,
  confirmed_at timestamptz,
  since timestamptz
)
language sql
stable
set search_path = ''
as $$
  select
    s.mentor_id, s.organisation_id, wanted.operation, l.is_published, s.confirmed_at,
    coalesce(s.confirmed_at, s.updated_at)
  from public.hlf_sync_state as s
  left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
  left join hlf_sync.listings as l on l.reader = run.reconciliation_reader and l.mentor_id = s.mentor_id
  cross join lateral (
    select case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation
  ) as wanted
  where (
      (wanted.operation = 'restore') is distinct from coalesce(l.is_published, false)
      -- Given up, but the listing is as it should be: the change arrived unseen, or HLF made it. One more attempt, and the
      -- dead letter is over.
      or s.dead_lettered_at is not null
    )
    -- What is under way, or was confirmed while the listings were being read, is judged next night.
    and s.due_at is null
    and s.in_flight_attempt_id is null
    and (s.confirmed_at is null or s.confirmed_at < run.reconciliation_started_at)
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
$$;
comment on function hlf_sync.find_drifted_mentors(public.hlf_nightly_runs) is
  'Mentors whose listing, as read in a night, differs from what the app wants, or who were given up.';

create function hlf_sync.finish_reconciliation(reader uuid)
returns table (
  listing_count integer, unknown_listing_count integer, drift_count integer, unaddressable_count integer, is_believed boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
  candidates uuid[];
  listings integer;
  unknown integer;
  drifts integer;
  requests hlf_sync.sync_request[];
  doubt text;
begin
  if run.finished_at is not null then
    return query select run.listing_count, run.unknown_listing_count, run.drift_count, run.unaddressable_listing_count, true;
    return;
  end if;

  select count(*), count(*) filter (where l.is_published and s.mentor_id is null)
  into listings, unknown
  from hlf_sync.listings as l
  left join public.hlf_sync_state as s on s.mentor_id = l.mentor_id
  where l.reader = finish_reconciliation.reader;

  doubt := hlf_sync.doubt_reading(run.run_date, listings);
  if doubt is not null then
    delete from hlf_sync.listings as l where l.reader = finish_reconciliation.reader;
    perform hlf_sync.refuse_reading(run.run_date, doubt, listings);
    return query select listings, unknown, 0, run.unaddressable_listing_count, false;
    return;
  end if;

  -- Locked first and judged again in a newer snapshot, as a claim does it; whoever changes just now is left to that.
  candidates := array(
    select s.mentor_id
    from public.hlf_sync_state as s
    where s.mentor_id in (select d.mentor_id from hlf_sync.find_drifted_mentors(run) as d)
    order by s.mentor_id
    for update skip locked
  );

  with drift as (
    insert into public.hlf_sync_drifts (
      run_date, mentor_id, organisation_id, wanted_operation, is_published, confirmed_at, age_seconds
    )
    select
      run.run_date, d.mentor_id, d.organisation_id, d.wanted_operation, d.is_published, d.confirmed_at,
      extract(epoch from clock_timestamp() - d.since)
    from hlf_sync.find_drifted_mentors(run) as d
    where d.mentor_id = any (candidates)
    returning mentor_id, organisation_id, wanted_operation, is_published
  ), judged as (
    -- Without a listing there is nothing to try again; whoever is given up for that waits for HLF, and is not told of
    -- to the coordinators every night. A listing that no update can name is not hidden by one either, and an attempt would
    -- find nothing and call that a success.
    select
      drift.*, case drift.wanted_operation
        when 'restore' then drift.is_published is not null or s.dead_lettered_at is null
          or coalesce(s.last_error, '') not like 'listing_not_found%'
        else l.is_addressable or drift.is_published is not true
      end as is_worth_an_attempt
    from drift
    join public.hlf_sync_state as s on s.mentor_id = drift.mentor_id
    left join hlf_sync.listings as l
      on l.reader = finish_reconciliation.reader and l.mentor_id = drift.mentor_id
  )
  select
    count(*),
    coalesce(
      array_agg(
        row(j.mentor_id, j.organisation_id, j.wanted_operation, 'nightly_reconciliation', null)::hlf_sync.sync_request
      ) filter (where j.is_worth_an_attempt),
      '{}'
    )
  into drifts, requests
  from judged as j;
  perform hlf_sync.request_sync(hlf_sync.pass_fuse('nightly run', requests));

  delete from hlf_sync.listings as l where l.reader = finish_reconciliation.reader;
  update public.hlf_nightly_runs as r set
    listing_count = listings,
    unknown_listing_count = unknown,
    drift_count = drifts,
    oldest_drift_seconds = (
      select max(d.age_seconds) from public.hlf_sync_drifts as d where d.run_date = run.run_date
    ),
    reconciliation_lease_until = null,
    refused_reading = null,
    refused_listing_count = null,
    finished_at = clock_timestamp()
  where r.run_date = run.run_date;
  update public.hlf_sync_gate as g set accepted_listing_count = null
  where g.id and g.accepted_listing_count is not null;
  perform hlf_sync.close_alert('nights_stopped');
  perform hlf_sync.close_alert('reading_implausible');
  perform hlf_sync.set_alert(
    'listings_unaddressable', run.unaddressable_listing_count > 0, run.unaddressable_listing_count
  );

  return query select listings, unknown, drifts, run.unaddressable_listing_count, true;
end
$$;
comment on function hlf_sync.finish_reconciliation(uuid) is
  'Compares all listings read with what the app wants, makes divergent mentors due and finishes the night, unless the '
  'reading is not to be believed. A dead letter for want of a listing stays one while there is none.';

create function public.begin_hlf_reconciliation(lease_seconds integer, environment_id uuid default null)
returns uuid
language sql
set search_path = ''
as $$
  select hlf_sync.begin_reconciliation(lease_seconds, hlf_sync.today_in_oslo(), environment_id)
$$;
comment on function public.begin_hlf_reconciliation(integer, uuid) is
  'For the function: the reader''s token for tonight''s listings; null when they are compared or another is reading.';

create function public.report_hlf_listings(
  reader uuid,
  published_mentor_ids uuid[],
  hidden_mentor_ids uuid[],
  lease_seconds integer,
  unaddressable_mentor_ids uuid[] default '{}',
  unaddressable_count integer default 0
)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.report_listings(
    reader, published_mentor_ids, hidden_mentor_ids, lease_seconds, unaddressable_mentor_ids, unaddressable_count
  )
$$;
comment on function public.report_hlf_listings(uuid, uuid[], uuid[], integer, uuid[], integer) is
  'For the function: one page of listings as read from Dynamics, and published ones whose key no update can name.';

create function public.refuse_hlf_listings(reader uuid)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.refuse_listings(reader)
$$;
comment on function public.refuse_hlf_listings(uuid) is 'For the function: what it reads says nothing and is not to be believed.';

create function public.finish_hlf_reconciliation(reader uuid)
returns table (
  listing_count integer, unknown_listing_count integer, drift_count integer, unaddressable_count integer, is_believed boolean
)
language sql
set search_path = ''
as $$
  select * from hlf_sync.finish_reconciliation(reader)
$$;
comment on function public.finish_hlf_reconciliation(uuid) is
  'For the function: all pages are read; compares them and makes divergent mentors due.';
