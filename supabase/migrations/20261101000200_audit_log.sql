-- The evidence: one row for every attempt to tell Dynamics something, kept five years, without personal data.
-- Nothing refers to it and it refers to nothing, so it outlives mentors and organisations.

create function hlf_sync.uuid_v7()
returns uuid
language sql
set search_path = ''
as $$
  -- 48 bits of Unix milliseconds over a random v4 uuid; setting bits 52 and 53 turns its version 4 into 7.
  select encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid
$$;
comment on function hlf_sync.uuid_v7() is
  'A time-ordered UUID (RFC 9562, version 7). Postgres has its own from version 18 on.';

create function hlf_sync.uuid_v7_time(id uuid)
returns timestamptz
-- Not in SQL: a function with settings is not inlined, and then plpgsql, which keeps its plan, is several times faster.
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return to_timestamp(('x' || substr(translate(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0);
end
$$;
comment on function hlf_sync.uuid_v7_time(uuid) is 'The moment, in milliseconds, that a version 7 UUID carries.';

create type public.hlf_sync_operation as enum ('remove', 'restore');
comment on type public.hlf_sync_operation is 'remove: the website must not show the mentor. restore: it must.';

create type public.hlf_sync_outcome as enum ('success', 'failure', 'dead_lettered');
comment on type public.hlf_sync_outcome is
  'failure: will be tried again. dead_lettered: was the last attempt; a person has to act.';

-- Closed vocabularies instead of redaction: free text from outside cannot be stored, not even by a bug.
-- Both are checked for every row written, which is why they are in plpgsql and skip nulls.
create function hlf_sync.is_sync_event(event text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return event in (
    'status_change:active', 'status_change:paused', 'status_change:expired_cert', 'status_change:resigned',
    'status_change:deleted',
    -- A status that the app has and this list does not: whoever is not known to be active is hidden.
    'status_change:hidden',
    'organisation_change', 'initial_sync', 'tracking_repair',
    'manual_coordinator_force_sync', 'manual_coordinator_requeue', 'nightly_reconciliation', 'break_glass'
  );
end
$$;
comment on function hlf_sync.is_sync_event(text) is 'Whether a text is one of the known reasons for a sync.';

create function hlf_sync.is_sync_error(message text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  -- Dataverse's codes are 0x0 or have the highest bit set; nobody's phone number, put there, would begin with an 8.
  return message ~ (
    '^(throttled|unavailable|timeout|network|credentials_rejected|forbidden|listing_not_found'
    '|precondition_failed|rejected|server_error|invalid_response|interrupted)'
    '( code=0x(0|8[0-9a-f]{7}))?'
    '( request=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$'
  );
end
$$;
comment on function hlf_sync.is_sync_error(text) is
  'Whether a text is `<class>[ code=0x…][ request=<uuid>]` with a class of the closed list.';

create table public.hlf_sync_audit_log (
  id uuid not null,
  organisation_id uuid not null,
  mentor_id uuid not null,
  operation public.hlf_sync_operation not null,
  dynamics_response_code integer,
  retry_count integer not null,
  outcome public.hlf_sync_outcome not null,
  error_message text,
  triggered_by_event text not null,
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint id_is_uuid_v7 check (substr(id::text, 15, 1) = '7'),
  -- Ids made by hand without the database carry the time of whatever machine that was.
  constraint attempt_precedes_row check (
    created_at >= hlf_sync.uuid_v7_time(id) - interval '5 minutes' or triggered_by_event = 'break_glass'
  ),
  constraint response_code_is_http_status check (dynamics_response_code between 100 and 599),
  constraint retry_count_is_a_count check (retry_count >= 0),
  constraint error_message_is_known check (hlf_sync.is_sync_error(error_message)),
  constraint triggered_by_event_is_known check (hlf_sync.is_sync_event(triggered_by_event)),
  constraint success_has_2xx_and_no_error check (
    outcome <> 'success'
    or (dynamics_response_code is not null and dynamics_response_code between 200 and 299 and error_message is null)
  ),
  constraint no_success_has_an_error check (outcome = 'success' or error_message is not null),
  constraint dead_letter_counts_its_attempts check (outcome <> 'dead_lettered' or retry_count >= 1)
) partition by range (created_at);

comment on table public.hlf_sync_audit_log is
  'Append-only: one row per attempt to tell Dynamics. Partitions, one a year in UTC, are in schema hlf_sync.';
comment on column public.hlf_sync_audit_log.id is
  'The attempt id, a UUIDv7 made when the attempt was claimed; Dynamics received it as x-ms-client-request-id.';
comment on column public.hlf_sync_audit_log.dynamics_response_code is 'HTTP status; null when there was no answer.';
comment on column public.hlf_sync_audit_log.retry_count is
  'Attempts made before this one; on dead_lettered the total number of attempts made.';
comment on column public.hlf_sync_audit_log.error_message is
  '<class>[ code=0x…][ request=<uuid>]: never text from outside. Null on success.';
comment on column public.hlf_sync_audit_log.triggered_by_event is 'Why the series of attempts began: a closed list.';
comment on column public.hlf_sync_audit_log.created_at is
  'Stamped by the database alone: no role but the owner may name this column in an insert.';

create index hlf_sync_audit_log_mentor_id_created_at_idx
on public.hlf_sync_audit_log (mentor_id, created_at);
create index hlf_sync_audit_log_outcome_created_at_idx
on public.hlf_sync_audit_log (outcome, created_at);
-- The summary reads nothing but this index.
create index hlf_sync_audit_log_organisation_id_created_at_idx
on public.hlf_sync_audit_log (organisation_id, created_at) include (outcome);
-- Under row level security a condition on an enum is no index condition (its operator is not leakproof); a partial index
-- needs none. Without it a coordinator's few dead letters are looked for among all attempts.
create index hlf_sync_audit_log_dead_letters_idx
on public.hlf_sync_audit_log (organisation_id, created_at) where outcome = 'dead_lettered';

alter table public.hlf_sync_audit_log enable row level security;
alter table public.hlf_sync_audit_log force row level security;

create policy "Coordinators read their organisations' attempts"
on public.hlf_sync_audit_log for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "The function reads every attempt"
on public.hlf_sync_audit_log for select to service_role
using (true);

create policy "The function writes attempts"
on public.hlf_sync_audit_log for insert to service_role
with check (true);

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
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    -- The second writer of an attempt would go on seeing what was before the first's commit.
    raise exception 'The audit log is written under read committed' using errcode = '25001';
  end if;
  -- Two writers of one attempt have to see each other; a lock on the id makes the second wait for the first's commit. A backup
  -- that is being restored is one writer, and would need more locks than there is room for.
  if current_setting('session_replication_role') <> 'replica' then
    perform pg_advisory_xact_lock(hashtextextended(new.id::text, 0));
  end if;
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
-- Also where session_replication_role is `replica`; each partition has the trigger as it is here.
alter table public.hlf_sync_audit_log enable always trigger keep_attempt_unique;

-- Rows come in the order of time, so a few kilobytes tell where a day is: without it every day would read its whole year.
create index hlf_sync_audit_log_created_at_idx
on public.hlf_sync_audit_log using brin (created_at) with (pages_per_range = 32);

-- A partition a year.

create function hlf_sync.create_audit_log_partition(partition_year integer)
returns void
language plpgsql
set search_path = ''
as $$
declare
  partition_name constant text := format('audit_log_%s', partition_year);
  bounds constant text := format(
    'for values from (%L) to (%L)',
    make_timestamptz(partition_year, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(partition_year + 1, 1, 1, 0, 0, 0, 'UTC')
  );
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
      execute format('alter table public.hlf_sync_audit_log attach partition hlf_sync.%I %s', partition_name, bounds);
    end if;
    return;
  end if;
  execute format('create table hlf_sync.%I partition of public.hlf_sync_audit_log %s', partition_name, bounds);
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
