-- The end of an attempt: what the worker learned, or that it died, becomes the mentor's state.

create type public.hlf_sync_settle_result as enum ('settled', 'lease_lost', 'busy');
comment on type public.hlf_sync_settle_result is
  'lease_lost: the database has settled the attempt already. busy: the mentor is locked just now, so it is to be settled again.';

create function hlf_sync.settle_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[]
)
returns table (
  attempt_id uuid,
  result public.hlf_sync_settle_result,
  outcome public.hlf_sync_outcome,
  due_in_seconds double precision
)
language plpgsql
security definer
set search_path = ''
-- As in hlf_sync.remaining_capacity.
set enable_seqscan = off
set jit = off
as $$
declare
  ours uuid[];
  gate public.hlf_sync_gate;
  settled_ids uuid[];
  last_confirmed timestamptz;
  probe_succeeded boolean;
  has_refusals constant boolean := exists (
    select from unnest(error_messages) as e (message) where hlf_sync.is_refusal(e.message)
  );
begin
  perform hlf_sync.assert_same_length(
    cardinality(attempt_ids), cardinality(outcomes), cardinality(response_codes), cardinality(error_messages),
    cardinality(retry_delays_seconds)
  );
  if has_refusals then
    -- Two settlements that judge refusals at once would each miss the other's. The gate before any row, as in a claim.
    perform from public.hlf_sync_gate for update;
  end if;
  select g.* into strict gate from public.hlf_sync_gate as g;
  -- The state before the attempts table and in one order, as everywhere, so that nobody deadlocks. Whoever is locked by an open
  -- transaction of the app is left for another call: one mentor must not hold up a batch. The way to the rows is by the
  -- attempts table and two primary keys: an index on in_flight_attempt_id would have to be kept by every claim and settlement.
  ours := array(
    select s.in_flight_attempt_id
    from public.hlf_sync_state as s
    where s.mentor_id = any (
        array(select t.mentor_id from hlf_sync.attempts as t where t.attempt_id = any (attempt_ids))
      )
      and s.in_flight_attempt_id = any (attempt_ids)
    order by s.mentor_id
    for update skip locked
  );

  with answer as (
    select a.*
    from unnest(attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds)
      as a (attempt_id, outcome, response_code, error_message, retry_delay_seconds)
    where a.attempt_id = any (ours)
  ), settled_attempt as (
    update hlf_sync.attempts as t set
      settled_at = clock_timestamp(),
      outcome = answer.outcome,
      response_code = answer.response_code,
      error_message = answer.error_message
    from answer
    where t.attempt_id = answer.attempt_id and t.outcome is null
    returning t.*, answer.retry_delay_seconds,
      t.error_message ~ '^credentials_rejected' as is_uncounted,
      t.due_again_at is not null and hlf_sync.is_outage(t.error_message) as is_vain_probe
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
        -- A probe in vain leaves the mentor's own series as it was.
        when t.is_vain_probe then t.due_again_at
        -- What comes to everybody must not have this mentor wait for hours once it is over; the gate holds it meanwhile.
        when t.outcome = 'failure' then t.settled_at + make_interval(
          secs => least(coalesce(t.retry_delay_seconds, 0), case when t.is_uncounted then 60 end)
        )
        -- An earlier request of the opposite operation whose answer was lost may still be carried out after this one.
        when t.outcome = 'success' and exists (
          select from hlf_sync.attempts as earlier
          where earlier.mentor_id = t.mentor_id
            and earlier.operation <> t.operation
            and earlier.error_message ~ '^(timeout|network|interrupted)'
            and earlier.settled_at > t.claimed_at - gate.late_commit_margin
        ) then t.settled_at + gate.late_commit_margin
      end,
      attempts = case
        when s.generation <> t.generation then s.attempts
        when t.outcome = 'success' then 0
        else s.attempts - t.is_vain_probe::integer
      end,
      uncounted_attempts = case
        when s.generation <> t.generation then s.uncounted_attempts
        when t.outcome = 'success' then 0
        else s.uncounted_attempts + coalesce(t.is_uncounted, false)::integer
      end,
      dead_lettered_at = case
        when s.generation = t.generation and t.outcome = 'dead_lettered' then t.settled_at
        when s.generation = t.generation and t.outcome = 'success' then null
        else s.dead_lettered_at
      end,
      refused_since = case when t.outcome = 'success' then null else s.refused_since end,
      refusals = case when t.outcome = 'success' then 0 else s.refusals end,
      updated_at = now()
    from settled_attempt as t
    where s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id
    returning t.attempt_id, t.outcome, t.claimed_at, t.due_again_at
  )
  select array_agg(state.attempt_id), max(state.claimed_at) filter (where state.outcome = 'success'),
    bool_or(state.outcome = 'success' and state.due_again_at is not null)
  into settled_ids, last_confirmed, probe_succeeded
  from settled_state as state;

  if has_refusals then
    perform hlf_sync.judge_refusals(settled_ids);
  end if;
  perform hlf_sync.tell_of_dead_letters(settled_ids);

  if last_confirmed is not null then
    -- Once a second is enough, and nobody waits for the lock: the attempts table has the last successes to the moment.
    update public.hlf_sync_gate as g set last_confirmed_at = last_confirmed
    where g.id = any (array(
      select due.id from public.hlf_sync_gate as due
      where due.last_confirmed_at is null or due.last_confirmed_at < last_confirmed - interval '1 second'
      for update skip locked
    ));
    if gate.closed_until <= clock_timestamp() then
      -- A health check may pass although requests are refused; this is what shows that they are not.
      perform hlf_sync.close_alert('credentials_rejected');
      perform hlf_sync.close_alert('settings_rejected');
    end if;
  end if;
  if probe_succeeded then
    perform hlf_sync.end_outage();
  end if;

  return query
  select id,
    case
      when id = any (coalesce(settled_ids, '{}')) then 'settled'::public.hlf_sync_settle_result
      when t.attempt_id is not null and t.outcome is null then 'busy'
      else 'lease_lost'
    end,
    t.outcome,
    greatest(extract(epoch from s.due_at - clock_timestamp()), 0)::double precision
  from unnest(attempt_ids) as id
  left join hlf_sync.attempts as t on t.attempt_id = id
  left join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.in_flight_attempt_id is null;
