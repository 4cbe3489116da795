-- The end of some attempts and the start of others in one round trip: a worker with a backlog hands back what was
-- answered and takes as many more, so that no request to Dynamics waits for two.

create function hlf_sync.exchange_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[],
  batch_size integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text default null
)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text,
  is_last boolean,
  is_busy boolean
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- The gate before any row, as in a claim, so that two workers who exchange never wait for each other.
  perform from public.hlf_sync_gate for update;

  return query
  select
    settlement.attempt_id, null::uuid, null::uuid, null::public.hlf_sync_operation, null::integer, null::text,
    null::boolean, settlement.settled is null
  from hlf_sync.settle_attempts(
    attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds
  ) as settlement
  where settlement.settled is not true;

  return query
  select claim.*, false from hlf_sync.claim_attempts(
    batch_size, lease_seconds, max_attempts, null, project_url => exchange_attempts.project_url
  ) as claim;
end
$$;
comment on function hlf_sync.exchange_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[], integer, integer, integer, text
) is 'Settles, then claims: what is settled makes room for what is claimed.';

create function public.exchange_hlf_sync_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[],
  batch_size integer,
  lease_seconds integer,
  max_attempts integer,
  project_url text default null
)
returns table (
  attempt_id uuid,
  mentor_id uuid,
  organisation_id uuid,
  operation public.hlf_sync_operation,
  retry_count integer,
  triggered_by_event text,
  is_last boolean,
  is_busy boolean
)
language sql
set search_path = ''
as $$
  select * from hlf_sync.exchange_attempts(
    attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds, batch_size, lease_seconds, max_attempts,
    project_url
  )
$$;
comment on function public.exchange_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[], integer, integer, integer, text
) is
  'For the function: settle_hlf_sync_attempts and claim_hlf_sync_attempts in one. A row without a mentor is a settlement '
  'whose lease was lost or, where is_busy, one to be reported again; all others are claimed.';

revoke execute on function public.exchange_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[], integer, integer, integer, text
) from public, anon, authenticated;
grant execute on function
  hlf_sync.exchange_attempts(
    uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[], integer, integer, integer, text
  ),
  public.exchange_hlf_sync_attempts(
    uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[], integer, integer, integer, text
  )
to service_role;
