-- Seals: the triggers stop everyone but an owner who switches them off; what such a one changes, a seal tells. Each
-- covers the rows of one day in UTC, so that a yearly partition is a whole number of sealed days.

create table public.hlf_sync_audit_seals (
  day date primary key,
  row_count bigint not null,
  digest text not null,
  previous_digest text,
  sealed_at timestamptz not null default now(),
  constraint digests_are_sha256 check (digest ~ '^[0-9a-f]{64}$' and previous_digest ~ '^[0-9a-f]{64}$'),
  -- A day that goes on gets more rows, which its seal would call added for ever.
  constraint day_is_over check (day < (least(sealed_at, now()) at time zone 'UTC')::date)
);
comment on table public.hlf_sync_audit_seals is 'Append-only: one row a day (UTC), chained to the day before.';
comment on column public.hlf_sync_audit_seals.digest is
  'SHA-256 in hex of previous digest, day, row count and rows, a line each; rows in the order of created_at and id.';
comment on column public.hlf_sync_audit_seals.previous_digest is 'Digest of the day before; null for the first day.';

alter table public.hlf_sync_audit_seals enable row level security;
alter table public.hlf_sync_audit_seals force row level security;

-- Coordinators have them checked instead: a seal counts the rows of every organisation.
create policy "Administrators read seals"
on public.hlf_sync_audit_seals for select to authenticated
using ((select hlf_sync.is_hlf_administrator()));

select hlf_sync.make_append_only('public.hlf_sync_audit_seals');

create table public.hlf_sync_detached_partitions (
  partition_year integer primary key,
  row_count bigint not null,
  detached_at timestamptz not null default now()
);
comment on table public.hlf_sync_detached_partitions is
  'Append-only: years whose rows have left the log after five years; their seals stay.';

alter table public.hlf_sync_detached_partitions enable row level security;

create policy "Administrators read detached years"
on public.hlf_sync_detached_partitions for select to authenticated
using ((select hlf_sync.is_hlf_administrator()));

select hlf_sync.make_append_only('public.hlf_sync_detached_partitions');

