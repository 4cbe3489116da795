-- One row per mentor says what is wanted, what Dynamics last confirmed and what is in flight. A change only bumps
-- `generation` and makes the row due: ten quick changes are one sync, and a late restore cannot undo a newer remove.

create table public.hlf_sync_state (
  mentor_id uuid primary key,
  organisation_id uuid not null,
  wanted_operation public.hlf_sync_operation not null,
  seen_event text,
  generation bigint not null default 1,
  triggered_by_event text not null,
  requested_at timestamptz not null default now(),
  due_at timestamptz,
  attempts integer not null default 0,
  excused_attempts integer not null default 0,
  refused_since timestamptz,
  refusals integer not null default 0,
  in_flight_attempt_id uuid,
  confirmed_operation public.hlf_sync_operation,
  confirmed_generation bigint,
  confirmed_at timestamptz,
  dead_lettered_at timestamptz,
  last_error text,
  updated_at timestamptz not null default now(),
  constraint seen_event_is_known check (hlf_sync.is_sync_event(seen_event)),
  constraint triggered_by_event_is_known check (hlf_sync.is_sync_event(triggered_by_event)),
  constraint last_error_is_known check (hlf_sync.is_sync_error(last_error))
);
comment on table public.hlf_sync_state is
  'What is wanted of Dynamics for each mentor, deleted ones included, and how far it is. Changed by functions only.';
comment on column public.hlf_sync_state.wanted_operation is
  'What the app wants; read from it afresh when an attempt is claimed.';
comment on column public.hlf_sync_state.seen_event is
  'How the mentor was last seen, in the log''s words: a pause that becomes a farewell is a change, too. Null while unknown.';
comment on column public.hlf_sync_state.generation is 'Bumped by every request to sync; a success confirms one generation.';
comment on column public.hlf_sync_state.triggered_by_event is 'Why the current generation was requested.';
comment on column public.hlf_sync_state.requested_at is
  'Since when the wanted operation has been asked for without being confirmed; asking again does not set it back.';
comment on column public.hlf_sync_state.due_at is 'When the next attempt may start; null when none is wanted, or the organisation is switched off.';
comment on column public.hlf_sync_state.attempts is 'Attempts made for the current generation.';
comment on column public.hlf_sync_state.excused_attempts is
  'Those among them that ended in what comes to everybody: rejected credentials, a wrong setting. Nobody is given up for them.';
comment on column public.hlf_sync_state.refused_since is
  'When the first attempt was claimed of those that Dynamics has refused (403 or another 4xx) since it last confirmed the '
  'mentor or the series began anew; null while none was. Whoever else is confirmed after it shows the refusal to be this mentor''s own.';
comment on column public.hlf_sync_state.refusals is 'Refusals that count: the last of the short series is a dead letter.';
comment on column public.hlf_sync_state.in_flight_attempt_id is 'The attempt under way; its lease is in hlf_sync.attempts.';
comment on column public.hlf_sync_state.confirmed_operation is 'What Dynamics last confirmed to hold.';
comment on column public.hlf_sync_state.dead_lettered_at is 'When attempts ran out; cleared by the next request to sync, or, where the night tries once more, by its success.';
comment on column public.hlf_sync_state.last_error is 'Error of the last attempt; null after a success.';

create index hlf_sync_state_organisation_id_idx on public.hlf_sync_state (organisation_id);
-- A handful at most, unless Dynamics refuses everybody.
create index hlf_sync_state_refused_since_idx on public.hlf_sync_state (refused_since) where refused_since is not null;
-- What can be claimed, each operation in the order of its waiting.
create index hlf_sync_state_due_idx
on public.hlf_sync_state (wanted_operation, due_at)
where due_at is not null and in_flight_attempt_id is null;

alter table public.hlf_sync_state enable row level security;
revoke all on public.hlf_sync_state from public, anon, authenticated, service_role;
grant select on public.hlf_sync_state to authenticated, service_role;

create policy "Coordinators read their mentors' state"
on public.hlf_sync_state for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create table public.hlf_sync_switches (
  organisation_id uuid primary key,
  is_enabled boolean not null default false,
  switched_at timestamptz not null default now(),
  switched_by text not null default coalesce((auth.uid())::text, session_user)
);
comment on table public.hlf_sync_switches is
  'Which organisations are synchronised; one that has no row is not. What changes meanwhile waits, in nobody''s way.';
comment on column public.hlf_sync_switches.switched_by is 'A user''s id, or a role of the database.';

alter table public.hlf_sync_switches enable row level security;
revoke all on public.hlf_sync_switches from public, anon, authenticated, service_role;
grant select on public.hlf_sync_switches to authenticated, service_role;

create policy "Coordinators read their organisations' switches"
on public.hlf_sync_switches for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));

