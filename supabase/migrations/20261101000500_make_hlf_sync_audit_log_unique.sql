-- One attempt, one row, whoever writes it: the function at once, or the database later when that insert was lost.
-- A unique index on a partitioned table has to contain the partition key, so the primary key alone would admit the
-- same attempt at two different moments.

create function hlf_sync.keep_attempt_unique()
returns trigger
language plpgsql
security definer
set search_path = ''
-- One plan for all rows, pruned as it runs: planning anew for each row costs more than the insert.
set plan_cache_mode = force_generic_plan
as $$
declare
  -- attempt_precedes_row bounds where the other row can be, so only the partition or two in question are looked at.
  -- It does not bound what was made by hand, by a clock that was perhaps fast.
  earliest constant timestamptz := case
    when new.triggered_by_event = 'break_glass' then '-infinity'
    else hlf_sync.uuid_v7_time(new.id) - interval '5 minutes'
  end;
  latest timestamptz;
  existing public.hlf_sync_audit_log;
begin
  -- Two writers of one attempt have to see each other; a lock on the id makes the second wait for the first's commit.
  perform pg_advisory_xact_lock(hashtextextended(new.id::text, 0));
  latest := greatest(clock_timestamp(), new.created_at);

  select * into existing
  from public.hlf_sync_audit_log
  where id = new.id and created_at between earliest and latest;

  if not found then
    return new;
  end if;
  existing.created_at := new.created_at;
  if existing is not distinct from new then
    -- Delivered twice: the row is there already.
    return null;
  end if;
  raise exception 'Attempt % already has another row in the audit log', new.id
    using errcode = 'unique_violation';
end
$$;
comment on function hlf_sync.keep_attempt_unique() is
  'Trigger: the same attempt again is a no-op, the same id with other content raises 23505.';

create trigger keep_attempt_unique
before insert on public.hlf_sync_audit_log
for each row execute function hlf_sync.keep_attempt_unique();