end
$$;
comment on function hlf_sync.settle_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]
) is
  'Settles attempts in flight, a batch at once. outcome: what stands now; a refusal may have become a dead letter. '
  'due_in_seconds: when the mentor is due next.';

create function hlf_sync.settle_interrupted_attempts()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  ids uuid[];
  outcomes public.hlf_sync_outcome[];
  delays double precision[];
  place integer;
begin
  select array_agg(expired.attempt_id),
    array_agg(case when expired.is_last then 'dead_lettered' else 'failure' end::public.hlf_sync_outcome),
    array_agg(extract(epoch from g.interruption_backoff) * 4 ^ least(expired.retry_count, 6))
  into ids, outcomes, delays
  from (
    select t.attempt_id, t.is_last, t.retry_count
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id
    where t.outcome is null and t.lease_expires_at <= clock_timestamp()
    order by s.mentor_id
    for update of s skip locked
  ) as expired
  cross join public.hlf_sync_gate as g;

  if ids is null then
    return 0;
  end if;
  begin
    perform hlf_sync.settle_attempts(
      ids,
      outcomes,
      array_fill(null::integer, array[cardinality(ids)]),
      array_fill('interrupted'::text, array[cardinality(ids)]),
      delays
    );
  exception when others then
    -- Every claim comes by here: an attempt that cannot be settled must keep neither the others nor a claim from it.
    for place in select p from generate_subscripts(ids, 1) as p loop
      begin
        perform hlf_sync.settle_attempts(
          ids[place:place], outcomes[place:place], '{null}', '{interrupted}', delays[place:place]
        );
      exception when others then
        raise warning 'hlf-sync: the interrupted attempt % cannot be settled (%)', ids[place], sqlstate;
      end;
    end loop;
  end;
  return cardinality(ids);
end
$$;
comment on function hlf_sync.settle_interrupted_attempts() is
  'Settles attempts whose worker let the lease run out as `interrupted`, to be tried again after a backoff.';

create function public.settle_hlf_sync_attempts(
  attempt_ids uuid[],
  outcomes public.hlf_sync_outcome[],
  response_codes integer[],
  error_messages text[],
  retry_delays_seconds double precision[]
)
returns table (
  attempt_id uuid,
  result public.hlf_sync_settle_result,
  outcome public.hlf_sync_outcome,
  due_in_seconds double precision
)
language sql
set search_path = ''
as $$
  select * from hlf_sync.settle_attempts(
    attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds
  )
$$;
comment on function public.settle_hlf_sync_attempts(
  uuid[], public.hlf_sync_outcome[], integer[], text[], double precision[]
) is 'For the function: reports what became of claimed attempts.';