create function hlf_sync.digest_audit_day(day date, previous_digest text)
returns table (row_count bigint, digest text)
language sql
stable
set search_path = ''
as $$
  select
    count(*),
    encode(sha256(convert_to(
      concat_ws(e'\n', coalesce(previous_digest, ''), to_char(day, 'YYYY-MM-DD'), count(*)::text,
        -- No value can hold a bar or a line break: ids, numbers, enums, closed vocabularies and times.
        string_agg(
          concat_ws('|', log.id, log.organisation_id, log.mentor_id, log.operation,
            coalesce(log.dynamics_response_code::text, ''), log.retry_count, log.outcome,
            coalesce(log.error_message, ''), log.triggered_by_event,
            to_char(log.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
          e'\n' order by log.created_at, log.id
        )
      ),
      'UTF8'
    )), 'hex')
  from public.hlf_sync_audit_log as log
  where log.created_at >= day::timestamp at time zone 'UTC'
    and log.created_at < (day + 1)::timestamp at time zone 'UTC'
$$;
comment on function hlf_sync.digest_audit_day(date, text) is
  'What the seal of a day has to say, from the rows as they are now.';

create function hlf_sync.seal_audit_log(until date default (now() at time zone 'UTC')::date)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  last_seal public.hlf_sync_audit_seals;
  next_day date;
  sealed integer := 0;
begin
  -- Sealing is one at a time, or two jobs would fork the chain.
  perform pg_advisory_xact_lock(hashtextextended('hlf_sync_audit_seals', 0));
  select s.* into last_seal from public.hlf_sync_audit_seals as s order by s.day desc limit 1;
  if (select p.sealed_until from hlf_sync.pulse as p) > coalesce(last_seal.day, '-infinity') then
    -- Sealing anew would make seals that somebody took away as if nothing had been.
    perform hlf_sync.raise_alert('seal_broken');
    return 0;
  end if;
  next_day := coalesce(
    last_seal.day + 1,
    (select (min(log.created_at) at time zone 'UTC')::date from public.hlf_sync_audit_log as log)
  );
  while next_day < until loop
    insert into public.hlf_sync_audit_seals (day, row_count, digest, previous_digest)
    select next_day, d.row_count, d.digest, last_seal.digest
    from hlf_sync.digest_audit_day(next_day, last_seal.digest) as d
    returning * into last_seal;
    sealed := sealed + 1;
    next_day := next_day + 1;
  end loop;
  if sealed > 0 then
    update hlf_sync.pulse as p set sealed_until = last_seal.day where p.id;
  end if;
  return sealed;
end
$$;
comment on function hlf_sync.seal_audit_log(date) is
  'Seals every day before the given one (UTC) that has no seal yet, from the first row on; returns how many. Refuses a day that is '
  'not over. Seals that were taken away are not made anew.';

create function hlf_sync.verify_audit(from_day date, to_day date, as_of timestamptz default now())
returns table (is_intact boolean, checked_days integer, first_bad_day date, reason text)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  first_sealed constant date := (select min(s.day) from public.hlf_sync_audit_seals as s);
  first_day constant date := case
    when from_day >= first_sealed then first_sealed
    else least(first_sealed, (
      select (min(log.created_at) at time zone 'UTC')::date
      from public.hlf_sync_audit_log as log
      -- Only rows from before the first seal matter: the least of all would have every partition read.
      where log.created_at < coalesce(first_sealed::timestamp at time zone 'UTC', 'infinity')
    ))
  end;
  -- Days are sealed by the night after; the last one may still be waiting for it.
  last_day constant date := least(to_day, (as_of at time zone 'UTC')::date - 2);
  this_day date := greatest(from_day, first_day);
  seal public.hlf_sync_audit_seals;
  previous public.hlf_sync_audit_seals;
  found_rows record;
  detached public.hlf_sync_detached_partitions;
  days integer := 0;
  problem text;
begin
  if first_day is null then
    -- Nothing at all is intact only where nothing has been: what Dynamics confirmed two days ago left a row and a seal.
    select (min(s.confirmed_at) at time zone 'UTC')::date into this_day
    from public.hlf_sync_state as s
    where s.confirmed_at < as_of - interval '2 days';
    if this_day is not null then
      problem := 'log and seals missing';
    end if;
    return query select problem is null, 0, this_day, problem;
    return;
  end if;
  while this_day <= greatest(last_day, (select max(s.day) from public.hlf_sync_audit_seals as s where s.day <= to_day)) loop
    select s.* into seal from public.hlf_sync_audit_seals as s where s.day = this_day;
    select s.* into previous from public.hlf_sync_audit_seals as s where s.day = this_day - 1;
    select p.* into detached
    from public.hlf_sync_detached_partitions as p
    where p.partition_year = extract(year from this_day);

    select d.row_count, d.digest into found_rows
    from hlf_sync.digest_audit_day(this_day, seal.previous_digest) as d;

    if seal.day is null then
      problem := 'seal missing';
    elsif seal.previous_digest is distinct from previous.digest then
      problem := 'seal does not follow from the day before';
    -- A note of a time to come is forged: it would hide rows that have to be there.
    elsif detached.detached_at < make_timestamptz(detached.partition_year + 6, 1, 1, 0, 0, 0, 'UTC')
      or detached.detached_at > as_of
    then
      problem := 'rows detached too early';
    -- The rows of a detached year are gone by design; what vouches for them is the export and its manifest.
    elsif found_rows.row_count > (case when detached.partition_year is null then seal.row_count else 0 end) then
      problem := 'row added';
    elsif detached.partition_year is null and found_rows.row_count < seal.row_count then
      problem := 'row missing';
    elsif detached.partition_year is null and found_rows.digest <> seal.digest then
      problem := 'row changed';
    end if;

    if problem is not null then
      return query select false, days, this_day, problem;
      return;
    end if;
    days := days + 1;
    this_day := this_day + 1;
  end loop;
  return query select true, days, null::date, null::text;
end
$$;
comment on function hlf_sync.verify_audit(date, date, timestamptz) is
  'Compares rows and seals of a range of days (UTC) and names the first day that does not match, and why.';

create function public.verify_hlf_sync_audit(from_day date, to_day date)
returns table (is_intact boolean, checked_days integer, first_bad_day date, reason text)
language plpgsql
stable
set search_path = ''
as $$
begin
  -- It reads years of rows, and anybody can sign up.
  if current_user = 'authenticated' and not hlf_sync.is_hlf_administrator()
    and not exists (select hlf_sync.coordinated_organisation_ids())
  then
    raise exception 'Only coordinators may verify the log' using errcode = '42501';
  end if;
  return query select * from hlf_sync.verify_audit(from_day, to_day);
end
$$;
comment on function public.verify_hlf_sync_audit(date, date) is
  'For coordinators, administrators and the function: whether the log matches its seals; tells nothing of the rows.';

create function hlf_sync.check_audit_seals(at timestamptz default now())
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  today constant date := (at at time zone 'UTC')::date;
  -- Each night goes 13 days further, in a year that has moved on by one: after thirty nights every day was looked at.
  turn constant date := today - 366 + 13 * ((today - '2000-01-01'::date) % 30);
  is_open constant boolean := exists (
    select from public.hlf_sync_alerts as a where a.kind = 'seal_broken' and a.closed_at is null
  );
  verified record;
  is_broken boolean;
begin
  -- The last days, and a part of the year in turn, so that it stays far below the time that a statement may take; older years
  -- are verified when they are exported. The whole year before the alert closes.
  select v.* into strict verified
  from unnest(
    case when is_open then array[today - 366] else array[turn, today - 8] end,
    case when is_open then array[today] else array[turn + 13, today] end
  ) as part (from_day, to_day)
  cross join lateral hlf_sync.verify_audit(part.from_day, part.to_day, at) as v
  order by v.is_intact, v.first_bad_day
  limit 1;
  is_broken := not verified.is_intact
    -- A seal that was never made is late, which is what sealing_stopped tells.
    and not (
      verified.reason = 'seal missing'
      and verified.first_bad_day > coalesce((select p.sealed_until from hlf_sync.pulse as p), '-infinity')
    );
  update hlf_sync.pulse as p set broken_day = case when is_broken then verified.first_bad_day end where p.id;
  perform hlf_sync.set_alert('seal_broken', is_broken);
end
$$;
comment on function hlf_sync.check_audit_seals(timestamptz) is
  'Verifies the last eight days and a thirtieth of the year in turn (all of it while the alert is open), and opens or closes the '
  'alert seal_broken.';

create function hlf_sync.watch_seals()
returns void
language plpgsql
set search_path = ''
as $$
declare
  pulse hlf_sync.pulse;
  last_seal public.hlf_sync_audit_seals;
begin
  select p.* into strict pulse from hlf_sync.pulse as p;
  select s.* into last_seal from public.hlf_sync_audit_seals as s order by s.day desc limit 1;
  if pulse.sealed_until > coalesce(last_seal.day, '-infinity')
    or (
      last_seal.row_count > 0
      and not exists (
        select from public.hlf_sync_audit_log as log
        where log.created_at >= last_seal.day::timestamp at time zone 'UTC'
          and log.created_at < (last_seal.day + 1)::timestamp at time zone 'UTC'
      )
    )
  then
    -- The grossest tampering is seen at once: seals or rows that are gone altogether.
    perform hlf_sync.raise_alert('seal_broken');
  elsif exists (select from public.hlf_sync_alerts as a where a.kind = 'seal_broken' and a.closed_at is null)
    -- The year is verified again only once the day that was broken is whole.
    and (
      pulse.broken_day is null
      or (select v.is_intact from hlf_sync.verify_audit(pulse.broken_day, pulse.broken_day) as v)
    )
  then
    perform hlf_sync.check_audit_seals();
  end if;
end
$$;
comment on function hlf_sync.watch_seals() is
  'seal_broken: seals that were made are gone, or all rows of the last sealed day. Verifies anew once what was broken is whole.';

create function hlf_sync.detach_audit_log_partition(partition_year integer)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  first_day constant date := make_date(partition_year, 1, 1);
  last_day constant date := make_date(partition_year, 12, 31);
  free_from constant timestamptz := make_timestamptz(partition_year + 6, 1, 1, 0, 0, 0, 'UTC');
  partition_name constant text := format('hlf_sync.audit_log_%s', partition_year);
  verified record;
  kept bigint;
begin
  if now() < free_from then
    raise exception 'Cannot detach %: rows are kept five years, until %', partition_year, free_from
      using errcode = '42501';
  end if;
  if not exists (
    select from pg_catalog.pg_inherits
    where inhparent = 'public.hlf_sync_audit_log'::regclass and inhrelid = to_regclass(partition_name)
  ) then
    raise exception 'Cannot detach %: there is no such partition', partition_year using errcode = '42P01';
  end if;
  if not exists (select from public.hlf_sync_audit_seals as s where s.day = last_day) then
    raise exception 'Cannot detach %: it is not sealed to its end', partition_year using errcode = '55000';
  end if;
  select v.* into verified from hlf_sync.verify_audit(first_day, last_day) as v;
  if not verified.is_intact then
    raise exception 'Cannot detach %: % on %', partition_year, verified.reason, verified.first_bad_day
      using errcode = '55000';
  end if;
  execute format('select count(*) from %s', partition_name) into kept;
  execute format('alter table public.hlf_sync_audit_log detach partition %s', partition_name);
  insert into public.hlf_sync_detached_partitions (partition_year, row_count)
  values (detach_audit_log_partition.partition_year, kept);
  return kept;
end
$$;
comment on function hlf_sync.detach_audit_log_partition(integer) is
  'Takes a year wholly older than five years by the clock of the database out of the log, as a table that is still append-only, '
  'and notes it.';
