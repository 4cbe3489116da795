-- What a person asks first: is the website in step, and what came of the last attempt?

create view public.hlf_sync_mentor_status
with (security_invoker = true)
as
select
  s.mentor_id,
  s.organisation_id,
  s.wanted_operation,
  s.confirmed_operation,
  s.confirmed_at,
  s.due_at,
  s.dead_lettered_at,
  case
    when s.dead_lettered_at is not null then 'stuck'
    when s.due_at is not null or s.in_flight_attempt_id is not null then 'waiting'
    when s.wanted_operation is not distinct from s.confirmed_operation then 'in_step'
    else 'waiting'
  end as standing,
  last_attempt.id as last_attempt_id,
  last_attempt.operation as last_operation,
  last_attempt.outcome as last_outcome,
  last_attempt.dynamics_response_code as last_response_code,
  last_attempt.error_message as last_error_message,
  last_attempt.created_at as last_attempt_at
from public.hlf_sync_state as s
left join lateral (
  select log.*
  from public.hlf_sync_audit_log as log
  where log.mentor_id = s.mentor_id and log.organisation_id = s.organisation_id
  order by log.created_at desc
  limit 1
) as last_attempt on true;
comment on view public.hlf_sync_mentor_status is
  'Each mentor''s standing towards the website (in_step, waiting, stuck) and last attempt, as far as the caller may see.';

revoke all on public.hlf_sync_mentor_status from public, anon, authenticated, service_role;
grant select on public.hlf_sync_mentor_status to authenticated, service_role;
