-- The function writes audit rows off the critical path and may lose one. The ledger remembers every attempt until its
-- row is there, so a lost insert, a dead worker and a log that was down for an hour all end in a complete log.

create function hlf_sync.write_missing_audit_rows(attempt_ids uuid[])
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  written integer;
begin
  insert into public.hlf_sync_audit_log (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  )
  select
    t.attempt_id, t.organisation_id, t.mentor_id, t.operation, t.response_code,
    t.retry_count + case when t.outcome = 'dead_lettered' then 1 else 0 end, t.outcome, t.error_message,
    t.triggered_by_event
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids)
  order by t.attempt_id;
  get diagnostics written = row_count;
  return written;
end
$$;
comment on function hlf_sync.write_missing_audit_rows(uuid[]) is 'Writes the audit rows of settled attempts.';

create function hlf_sync.fill_audit_gaps(grace interval default '30 seconds')
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  missing constant uuid[] := array(
    select t.attempt_id
    from hlf_sync.attempts as t
    where t.outcome is not null
      -- The function's own insert may still be on its way.
      and t.settled_at <= clock_timestamp() - grace
      and not exists (
        select from public.hlf_sync_audit_log as log
        where log.id = t.attempt_id
          and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
      )
    order by t.attempt_id
    limit 1000
  );
  attempt uuid;
  filled integer := 0;
  problem text;
begin
  begin
    filled := hlf_sync.write_missing_audit_rows(missing);
  exception when others then
    -- A row that the log refuses must not keep the others out of it.
    foreach attempt in array missing loop
      begin
        filled := filled + hlf_sync.write_missing_audit_rows(array[attempt]);
      exception when others then
        problem := sqlstate;
        raise warning 'hlf-sync: the audit row of attempt % cannot be written (%)', attempt, sqlstate;
      end;
    end loop;
  end;
  perform hlf_sync.note_step('audit rows that are missing', problem);
  return filled;
end
$$;
comment on function hlf_sync.fill_audit_gaps(interval) is
  'Writes audit rows that are still missing some time after their attempt was settled; returns how many.';

create function hlf_sync.prune_attempts()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  pruned integer;
begin
  delete from hlf_sync.attempts as t
  where t.outcome is not null
    and t.claimed_at < clock_timestamp() - (select g.requests_window from public.hlf_sync_gate as g)
    and exists (
      select from public.hlf_sync_audit_log as log
      where log.id = t.attempt_id
        and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
    );
  get diagnostics pruned = row_count;
  return pruned;
end
$$;
comment on function hlf_sync.prune_attempts() is
  'Forgets attempts whose audit row is there and which no longer count towards the request budget.';