create table hlf_sync.attempts (
  attempt_id uuid primary key default hlf_sync.uuid_v7(),
  mentor_id uuid not null,
  organisation_id uuid not null,
  operation public.hlf_sync_operation not null,
  generation bigint not null,
  retry_count integer not null,
  is_last boolean not null,
  triggered_by_event text not null,
  claimed_at timestamptz not null default clock_timestamp(),
  lease_expires_at timestamptz not null,
  due_again_at timestamptz,
  settled_at timestamptz,
  outcome public.hlf_sync_outcome,
  response_code integer,
  error_message text,
  -- As in the audit log, so that nothing is settled that could not be recorded.
  constraint error_message_is_known check (hlf_sync.is_sync_error(error_message)),
  constraint response_code_is_http_status check (response_code between 100 and 599),
  constraint outcome_and_error_agree check (outcome is null or (outcome = 'success') = (error_message is null)),
  constraint success_has_2xx check (
    outcome <> 'success' or (response_code is not null and response_code between 200 and 299)
  )
);
comment on table hlf_sync.attempts is
  'Ledger of recent attempts: what is in flight, what the request budget has spent, and which audit rows are owed. '
  'A row is deleted once its audit row is there and it no longer counts towards the budget.';
comment on column hlf_sync.attempts.is_last is 'Without success this attempt is the dead letter.';
comment on column hlf_sync.attempts.lease_expires_at is
  'From then on the worker counts as dead and the attempt as interrupted.';
comment on column hlf_sync.attempts.due_again_at is
  'Of a probe, which is made ahead of its time and is none of the mentor''s attempts: when the next of those is due.';
comment on column hlf_sync.attempts.outcome is 'Null while in flight.';
create index attempts_in_flight_idx on hlf_sync.attempts (lease_expires_at) where outcome is null;
create index attempts_mentor_id_idx on hlf_sync.attempts (mentor_id);
create index attempts_claimed_at_idx on hlf_sync.attempts (claimed_at);

create table public.hlf_sync_gate (
  id boolean primary key default true,
  closed_until timestamptz not null default '-infinity',
  reason text,
  closed_at timestamptz,
  max_in_flight integer not null default 50,
  max_requests integer not null default 5700,
  requests_window interval not null default '300 seconds',
  late_commit_margin interval not null default '2 minutes',
  interruption_backoff interval not null default '5 seconds',
  other_requests timestamptz[] not null default '{}',
  max_refusals integer not null default 4,
  last_confirmed_at timestamptz,
  environment_id uuid,
  accepted_listing_count integer,
  constraint there_is_one_row check (id),
  constraint reason_is_known check (reason in ('throttled', 'credentials', 'settings'))
);
comment on table public.hlf_sync_gate is
  'One row that all workers obey: whether anything may be sent to Dynamics now, and how much.';
comment on column public.hlf_sync_gate.closed_until is
  'Infinity while credentials or settings are rejected: a health check opens it, for one attempt to show whether it may stay so.';
comment on column public.hlf_sync_gate.other_requests is
  'When Dynamics was asked for something that is no attempt, a health check or a page of listings, within the window.';
comment on column public.hlf_sync_gate.max_refusals is
  'So many attempts Dynamics may refuse to one mentor alone, within minutes, before nobody tries any more.';
comment on column public.hlf_sync_gate.last_confirmed_at is 'When anybody was last confirmed, to the second.';
comment on column public.hlf_sync_gate.environment_id is
  'WhoAmI''s OrganizationId of the environment that the first night read; a reading of another one is not believed.';
comment on column public.hlf_sync_gate.accepted_listing_count is
  'So many listings an operator has declared to be right for the next reading; null once it was read.';
comment on column public.hlf_sync_gate.max_in_flight is
  'Dataverse refuses the 52nd concurrent request of one application user; two are left for health checks and queries.';
comment on column public.hlf_sync_gate.max_requests is
  'Dataverse admits 6,000 requests per 300 s and application user; 5 % are left for queries and for clocks that differ.';
comment on column public.hlf_sync_gate.late_commit_margin is
  'How long Dynamics may still carry out a request whose answer was lost. A later success of the opposite operation is '
  'sent once more after it.';
comment on column public.hlf_sync_gate.interruption_backoff is
  'Wait after a first interrupted attempt, four times as long after each further one: a function that dies again and '
  'again must not use up everybody''s attempts in minutes.';
insert into public.hlf_sync_gate default values;

alter table public.hlf_sync_gate enable row level security;
revoke all on public.hlf_sync_gate from public, anon, authenticated, service_role;
grant select on public.hlf_sync_gate to service_role;
grant select (closed_until, reason) on public.hlf_sync_gate to authenticated;

create policy "Coordinators read the gate"
on public.hlf_sync_gate for select to authenticated
using (exists (select hlf_sync.coordinated_organisation_ids()));
