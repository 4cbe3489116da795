-- Append-only is enforced twice: no role holds the privilege, and triggers refuse whoever does not need one (the owner).
-- The triggers are per statement, so they also refuse what matches no row, and TRUNCATE, and each partition by name.

create function hlf_sync.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception 'Cannot % %.%: it is append-only', lower(tg_op), tg_table_schema, tg_table_name
    using errcode = '42501';
end
$$;
comment on function hlf_sync.refuse_change() is 'Trigger: refuses UPDATE, DELETE and TRUNCATE for everyone with 42501.';

create function hlf_sync.make_append_only(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create trigger refuse_change before update or delete or truncate on %s
     for each statement execute function hlf_sync.refuse_change()',
    target
  );
  -- `always`: also where session_replication_role is `replica`, which silences ordinary triggers.
  execute format('alter table %s enable always trigger refuse_change', target);
end
$$;
comment on function hlf_sync.make_append_only(regclass) is 'Puts the trigger refuse_change on a table or partition.';

select hlf_sync.make_append_only('public.hlf_sync_audit_log');

create function hlf_sync.create_audit_log_partition(partition_year integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  partition_name constant text := format('audit_log_%s', partition_year);
begin
  if to_regclass('hlf_sync.' || partition_name) is not null then
    if not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhparent = 'public.hlf_sync_audit_log'::regclass
        and i.inhrelid = to_regclass('hlf_sync.' || partition_name)
    ) and not exists (
      -- A year that left the log after its five years stays out of it.
      select from public.hlf_sync_detached_partitions as d where d.partition_year = create_audit_log_partition.partition_year
    ) then
      execute format(
        'alter table public.hlf_sync_audit_log attach partition hlf_sync.%I for values from (%L) to (%L)',
        partition_name,
        make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'UTC'),
        make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'UTC')
      );
    end if;
    return;
  end if;
  execute format(
    'create table hlf_sync.%I partition of public.hlf_sync_audit_log for values from (%L) to (%L)',
    partition_name,
    make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'UTC'),
    make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'UTC')
  );
  execute format('revoke all on hlf_sync.%I from public, anon, authenticated, service_role', partition_name);
  execute format('comment on table hlf_sync.%I is %L', partition_name,
    format('Attempts recorded in %s (UTC). Read it through public.hlf_sync_audit_log.', partition_year));
  -- That a mentor belongs to one organisation: otherwise the policy's condition seems to leave next to nothing of a
  -- mentor's rows, and the planner sorts them all for the last fifty. Statistics are not inherited from the parent.
  execute format(
    'create statistics hlf_sync.%I (dependencies) on mentor_id, organisation_id from hlf_sync.%I',
    partition_name || '_mentor_organisation', partition_name
  );
  perform hlf_sync.make_append_only(format('hlf_sync.%I', partition_name)::regclass);
end
$$;
comment on function hlf_sync.create_audit_log_partition(integer) is
  'Creates the partition of one calendar year (UTC), append-only and closed to every API role, or attaches one that was '
  'detached by hand. Idempotent.';

create function hlf_sync.ensure_audit_log_partitions(from_year integer, to_year integer)
returns void
language sql
set search_path = ''
as $$
  select hlf_sync.create_audit_log_partition(years.y)
  from generate_series(from_year, to_year) as years (y)
$$;
comment on function hlf_sync.ensure_audit_log_partitions(integer, integer) is
  'Creates whichever yearly partitions of a range are missing.';

-- A fixed range, so that the schema does not depend on the day it was installed; a job keeps adding years.
select hlf_sync.ensure_audit_log_partitions(2026, 2031);
