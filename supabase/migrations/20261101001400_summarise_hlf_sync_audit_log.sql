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
  select known.outcome, coalesce(counted.attempts, 0)
  from unnest(enum_range(null::public.hlf_sync_outcome)) as known (outcome)
  left join (
    select log.outcome, count(*) as attempts
    from public.hlf_sync_audit_log as log
    where log.organisation_id = org_id
      and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
      and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
    group by log.outcome
  ) as counted on counted.outcome = known.outcome
  order by known.outcome;
end
$$;
comment on function public.get_hlf_sync_audit_summary(uuid, date, date) is
  'Attempts of an organisation by outcome, zeros included, for days in Europe/Oslo, both ends inclusive.';

revoke execute on function public.get_hlf_sync_audit_summary(uuid, date, date) from public, anon;
grant execute on function public.get_hlf_sync_audit_summary(uuid, date, date) to authenticated, service_role;
