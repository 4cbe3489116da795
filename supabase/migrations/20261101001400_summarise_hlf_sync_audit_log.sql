-- What the compliance view counts. An invoker function: row level security decides what it sees.

create function public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date)
returns table (outcome public.hlf_sync_outcome, count bigint)
language sql
stable
set search_path = ''
as $$
  select known.outcome, count(log.outcome)
  from unnest(enum_range(null::public.hlf_sync_outcome)) as known (outcome)
  left join public.hlf_sync_audit_log as log
    on log.outcome = known.outcome
    and log.organisation_id = org_id
    and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
    and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
  group by known.outcome
  order by known.outcome
$$;
comment on function public.get_hlf_sync_audit_summary(uuid, date, date) is
  'Attempts of an organisation by outcome, zeros included, for days in Europe/Oslo, both ends inclusive.';

revoke execute on function public.get_hlf_sync_audit_summary(uuid, date, date) from public, anon;
grant execute on function public.get_hlf_sync_audit_summary(uuid, date, date) to authenticated, service_role;
