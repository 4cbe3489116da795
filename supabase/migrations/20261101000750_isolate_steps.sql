-- The sweep and the night consist of steps, and no step takes another with it: each is tried in a block of its own, and
-- what came of it is noted, so that the watchdog can tell of the one that fails.

create table hlf_sync.steps (
  step text primary key,
  succeeded_at timestamptz,
  failed_at timestamptz,
  failed_code text
);
comment on table hlf_sync.steps is 'When each step of the sweep and of the night last succeeded, and last failed.';
comment on column hlf_sync.steps.failed_at is 'Null since it succeeded again.';
comment on column hlf_sync.steps.failed_code is 'SQLSTATE of the failure.';
revoke all on hlf_sync.steps from public, anon, authenticated, service_role;

create function hlf_sync.note_step(step_name text, problem text)
returns void
language sql
security definer
set search_path = ''
as $$
  insert into hlf_sync.steps as s (step, succeeded_at, failed_at, failed_code)
  values (
    step_name, case when problem is null then now() end, case when problem is not null then now() end, problem
  )
  on conflict (step) do update set
    succeeded_at = coalesce(excluded.succeeded_at, s.succeeded_at),
    failed_at = excluded.failed_at,
    failed_code = excluded.failed_code
$$;
comment on function hlf_sync.note_step(text, text) is 'Notes that a step succeeded (problem is null), or the SQLSTATE that ended it.';

create function hlf_sync.try_step(step_name text, statement text)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  result text;
begin
  begin
    execute statement into result;
    perform hlf_sync.note_step(step_name, null);
    return case when result ~ '^-?[0-9]+$' then result::bigint end;
  -- A step that runs into the time a statement may take has used up its own share, not that of the others.
  exception when others or query_canceled then
    raise warning 'hlf-sync: % failed (%)', step_name, sqlstate;
    perform hlf_sync.note_step(step_name, sqlstate);
    return null;
  end;
end
$$;
comment on function hlf_sync.try_step(text, text) is
  'Runs a statement in a block of its own and notes whether it succeeded; its number, or null.';
