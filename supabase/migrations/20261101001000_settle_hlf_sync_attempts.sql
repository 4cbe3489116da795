-- The end of an attempt: what the worker learned, or that it died, becomes the mentor's state.

create function private.settle_hlf_sync_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[]
)
returns table (attempt_id uuid, settled boolean)
language plpgsql
security definer
set search_path = ''
as $$
declare
  settled_ids uuid[];
  dead_lettered boolean;
begin
  -- Taken in one order, as everywhere, so that settling and requesting never deadlock.
  perform from public.hlf_sync_state as s
  where s.in_flight_attempt_id = any (attempt_ids)
  order by s.mentor_id
  for update;

  with answer as (
    select a.*
    from unnest(attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds)
      as a (attempt_id, outcome, response_code, error_message, retry_delay_seconds)
  ), settled_attempt as (
    update private.hlf_sync_attempts as t set
      settled_at = clock_timestamp(),
      outcome = answer.outcome,
      response_code = answer.response_code,
      error_message = answer.error_message
    from answer
    where t.attempt_id = answer.attempt_id and t.outcome is null
    returning t.*, answer.retry_delay_seconds
  ), settled_state as (
    update public.hlf_sync_state as s set
      in_flight_attempt_id = null,
      last_error = t.error_message,
      confirmed_operation = case when t.outcome = 'success' then t.operation else s.confirmed_operation end,
      confirmed_generation = case when t.outcome = 'success' then t.generation else s.confirmed_generation end,
      confirmed_at = case when t.outcome = 'success' then t.settled_at else s.confirmed_at end,
      -- A newer generation is due already and starts with all its attempts; only the current one is finished here.
      due_at = case
        when s.generation <> t.generation then s.due_at
        when t.outcome = 'failure' then t.settled_at + make_interval(secs => coalesce(t.retry_delay_seconds, 0))
      end,
      attempts = case when s.generation = t.generation and t.outcome = 'success' then 0 else s.attempts end,
      dead_lettered_at = case
        when s.generation = t.generation and t.outcome = 'dead_lettered' then t.settled_at
        else s.dead_lettered_at
      end,
      updated_at = now()
    from settled_attempt as t
    where s.in_flight_attempt_id = t.attempt_id
    returning s.mentor_id, s.organisation_id, t.attempt_id, s.dead_lettered_at = t.settled_at as is_dead_letter
  ), notification as (
    insert into public.coordinator_notifications (organisation_id, mentor_id, kind)
    select state.organisation_id, state.mentor_id, 'dead_lettered'
    from settled_state as state
    where state.is_dead_letter
  )
  select array_agg(state.attempt_id), bool_or(state.is_dead_letter)
  into settled_ids, dead_lettered
  from settled_state as state;

  if dead_lettered then
    perform private.raise_alert('dead_letters');
  end if;

  return query
  select id, id = any (coalesce(settled_ids, '{}')) from unnest(attempt_ids) as id;
end
$$;
comment on function private.settle_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]
) is 'Settles attempts in flight, a batch at once. An attempt whose lease was lost is left as it is and told so.';

create function private.settle_interrupted_attempts()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  ids uuid[];
  outcomes public.hlf_sync_outcome[];
begin
  select array_agg(expired.attempt_id),
    array_agg(case when expired.is_last then 'dead_lettered' else 'failure' end::public.hlf_sync_outcome)
  into ids, outcomes
  from (
    select t.attempt_id, t.is_last
    from private.hlf_sync_attempts as t
    where t.outcome is null and t.lease_expires_at <= clock_timestamp()
    for update skip locked
  ) as expired;

  if ids is null then
    return 0;
  end if;
  perform private.settle_hlf_sync_attempts(
    ids,
    outcomes,
    array_fill(null::integer, array[cardinality(ids)]),
    array_fill('interrupted'::text, array[cardinality(ids)]),
    array_fill(0::double precision, array[cardinality(ids)])
  );
  return cardinality(ids);
end
$$;
comment on function private.settle_interrupted_attempts() is
  'Settles attempts whose worker let the lease run out as `interrupted`; they are due again at once.';

create function public.settle_hlf_sync_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[]
)
returns table (attempt_id uuid, settled boolean)
language sql
set search_path = ''
as $$
  select * from private.settle_hlf_sync_attempts(
    attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds
  )
$$;
comment on function public.settle_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]
) is 'For the function: reports what became of claimed attempts. `settled` is false where the lease was lost.';

revoke execute on function public.settle_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]
) from public, anon, authenticated;
grant execute on function
  private.settle_hlf_sync_attempts(uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]),
  public.settle_hlf_sync_attempts(uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[])
to service_role;

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on all functions in schema private from public;
