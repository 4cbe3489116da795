-- A reading of the listings is plausible or it is not believed: absence is no statement. Dataverse leaves out, without a word,
-- what the application's user may not read, and an environment that was copied, reset or mistaken for another answers as well.

alter table public.hlf_nightly_runs
  add column unaddressable_listing_count integer,
  add column refused_reading text,
  add column refused_listing_count integer,
  add constraint refused_reading_is_known check (refused_reading in ('none', 'fewer', 'environment', 'unreadable'));
comment on column public.hlf_nightly_runs.unaddressable_listing_count is
  'Published listings with a key that an update cannot name: with braces, blanks, or without a mentor''s id.';
comment on column public.hlf_nightly_runs.refused_reading is
  'Why the last reading of this night was not believed: none or far fewer listings than the night before, another environment, '
  'or values that say nothing. Null once one was.';
comment on column public.hlf_nightly_runs.refused_listing_count is 'Listings in the reading that was not believed.';

create function hlf_sync.refuse_reading(on_date date, reason text, listings integer)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- The next reading is minutes away: what is wrong is for a person to mend, and each reading costs a request a page.
  update public.hlf_nightly_runs as r set
    refused_reading = reason,
    refused_listing_count = listings,
    reconciliation_reader = null,
    reconciliation_lease_until = case when reason <> 'environment' then clock_timestamp() + interval '10 minutes' end
  where r.run_date = on_date;
  perform hlf_sync.raise_alert('reading_implausible');
end
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
language plpgsql
set search_path = ''
as $$
begin
  update public.hlf_sync_gate as g set accepted_listing_count = greatest(listing_count, 0) where g.id;
  perform hlf_sync.read_tonight_again();
end
$$;
comment on function hlf_sync.accept_listing_count(integer) is
  'For an operator who knows that there are only so many listings now: the next reading is measured by that.';

create function hlf_sync.accept_environment(environment_id uuid default null)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.hlf_sync_gate as g set environment_id = accept_environment.environment_id where g.id;
  perform hlf_sync.read_tonight_again();
end
$$;
comment on function hlf_sync.accept_environment(uuid) is
  'For an operator who has moved to another environment: readings of it are believed; without an id, of whichever is read next.';
