-- What the compliance view counts. An invoker function: row level security decides what it sees.

create function public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date)
returns table (outcome public.hlf_sync_outcome, count bigint)
-- One plan for all, pruned as it runs: for a partitioned table, planning takes longer than counting.
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select known.outcome, known.attempts
  from (
    -- Not grouped: the rows would be sorted first.
    select
      count(*) filter (where log.outcome = 'success') as success,
      count(*) filter (where log.outcome = 'failure') as failure,
      count(*) filter (where log.outcome = 'dead_lettered') as dead_lettered
    from public.hlf_sync_audit_log as log
    where log.organisation_id = org_id
      and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
      and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
  ) as counted
  cross join lateral (values
    ('success'::public.hlf_sync_outcome, counted.success),
    ('failure', counted.failure),
    ('dead_lettered', counted.dead_lettered)
  ) as known (outcome, attempts);
end
$$;
comment on function public.get_hlf_sync_audit_summary(uuid, date, date) is
  'Attempts of an organisation by outcome, zeros included, for days in Europe/Oslo, both ends inclusive.';

create function public.get_hlf_sync_audit_days(
  org_id uuid,
  from_date date,
  to_date date,
  days_each integer default 1,
  of_mentor_id uuid default null,
  of_outcome public.hlf_sync_outcome default null
)
returns table (first_day date, success bigint, failure bigint, dead_lettered bigint)
-- Planned for each question, so that a filter that is not set costs nothing: the index alone answers then.
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  select
    from_date + ((log.created_at at time zone 'Europe/Oslo')::date - from_date) / days.each * days.each as first_day,
    count(*) filter (where log.outcome = 'success'),
    count(*) filter (where log.outcome = 'failure'),
    count(*) filter (where log.outcome = 'dead_lettered')
  from public.hlf_sync_audit_log as log
  cross join (values (greatest(days_each, 1))) as days (each)
  where log.organisation_id = org_id
    and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
    and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
    and (of_mentor_id is null or log.mentor_id = of_mentor_id)
    and (of_outcome is null or log.outcome = of_outcome)
  group by 1
  order by 1;
end
$$;
comment on function public.get_hlf_sync_audit_days(uuid, date, date, integer, uuid, public.hlf_sync_outcome) is
  'Attempts of an organisation by day in Europe/Oslo, or by so many days each; none for days without. Both ends inclusive.';

revoke execute on function
  public.get_hlf_sync_audit_summary(uuid, date, date),
  public.get_hlf_sync_audit_days(uuid, date, date, integer, uuid, public.hlf_sync_outcome)
from public, anon;
grant execute on function
  public.get_hlf_sync_audit_summary(uuid, date, date),
  public.get_hlf_sync_audit_days(uuid, date, date, integer, uuid, public.hlf_sync_outcome)
to authenticated, service_role;
