-- The evidence: one row for every attempt to tell Dynamics something, kept five years, without personal data.
-- Nothing refers to it and it refers to nothing, so it outlives mentors and organisations.

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

grant execute on function
  hlf_sync.is_sync_event(text), hlf_sync.is_sync_error(text), hlf_sync.uuid_v7_time(uuid)
to service_role;

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

revoke all on public.hlf_sync_audit_log from public, anon, authenticated, service_role;
grant select on public.hlf_sync_audit_log to authenticated, service_role;
grant insert (
  id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
  triggered_by_event
) on public.hlf_sync_audit_log to service_role;

create policy "Coordinators read their organisations' attempts"
on public.hlf_sync_audit_log for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "The function reads every attempt"
on public.hlf_sync_audit_log for select to service_role
using (true);

create policy "The function writes attempts"
on public.hlf_sync_audit_log for insert to service_role
with check (true);
