-- The whole current database, generated from the migrations by `deno task schema`: to read, never to apply. The yearly
-- partitions of the log, which hlf_sync.create_audit_log_partition makes, are left out.

-- Schemas and types

CREATE SCHEMA hlf_sync;

COMMENT ON SCHEMA hlf_sync IS 'Internals of hlf-sync; never exposed over REST.';

CREATE TYPE public.hlf_sync_operation AS ENUM (
    'remove',
    'restore'
);

COMMENT ON TYPE public.hlf_sync_operation IS 'remove: the website must not show the mentor. restore: it must.';

CREATE TYPE hlf_sync.sync_request AS (
	mentor_id uuid,
	organisation_id uuid,
	wanted_operation public.hlf_sync_operation,
	event text,
	seen_event text
);

COMMENT ON TYPE hlf_sync.sync_request IS 'One mentor who is to be synchronised, why, and how the app sees the mentor now (null where nobody looked).';

CREATE TYPE public.hlf_sync_outcome AS ENUM (
    'success',
    'failure',
    'dead_lettered'
);

COMMENT ON TYPE public.hlf_sync_outcome IS 'failure: will be tried again. dead_lettered: was the last attempt; a person has to act.';

CREATE TYPE public.hlf_sync_settle_result AS ENUM (
    'settled',
    'lease_lost',
    'busy'
);

COMMENT ON TYPE public.hlf_sync_settle_result IS 'lease_lost: the database has settled the attempt already. busy: the mentor is locked just now, so it is to be settled again.';

CREATE TYPE public.mentor_status AS ENUM (
    'active',
    'paused',
    'expired_cert',
    'resigned'
);

COMMENT ON TYPE public.mentor_status IS 'Only `active` mentors are listed on the public website.';

CREATE TYPE public.organisation_role AS ENUM (
    'administrator',
    'coordinator',
    'member'
);

COMMENT ON TYPE public.organisation_role IS 'What a signed-in user is within an organisation; an administrator is one of HLF itself, for all of them.';

-- Tables

CREATE TABLE public.hlf_nightly_runs (
    run_date date NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    expired_count integer DEFAULT 0 NOT NULL,
    reminder_count integer DEFAULT 0 NOT NULL,
    duplicate_count integer DEFAULT 0 NOT NULL,
    reconciliation_started_at timestamp with time zone,
    reconciliation_reader uuid,
    reconciliation_lease_until timestamp with time zone,
    listing_count integer,
    unknown_listing_count integer,
    drift_count integer,
    oldest_drift_seconds double precision,
    finished_at timestamp with time zone,
    unaddressable_listing_count integer,
    refused_reading text,
    refused_listing_count integer,
    CONSTRAINT day_has_come CHECK ((run_date <= hlf_sync.today_in_oslo())),
    CONSTRAINT refused_reading_is_known CHECK ((refused_reading = ANY (ARRAY['none'::text, 'fewer'::text, 'environment'::text, 'unreadable'::text])))
);

COMMENT ON TABLE public.hlf_nightly_runs IS 'One row per date in Europe/Oslo; finished once the listings were compared.';

COMMENT ON COLUMN public.hlf_nightly_runs.duplicate_count IS 'Certification periods that were expired or reminded of twice within the last 26 hours; must be zero.';

COMMENT ON COLUMN public.hlf_nightly_runs.reconciliation_reader IS 'Who is reading the listings; whoever has lost the lease is told so.';

COMMENT ON COLUMN public.hlf_nightly_runs.reconciliation_lease_until IS 'Until then one worker is reading the listings.';

COMMENT ON COLUMN public.hlf_nightly_runs.listing_count IS 'Listings read from Dynamics.';

COMMENT ON COLUMN public.hlf_nightly_runs.unknown_listing_count IS 'Published listings of mentors that this project never knew; counted and left alone.';

COMMENT ON COLUMN public.hlf_nightly_runs.drift_count IS 'Mentors whose listing differed from what the app wants.';

COMMENT ON COLUMN public.hlf_nightly_runs.unaddressable_listing_count IS 'Published listings with a key that an update cannot name: with braces, blanks, or without a mentor''s id.';

COMMENT ON COLUMN public.hlf_nightly_runs.refused_reading IS 'Why the last reading of this night was not believed: none or far fewer listings than the night before, another environment, or values that say nothing. Null once one was.';

COMMENT ON COLUMN public.hlf_nightly_runs.refused_listing_count IS 'Listings in the reading that was not believed.';

CREATE TABLE hlf_sync.alert_kinds (
    kind text NOT NULL,
    meaning text NOT NULL,
    acts text NOT NULL
);

COMMENT ON TABLE hlf_sync.alert_kinds IS 'The closed list of alerts, with what each message says. docs/reference/alerts.md has a section for each.';

COMMENT ON COLUMN hlf_sync.alert_kinds.meaning IS 'What is wrong, in a sentence for somebody who is new to it.';

COMMENT ON COLUMN hlf_sync.alert_kinds.acts IS 'Who has to act.';

CREATE TABLE hlf_sync.attempts (
    attempt_id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    mentor_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    operation public.hlf_sync_operation NOT NULL,
    generation bigint NOT NULL,
    retry_count integer NOT NULL,
    is_last boolean NOT NULL,
    triggered_by_event text NOT NULL,
    claimed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_expires_at timestamp with time zone NOT NULL,
    due_again_at timestamp with time zone,
    worker uuid,
    claim_number integer,
    is_orphaned boolean DEFAULT false NOT NULL,
    settled_at timestamp with time zone,
    outcome public.hlf_sync_outcome,
    response_code integer,
    error_message text,
    CONSTRAINT error_message_is_known CHECK (hlf_sync.is_sync_error(error_message)),
    CONSTRAINT outcome_and_error_agree CHECK (((outcome IS NULL) OR ((outcome = 'success'::public.hlf_sync_outcome) = (error_message IS NULL)))),
    CONSTRAINT response_code_is_http_status CHECK (((response_code >= 100) AND (response_code <= 599))),
    CONSTRAINT settled_with_an_outcome CHECK (((settled_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT success_has_2xx CHECK (((outcome <> 'success'::public.hlf_sync_outcome) OR ((response_code IS NOT NULL) AND ((response_code >= 200) AND (response_code <= 299)))))
);

COMMENT ON TABLE hlf_sync.attempts IS 'Recent attempts: what is in flight, what the request budget has spent, and which audit rows are owed. A row is deleted once its audit row is there and it no longer counts towards the budget.';

COMMENT ON COLUMN hlf_sync.attempts.is_last IS 'Without success this attempt is the dead letter.';

COMMENT ON COLUMN hlf_sync.attempts.lease_expires_at IS 'From then on the worker counts as dead and the attempt as interrupted.';

COMMENT ON COLUMN hlf_sync.attempts.due_again_at IS 'Of a probe, which is made ahead of its time and is none of the mentor''s attempts: when the next of those is due.';

COMMENT ON COLUMN hlf_sync.attempts.worker IS 'Which worker''s drain claimed it; null for a press and for what is done by hand, which have a place of their own.';

COMMENT ON COLUMN hlf_sync.attempts.claim_number IS 'Which of its worker''s claims took it: the worker may learn that the answer to one of them is lost.';

COMMENT ON COLUMN hlf_sync.attempts.is_orphaned IS 'Its worker let the lease on the backlog run out: after half a minute it takes up no place any longer, though its mentor waits for its own lease.';

COMMENT ON COLUMN hlf_sync.attempts.outcome IS 'Null while in flight.';

CREATE TABLE public.hlf_sync_audit_log (
    id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    operation public.hlf_sync_operation NOT NULL,
    dynamics_response_code integer,
    retry_count integer NOT NULL,
    outcome public.hlf_sync_outcome NOT NULL,
    error_message text,
    triggered_by_event text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attempt_precedes_row CHECK (((created_at >= (hlf_sync.uuid_v7_time(id) - '00:05:00'::interval)) OR (triggered_by_event = 'break_glass'::text))),
    CONSTRAINT dead_letter_counts_its_attempts CHECK (((outcome <> 'dead_lettered'::public.hlf_sync_outcome) OR (retry_count >= 1))),
    CONSTRAINT error_message_is_known CHECK (hlf_sync.is_sync_error(error_message)),
    CONSTRAINT id_is_uuid_v7 CHECK ((substr((id)::text, 15, 1) = '7'::text)),
    CONSTRAINT no_success_has_an_error CHECK (((outcome = 'success'::public.hlf_sync_outcome) OR (error_message IS NOT NULL))),
    CONSTRAINT response_code_is_http_status CHECK (((dynamics_response_code >= 100) AND (dynamics_response_code <= 599))),
    CONSTRAINT retry_count_is_a_count CHECK ((retry_count >= 0)),
    CONSTRAINT success_has_2xx_and_no_error CHECK (((outcome <> 'success'::public.hlf_sync_outcome) OR ((dynamics_response_code IS NOT NULL) AND ((dynamics_response_code >= 200) AND (dynamics_response_code <= 299)) AND (error_message IS NULL)))),
    CONSTRAINT triggered_by_event_is_known CHECK (hlf_sync.is_sync_event(triggered_by_event))
)
PARTITION BY RANGE (created_at);

ALTER TABLE ONLY public.hlf_sync_audit_log FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.hlf_sync_audit_log IS 'Append-only: one row per attempt to tell Dynamics. Partitions, one a year in UTC, are in schema hlf_sync.';

COMMENT ON COLUMN public.hlf_sync_audit_log.id IS 'The attempt id, a UUIDv7 made when the attempt was claimed; Dynamics received it as x-ms-client-request-id.';

COMMENT ON COLUMN public.hlf_sync_audit_log.dynamics_response_code IS 'HTTP status; null when there was no answer.';

COMMENT ON COLUMN public.hlf_sync_audit_log.retry_count IS 'Attempts made before this one; on dead_lettered the total number of attempts made.';

COMMENT ON COLUMN public.hlf_sync_audit_log.error_message IS '<class>[ code=0x…][ request=<uuid>]: never text from outside. Null on success.';

COMMENT ON COLUMN public.hlf_sync_audit_log.triggered_by_event IS 'Why the series of attempts began: a closed list.';

COMMENT ON COLUMN public.hlf_sync_audit_log.created_at IS 'Stamped by the database alone: no role but the owner may name this column in an insert.';

CREATE TABLE public.mentors (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    organisation_id uuid NOT NULL,
    full_name text NOT NULL,
    email text,
    status public.mentor_status DEFAULT 'active'::public.mentor_status NOT NULL,
    certification_expiry_date date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.mentors IS 'Peer mentors: the only table of this project that holds personal data.';

COMMENT ON COLUMN public.mentors.certification_expiry_date IS 'The last day on which the certification is valid.';

CREATE TABLE hlf_sync.days (
    id boolean DEFAULT true NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT there_is_one_row CHECK (id)
);

COMMENT ON TABLE hlf_sync.days IS 'One row: the last day whose coming has been looked at.';

COMMENT ON COLUMN hlf_sync.days.began_at IS 'When the first sweep of that day had noted everybody whom the date alone has changed.';

CREATE TABLE hlf_sync.held_changes (
    source text NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_count integer NOT NULL,
    of_mentors integer NOT NULL,
    held_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE hlf_sync.held_changes IS 'What the fuse holds at present, as each of those who find something last found it.';

COMMENT ON COLUMN hlf_sync.held_changes.source IS 'repair, newcomers or nightly run.';

COMMENT ON COLUMN hlf_sync.held_changes.mentor_count IS 'How many would be hidden or shown.';

COMMENT ON COLUMN hlf_sync.held_changes.of_mentors IS 'How many mentors of the organisation are known.';

CREATE TABLE hlf_sync.listings (
    reader uuid NOT NULL,
    mentor_id uuid NOT NULL,
    is_published boolean NOT NULL,
    is_addressable boolean NOT NULL
);

COMMENT ON TABLE hlf_sync.listings IS 'Listings that a reader has read so far; emptied when they have been compared.';

COMMENT ON COLUMN hlf_sync.listings.is_published IS 'Of two listings of one mentor, one is enough for the website.';

CREATE TABLE hlf_sync.messages (
    subject text NOT NULL,
    secret_name text NOT NULL,
    state text NOT NULL,
    affected_count integer,
    message text NOT NULL,
    details jsonb NOT NULL,
    written_at timestamp with time zone DEFAULT now() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    queued_at timestamp with time zone,
    request_id bigint,
    last_status integer,
    delivered_at timestamp with time zone
);

COMMENT ON TABLE hlf_sync.messages IS 'The newest message about each subject (an alert kind, or an organisation); sent until a webhook has answered 2xx.';

COMMENT ON COLUMN hlf_sync.messages.secret_name IS 'Whose URL in Vault it goes to.';

COMMENT ON COLUMN hlf_sync.messages.state IS 'What it says: open or over; for an organisation, a digest.';

COMMENT ON COLUMN hlf_sync.messages.queued_at IS 'By the clock, when pg_net was last asked.';

COMMENT ON COLUMN hlf_sync.messages.request_id IS 'Of pg_net, while its answer is awaited.';

COMMENT ON COLUMN hlf_sync.messages.last_status IS 'HTTP status of the last answer; null when there was none.';

CREATE TABLE public.organisations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL
);

COMMENT ON TABLE public.organisations IS 'Organisations that mentors belong to.';

CREATE TABLE hlf_sync.project (
    id boolean DEFAULT true NOT NULL,
    url text,
    server text,
    is_foreign boolean DEFAULT false NOT NULL,
    question uuid,
    request_id bigint,
    asked_at timestamp with time zone,
    is_unanswered boolean DEFAULT false NOT NULL,
    CONSTRAINT there_is_one_row CHECK (id)
);

COMMENT ON TABLE hlf_sync.project IS 'One row: which project this database belongs to, and whether it runs there.';

COMMENT ON COLUMN hlf_sync.project.url IS 'Origin of the project, as its function knows it: noted at the first claim; null before. Told by hlf_sync.set_project.';

COMMENT ON COLUMN hlf_sync.project.server IS 'The running server on which the project''s own function was last seen to work.';

COMMENT ON COLUMN hlf_sync.project.is_foreign IS 'The function that this database calls works on another one, or a function of another project works on this one.';

COMMENT ON COLUMN hlf_sync.project.question IS 'What the function is asked to look for in its own database; a copy''s is not there.';

COMMENT ON COLUMN hlf_sync.project.request_id IS 'Of pg_net, while the answer is awaited.';

COMMENT ON COLUMN hlf_sync.project.asked_at IS 'By the clock, not the transaction''s beginning.';

COMMENT ON COLUMN hlf_sync.project.is_unanswered IS 'The function gave no answer that would tell: then a message too many is better than silence.';

CREATE TABLE hlf_sync.pulse (
    id boolean DEFAULT true NOT NULL,
    nudge_request_id bigint,
    nudged_at timestamp with time zone,
    refusals integer DEFAULT 0 NOT NULL,
    refused_status integer,
    unheeded integer DEFAULT 0 NOT NULL,
    jobs_scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    health_failed_at timestamp with time zone,
    healthy_at timestamp with time zone,
    sealed_until date,
    broken_day date,
    CONSTRAINT there_is_one_row CHECK (id)
);

COMMENT ON TABLE hlf_sync.pulse IS 'One row: whether the function answers the database, and Dynamics the function.';

COMMENT ON COLUMN hlf_sync.pulse.nudge_request_id IS 'Of pg_net, while the answer to the sweep''s last nudge is awaited.';

COMMENT ON COLUMN hlf_sync.pulse.nudged_at IS 'By the clock, not the transaction''s beginning.';

COMMENT ON COLUMN hlf_sync.pulse.refusals IS 'Nudges in a row that were not answered 2xx.';

COMMENT ON COLUMN hlf_sync.pulse.refused_status IS 'For operators: HTTP status of the last of them; null when there was no answer.';

COMMENT ON COLUMN hlf_sync.pulse.unheeded IS 'Nudges in a row that were answered 2xx, and nothing came of them although somebody is due: the function does not reach the database.';

COMMENT ON COLUMN hlf_sync.pulse.jobs_scheduled_at IS 'Before a job has had its time, its absence is no silence.';

COMMENT ON COLUMN hlf_sync.pulse.health_failed_at IS 'When the function''s health check of Dynamics last failed; null once one has passed since.';

COMMENT ON COLUMN hlf_sync.pulse.healthy_at IS 'When it last passed.';

COMMENT ON COLUMN hlf_sync.pulse.sealed_until IS 'The newest day that was ever sealed: a seal up to it that is missing was taken away, one after it is only late.';

COMMENT ON COLUMN hlf_sync.pulse.broken_day IS 'The first day that the last verification found not to match its seal.';

CREATE TABLE hlf_sync.silent_sources (
    source text NOT NULL,
    reason text NOT NULL
);

COMMENT ON TABLE hlf_sync.silent_sources IS 'For the adapter: tables and functions that the port hlf_sync.mentors reads and whose changes need not be seen, as schema.name.';

COMMENT ON COLUMN hlf_sync.silent_sources.reason IS 'Why the contract test lets it pass.';

CREATE TABLE hlf_sync.steps (
    step text NOT NULL,
    succeeded_at timestamp with time zone,
    failed_at timestamp with time zone,
    failed_code text
);

COMMENT ON TABLE hlf_sync.steps IS 'When each step of the sweep and of the night last succeeded, and last failed.';

COMMENT ON COLUMN hlf_sync.steps.failed_at IS 'Null since it succeeded again.';

COMMENT ON COLUMN hlf_sync.steps.failed_code IS 'SQLSTATE of the failure.';

CREATE TABLE public.cert_expiry_reminders (
    id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    threshold_day integer NOT NULL,
    certification_expiry_date date NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.cert_expiry_reminders IS 'Reminders sent: one per mentor, threshold and certification period.';

CREATE TABLE public.hlf_certification_policies (
    organisation_id uuid NOT NULL,
    threshold_days integer[] DEFAULT '{30,14,7}'::integer[] NOT NULL,
    CONSTRAINT thresholds_are_days CHECK (((0 <= ALL (threshold_days)) AND (3650 >= ALL (threshold_days)) AND (array_position(threshold_days, NULL::integer) IS NULL)))
);

COMMENT ON TABLE public.hlf_certification_policies IS 'Organisations that want other reminders than the default {30,14,7}.';

COMMENT ON COLUMN public.hlf_certification_policies.threshold_days IS 'Days before the last valid day on which a reminder is sent; empty for none.';

CREATE TABLE public.hlf_coordinator_notifications (
    id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    told_at timestamp with time zone,
    CONSTRAINT kind_is_known CHECK ((kind = ANY (ARRAY['dead_lettered'::text, 'certification_reminder'::text, 'certification_expired'::text])))
);

COMMENT ON TABLE public.hlf_coordinator_notifications IS 'What the coordinators of an organisation are to be told.';

COMMENT ON COLUMN public.hlf_coordinator_notifications.told_at IS 'When a digest counted it in; null before, or without a webhook.';

CREATE TABLE public.hlf_mentor_status_transitions (
    id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    certification_expiry_date date NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.hlf_mentor_status_transitions IS 'Status changes that the night made because a certification expired.';

CREATE TABLE public.hlf_sync_alerts (
    id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    kind text NOT NULL,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    reopened_at timestamp with time zone,
    closed_at timestamp with time zone,
    affected_count integer
);

COMMENT ON TABLE public.hlf_sync_alerts IS 'Alerts; at most one of a kind is open at a time.';

COMMENT ON COLUMN public.hlf_sync_alerts.last_seen_at IS 'When the cause was last observed, to the minute.';

COMMENT ON COLUMN public.hlf_sync_alerts.reopened_at IS 'When the cause came back within an hour of its end: that is the same alert, not another one.';

COMMENT ON COLUMN public.hlf_sync_alerts.closed_at IS 'When the cause was gone; null while open.';

COMMENT ON COLUMN public.hlf_sync_alerts.affected_count IS 'How many mentors or listings it is about, where that is known.';

CREATE TABLE public.hlf_sync_audit_seals (
    day date NOT NULL,
    row_count bigint NOT NULL,
    digest text NOT NULL,
    previous_digest text,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT day_is_over CHECK ((day < ((LEAST(sealed_at, now()) AT TIME ZONE 'UTC'::text))::date)),
    CONSTRAINT digests_are_sha256 CHECK (((digest ~ '^[0-9a-f]{64}$'::text) AND (previous_digest ~ '^[0-9a-f]{64}$'::text)))
);

ALTER TABLE ONLY public.hlf_sync_audit_seals FORCE ROW LEVEL SECURITY;

COMMENT ON TABLE public.hlf_sync_audit_seals IS 'Append-only: one row a day (UTC), chained to the day before.';

COMMENT ON COLUMN public.hlf_sync_audit_seals.digest IS 'SHA-256 in hex of previous digest, day, row count and rows, a line each; rows in the order of created_at and id.';

COMMENT ON COLUMN public.hlf_sync_audit_seals.previous_digest IS 'Digest of the day before; null for the first day.';

CREATE TABLE public.hlf_sync_detached_partitions (
    partition_year integer NOT NULL,
    row_count bigint NOT NULL,
    detached_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.hlf_sync_detached_partitions IS 'Append-only: years whose rows have left the log after five years; their seals stay.';

CREATE TABLE public.hlf_sync_drifts (
    run_date date NOT NULL,
    mentor_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    wanted_operation public.hlf_sync_operation NOT NULL,
    is_published boolean,
    confirmed_at timestamp with time zone,
    age_seconds double precision NOT NULL
);

COMMENT ON TABLE public.hlf_sync_drifts IS 'Mentors whose listing was found to differ from what the app wants.';

COMMENT ON COLUMN public.hlf_sync_drifts.is_published IS 'As found in Dynamics; null when there was no listing at all.';

COMMENT ON COLUMN public.hlf_sync_drifts.age_seconds IS 'Since Dynamics last confirmed the mentor, or since the mentor was last asked for: the drift cannot be older.';

CREATE TABLE public.hlf_sync_gate (
    id boolean DEFAULT true NOT NULL,
    closed_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    reason text,
    closed_at timestamp with time zone,
    max_in_flight integer DEFAULT 50 NOT NULL,
    max_requests integer DEFAULT 5700 NOT NULL,
    requests_window interval DEFAULT '00:05:00'::interval NOT NULL,
    late_commit_margin interval DEFAULT '00:02:00'::interval NOT NULL,
    interruption_backoff interval DEFAULT '00:00:05'::interval NOT NULL,
    other_requests timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    drainer uuid,
    drainer_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    drainer_lease interval DEFAULT '00:00:10'::interval NOT NULL,
    max_refusals integer DEFAULT 4 NOT NULL,
    last_confirmed_at timestamp with time zone,
    environment_id uuid,
    accepted_listing_count integer,
    installed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT reason_is_known CHECK ((reason = ANY (ARRAY['throttled'::text, 'credentials'::text, 'settings'::text]))),
    CONSTRAINT there_is_one_row CHECK (id)
);

COMMENT ON TABLE public.hlf_sync_gate IS 'One row that all workers obey: whether anything may be sent to Dynamics now, and how much.';

COMMENT ON COLUMN public.hlf_sync_gate.closed_until IS 'Infinity while credentials or settings are rejected: a health check opens it, for one attempt to show whether it may stay so.';

COMMENT ON COLUMN public.hlf_sync_gate.max_in_flight IS 'Dataverse admits 52 concurrent requests of one application user; two are left, one for presses, and one for health checks and for a drain that finds all others in the hands of workers that may be dead.';

COMMENT ON COLUMN public.hlf_sync_gate.max_requests IS 'Dataverse admits 6,000 requests per 300 s and application user; 5 % are left for queries and for clocks that differ.';

COMMENT ON COLUMN public.hlf_sync_gate.requests_window IS 'The time in which max_requests count.';

COMMENT ON COLUMN public.hlf_sync_gate.late_commit_margin IS 'How long Dynamics may still carry out a request whose answer was lost. A later success of the opposite operation is sent once more after it.';

COMMENT ON COLUMN public.hlf_sync_gate.interruption_backoff IS 'Wait after a first interrupted attempt, four times as long after each further one: a function that dies again and again must not use up everybody''s attempts in minutes.';

COMMENT ON COLUMN public.hlf_sync_gate.other_requests IS 'When Dynamics was asked for something that is no attempt, a health check or a page of listings, within the window.';

COMMENT ON COLUMN public.hlf_sync_gate.drainer IS 'The worker that works off a backlog: while its lease lasts, other workers'' drains are sent away.';

COMMENT ON COLUMN public.hlf_sync_gate.drainer_until IS 'Renewed with its claims, and over when one of them finds nothing more.';

COMMENT ON COLUMN public.hlf_sync_gate.drainer_lease IS 'A dead drainer is replaced so soon. What it has claimed and not sent by then is not sent any more.';

COMMENT ON COLUMN public.hlf_sync_gate.max_refusals IS 'So many attempts Dynamics may refuse to one mentor alone, within minutes, before nobody tries any more.';

COMMENT ON COLUMN public.hlf_sync_gate.last_confirmed_at IS 'When the youngest attempt was claimed that was confirmed, to the second.';

COMMENT ON COLUMN public.hlf_sync_gate.environment_id IS 'WhoAmI''s OrganizationId of the environment that the first night read; a reading of another one is not believed.';

COMMENT ON COLUMN public.hlf_sync_gate.accepted_listing_count IS 'So many listings an operator has declared to be right for the next reading; null once it was read.';

COMMENT ON COLUMN public.hlf_sync_gate.installed_at IS 'Before the first night is due, its absence is no silence.';

CREATE TABLE public.hlf_sync_manual_actions (
    id uuid DEFAULT hlf_sync.uuid_v7() NOT NULL,
    actor uuid NOT NULL,
    organisation_id uuid NOT NULL,
    mentor_id uuid NOT NULL,
    action text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT action_is_known CHECK ((action = ANY (ARRAY['force_sync'::text, 'requeue'::text, 'break_glass'::text, 'break_glass_import'::text])))
);

COMMENT ON TABLE public.hlf_sync_manual_actions IS 'Append-only: who asked for a sync by hand.';

COMMENT ON COLUMN public.hlf_sync_manual_actions.actor IS 'auth.uid() of the caller, never a parameter.';

CREATE TABLE public.hlf_sync_state (
    mentor_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    wanted_operation public.hlf_sync_operation NOT NULL,
    seen_event text,
    generation bigint DEFAULT 1 NOT NULL,
    triggered_by_event text NOT NULL,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    uncounted_attempts integer DEFAULT 0 NOT NULL,
    refused_since timestamp with time zone,
    refusals integer DEFAULT 0 NOT NULL,
    in_flight_attempt_id uuid,
    confirmed_operation public.hlf_sync_operation,
    confirmed_generation bigint,
    confirmed_at timestamp with time zone,
    dead_lettered_at timestamp with time zone,
    last_error text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT last_error_is_known CHECK (hlf_sync.is_sync_error(last_error)),
    CONSTRAINT seen_event_is_known CHECK (hlf_sync.is_sync_event(seen_event)),
    CONSTRAINT triggered_by_event_is_known CHECK (hlf_sync.is_sync_event(triggered_by_event))
);

COMMENT ON TABLE public.hlf_sync_state IS 'What is wanted of Dynamics for each mentor, deleted ones included, and how far it is. Changed by functions only.';

COMMENT ON COLUMN public.hlf_sync_state.wanted_operation IS 'What the app wants; read from it afresh when an attempt is claimed.';

COMMENT ON COLUMN public.hlf_sync_state.seen_event IS 'How the mentor was last seen, in the log''s words: a pause that becomes a farewell is a change, too. Null while unknown.';

COMMENT ON COLUMN public.hlf_sync_state.generation IS 'Bumped by every request to sync; a success confirms one generation.';

COMMENT ON COLUMN public.hlf_sync_state.triggered_by_event IS 'Why the current generation was requested.';

COMMENT ON COLUMN public.hlf_sync_state.requested_at IS 'Since when the wanted operation has been asked for without being confirmed; asking again does not set it back.';

COMMENT ON COLUMN public.hlf_sync_state.due_at IS 'When the next attempt may start; null when none is wanted, or the organisation is switched off.';

COMMENT ON COLUMN public.hlf_sync_state.attempts IS 'Attempts made for the current generation.';

COMMENT ON COLUMN public.hlf_sync_state.uncounted_attempts IS 'Those among them that ended in what comes to everybody: rejected credentials, a wrong setting. Nobody is given up for them.';

COMMENT ON COLUMN public.hlf_sync_state.refused_since IS 'When the first attempt was claimed of those that Dynamics has refused (403 or another 4xx) since it last confirmed the mentor or the series began anew; null while none was. Whoever else is confirmed after it shows the refusal to be this mentor''s own.';

COMMENT ON COLUMN public.hlf_sync_state.refusals IS 'Refusals that count: the last of the short series is a dead letter.';

COMMENT ON COLUMN public.hlf_sync_state.in_flight_attempt_id IS 'The attempt under way; its lease is in hlf_sync.attempts.';

COMMENT ON COLUMN public.hlf_sync_state.confirmed_operation IS 'What Dynamics last confirmed to hold.';

COMMENT ON COLUMN public.hlf_sync_state.dead_lettered_at IS 'When attempts ran out; cleared by the next request to sync, or, where the night tries once more, by its success.';

COMMENT ON COLUMN public.hlf_sync_state.last_error IS 'Error of the last attempt; null after a success.';

CREATE TABLE public.hlf_sync_switches (
    organisation_id uuid NOT NULL,
    is_enabled boolean DEFAULT false NOT NULL,
    switched_at timestamp with time zone DEFAULT now() NOT NULL,
    switched_by text DEFAULT COALESCE((auth.uid())::text, (SESSION_USER)::text) NOT NULL,
    mass_change_allowed_until timestamp with time zone
);

COMMENT ON TABLE public.hlf_sync_switches IS 'Which organisations are synchronised; one that has no row is not. What changes meanwhile waits, in nobody''s way.';

COMMENT ON COLUMN public.hlf_sync_switches.is_enabled IS 'Whether mentors of this organisation are synchronised.';

COMMENT ON COLUMN public.hlf_sync_switches.switched_by IS 'A user''s id, or a role of the database.';

COMMENT ON COLUMN public.hlf_sync_switches.mass_change_allowed_until IS 'Until then the fuse lets everything of this organisation pass.';

CREATE TABLE public.organisation_members (
    organisation_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role public.organisation_role NOT NULL
);

COMMENT ON TABLE public.organisation_members IS 'Which signed-in user is what in which organisation.';

-- Keys

ALTER TABLE ONLY hlf_sync.alert_kinds
    ADD CONSTRAINT alert_kinds_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY hlf_sync.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (attempt_id);

ALTER TABLE ONLY hlf_sync.days
    ADD CONSTRAINT days_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hlf_sync.held_changes
    ADD CONSTRAINT held_changes_pkey PRIMARY KEY (source, organisation_id);

ALTER TABLE ONLY hlf_sync.listings
    ADD CONSTRAINT listings_pkey PRIMARY KEY (reader, mentor_id);

ALTER TABLE ONLY hlf_sync.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY hlf_sync.project
    ADD CONSTRAINT project_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hlf_sync.pulse
    ADD CONSTRAINT pulse_pkey PRIMARY KEY (id);

ALTER TABLE ONLY hlf_sync.silent_sources
    ADD CONSTRAINT silent_sources_pkey PRIMARY KEY (source);

ALTER TABLE ONLY hlf_sync.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (step);

ALTER TABLE ONLY public.cert_expiry_reminders
    ADD CONSTRAINT cert_expiry_reminders_mentor_id_threshold_day_certification_key UNIQUE (mentor_id, threshold_day, certification_expiry_date);

ALTER TABLE ONLY public.cert_expiry_reminders
    ADD CONSTRAINT cert_expiry_reminders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_certification_policies
    ADD CONSTRAINT hlf_certification_policies_pkey PRIMARY KEY (organisation_id);

ALTER TABLE ONLY public.hlf_coordinator_notifications
    ADD CONSTRAINT hlf_coordinator_notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_mentor_status_transitions
    ADD CONSTRAINT hlf_mentor_status_transitions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_nightly_runs
    ADD CONSTRAINT hlf_nightly_runs_pkey PRIMARY KEY (run_date);

ALTER TABLE ONLY public.hlf_sync_alerts
    ADD CONSTRAINT hlf_sync_alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_sync_audit_log
    ADD CONSTRAINT hlf_sync_audit_log_pkey PRIMARY KEY (id, created_at);

ALTER TABLE ONLY public.hlf_sync_audit_seals
    ADD CONSTRAINT hlf_sync_audit_seals_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.hlf_sync_detached_partitions
    ADD CONSTRAINT hlf_sync_detached_partitions_pkey PRIMARY KEY (partition_year);

ALTER TABLE ONLY public.hlf_sync_drifts
    ADD CONSTRAINT hlf_sync_drifts_pkey PRIMARY KEY (run_date, mentor_id);

ALTER TABLE ONLY public.hlf_sync_gate
    ADD CONSTRAINT hlf_sync_gate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_sync_manual_actions
    ADD CONSTRAINT hlf_sync_manual_actions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_sync_state
    ADD CONSTRAINT hlf_sync_state_pkey PRIMARY KEY (mentor_id);

ALTER TABLE ONLY public.hlf_sync_switches
    ADD CONSTRAINT hlf_sync_switches_pkey PRIMARY KEY (organisation_id);

ALTER TABLE ONLY public.mentors
    ADD CONSTRAINT mentors_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.organisation_members
    ADD CONSTRAINT organisation_members_pkey PRIMARY KEY (organisation_id, user_id);

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hlf_sync_drifts
    ADD CONSTRAINT hlf_sync_drifts_run_date_fkey FOREIGN KEY (run_date) REFERENCES public.hlf_nightly_runs(run_date);

ALTER TABLE ONLY public.hlf_sync_alerts
    ADD CONSTRAINT kind_is_known FOREIGN KEY (kind) REFERENCES hlf_sync.alert_kinds(kind);

ALTER TABLE ONLY public.mentors
    ADD CONSTRAINT mentors_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organisation_members
    ADD CONSTRAINT organisation_members_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.organisation_members
    ADD CONSTRAINT organisation_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

-- Indexes

CREATE INDEX attempts_claimed_at_idx ON hlf_sync.attempts USING btree (claimed_at);

CREATE INDEX attempts_in_flight_idx ON hlf_sync.attempts USING btree (lease_expires_at) WHERE (outcome IS NULL);

CREATE INDEX attempts_mentor_id_idx ON hlf_sync.attempts USING btree (mentor_id);

CREATE INDEX cert_expiry_reminders_organisation_id_created_at_idx ON public.cert_expiry_reminders USING btree (organisation_id, created_at);

CREATE INDEX hlf_coordinator_notifications_organisation_id_created_at_idx ON public.hlf_coordinator_notifications USING btree (organisation_id, created_at);

CREATE INDEX hlf_coordinator_notifications_untold_idx ON public.hlf_coordinator_notifications USING btree (organisation_id) WHERE (told_at IS NULL);

CREATE INDEX hlf_mentor_status_transitions_organisation_id_created_at_idx ON public.hlf_mentor_status_transitions USING btree (organisation_id, created_at);

CREATE UNIQUE INDEX hlf_sync_alerts_open_kind_key ON public.hlf_sync_alerts USING btree (kind) WHERE (closed_at IS NULL);

CREATE INDEX hlf_sync_audit_log_created_at_idx ON ONLY public.hlf_sync_audit_log USING brin (created_at) WITH (pages_per_range='32');

CREATE INDEX hlf_sync_audit_log_dead_letters_idx ON ONLY public.hlf_sync_audit_log USING btree (organisation_id, created_at) WHERE (outcome = 'dead_lettered'::public.hlf_sync_outcome);

CREATE INDEX hlf_sync_audit_log_mentor_id_created_at_idx ON ONLY public.hlf_sync_audit_log USING btree (mentor_id, created_at);

CREATE INDEX hlf_sync_audit_log_organisation_id_created_at_idx ON ONLY public.hlf_sync_audit_log USING btree (organisation_id, created_at) INCLUDE (outcome);

CREATE INDEX hlf_sync_audit_log_outcome_created_at_idx ON ONLY public.hlf_sync_audit_log USING btree (outcome, created_at);

CREATE INDEX hlf_sync_drifts_organisation_id_idx ON public.hlf_sync_drifts USING btree (organisation_id, run_date);

CREATE INDEX hlf_sync_manual_actions_actor_created_at_idx ON public.hlf_sync_manual_actions USING btree (actor, created_at);

CREATE INDEX hlf_sync_manual_actions_organisation_id_created_at_idx ON public.hlf_sync_manual_actions USING btree (organisation_id, created_at);

CREATE INDEX hlf_sync_state_due_idx ON public.hlf_sync_state USING btree (wanted_operation, due_at) WHERE ((due_at IS NOT NULL) AND (in_flight_attempt_id IS NULL));

CREATE INDEX hlf_sync_state_organisation_id_idx ON public.hlf_sync_state USING btree (organisation_id);

CREATE INDEX hlf_sync_state_refused_since_idx ON public.hlf_sync_state USING btree (refused_since) WHERE (refused_since IS NOT NULL);

CREATE INDEX mentors_organisation_id_idx ON public.mentors USING btree (organisation_id);

CREATE INDEX organisation_members_user_id_idx ON public.organisation_members USING btree (user_id);

-- Views

CREATE VIEW hlf_sync.certificates AS
 SELECT m.id AS mentor_id,
    m.certification_expiry_date AS expires_on
   FROM public.mentors m
  WHERE (m.certification_expiry_date IS NOT NULL);

COMMENT ON VIEW hlf_sync.certificates IS 'Port, optional: one row per mentor with a certification that ends.';

COMMENT ON COLUMN hlf_sync.certificates.expires_on IS 'The last day on which it is valid.';

CREATE VIEW hlf_sync.mentors AS
 SELECT m.id AS mentor_id,
    m.organisation_id,
    (m.status = 'active'::public.mentor_status) AS is_shown,
    (m.status)::text AS reason,
    m.full_name AS name
   FROM public.mentors m;

COMMENT ON VIEW hlf_sync.mentors IS 'Port: one row per mentor there is. Who is gone has no row, and is hidden.';

COMMENT ON COLUMN hlf_sync.mentors.is_shown IS 'Whether the website is to show the mentor.';

COMMENT ON COLUMN hlf_sync.mentors.reason IS 'active, paused, expired_cert or resigned; another word is recorded as status_change:active or status_change:hidden.';

COMMENT ON COLUMN hlf_sync.mentors.name IS 'For the coordinators'' page only; null where the app has none.';

CREATE VIEW hlf_sync.organisations AS
 SELECT o.id AS organisation_id,
    o.name
   FROM public.organisations o;

COMMENT ON VIEW hlf_sync.organisations IS 'Port: the organisations that mentors belong to.';

CREATE VIEW public.hlf_sync_mentor_status WITH (security_invoker='true') AS
 SELECT s.mentor_id,
    s.organisation_id,
    s.wanted_operation,
    s.confirmed_operation,
    s.confirmed_at,
    s.due_at,
    s.dead_lettered_at,
        CASE
            WHEN (s.dead_lettered_at IS NOT NULL) THEN 'stuck'::text
            WHEN ((s.due_at IS NULL) AND (s.in_flight_attempt_id IS NULL) AND (s.wanted_operation = s.confirmed_operation)) THEN 'in_sync'::text
            ELSE 'waiting'::text
        END AS standing,
    last_attempt.id AS last_attempt_id,
    last_attempt.operation AS last_operation,
    last_attempt.outcome AS last_outcome,
    last_attempt.dynamics_response_code AS last_response_code,
    last_attempt.error_message AS last_error_message,
    last_attempt.created_at AS last_attempt_at
   FROM (public.hlf_sync_state s
     LEFT JOIN LATERAL ( SELECT log.id,
            log.organisation_id,
            log.mentor_id,
            log.operation,
            log.dynamics_response_code,
            log.retry_count,
            log.outcome,
            log.error_message,
            log.triggered_by_event,
            log.created_at
           FROM public.hlf_sync_audit_log log
          WHERE ((log.mentor_id = s.mentor_id) AND (log.organisation_id = s.organisation_id))
          ORDER BY log.created_at DESC
         LIMIT 1) last_attempt ON (true));

COMMENT ON VIEW public.hlf_sync_mentor_status IS 'Each mentor''s standing towards the website (in_sync, waiting, stuck) and last attempt, as far as the caller may see.';

-- Functions

CREATE FUNCTION hlf_sync.accept_environment(environment_id uuid DEFAULT NULL::uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.hlf_sync_gate as g set environment_id = accept_environment.environment_id where g.id;
  select hlf_sync.read_tonight_again()
$$;

COMMENT ON FUNCTION hlf_sync.accept_environment(environment_id uuid) IS 'For an operator who has moved to another environment: readings of it are believed; without an id, of whichever is read next.';

CREATE FUNCTION hlf_sync.accept_listing_count(listing_count integer) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.hlf_sync_gate as g set accepted_listing_count = greatest(listing_count, 0) where g.id;
  select hlf_sync.read_tonight_again()
$$;

COMMENT ON FUNCTION hlf_sync.accept_listing_count(listing_count integer) IS 'For an operator who knows that there are only so many listings now: the next reading is measured by that.';

CREATE FUNCTION hlf_sync.admit_request() RETURNS TABLE(is_admitted boolean, gate_reason text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gate public.hlf_sync_gate;
  recent timestamptz[];
begin
  -- Locked as by a claim, so that the budget holds across all who ask.
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  gate_reason := case when gate.closed_until > clock_timestamp() then gate.reason end;
  recent := array(
    select r.requested_at from unnest(gate.other_requests) as r (requested_at)
    where r.requested_at > clock_timestamp() - gate.requests_window
  );
  -- A gate that is closed for credentials or settings is what a health check is to open.
  is_admitted := gate_reason is distinct from 'throttled' and gate.max_requests > (
    select count(*) from hlf_sync.attempts as t
    where t.claimed_at > clock_timestamp() - gate.requests_window
  ) + cardinality(recent);
  if is_admitted then
    update public.hlf_sync_gate as g set other_requests = recent || clock_timestamp() where g.id;
  end if;
  return next;
end
$$;

COMMENT ON FUNCTION hlf_sync.admit_request() IS 'Whether one request that is no attempt may be sent now: while no throttle holds, within the budget, which it then counts in.';

CREATE FUNCTION hlf_sync.allow_mass_change(organisation_id uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.hlf_sync_switches as w set mass_change_allowed_until = clock_timestamp() + interval '1 hour'
  where w.organisation_id = allow_mass_change.organisation_id;
  if not found then
    raise exception 'Organisation % is not switched on', organisation_id using errcode = '22023';
  end if;
  -- The sweep finds again within a minute what it held; the night has to read the listings again.
  delete from hlf_sync.held_changes as h
  where h.source = 'nightly run' and h.organisation_id = allow_mass_change.organisation_id;
  if found then
    delete from public.hlf_sync_drifts as d where d.run_date = hlf_sync.today_in_oslo();
    update public.hlf_nightly_runs as r
    set finished_at = null, reconciliation_reader = null, reconciliation_lease_until = null
    where r.run_date = hlf_sync.today_in_oslo();
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.allow_mass_change(organisation_id uuid) IS 'For the team, once it has looked: for an hour the fuse lets pass whatever is found of an organisation.';

CREATE FUNCTION hlf_sync.answer_to(request_id bigint, queued_at timestamp with time zone) RETURNS TABLE(status_code integer)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query
  select r.status_code
  from net._http_response as r
  -- pg_net's ids begin anew after a crash: an older answer is another request's.
  where r.id = request_id and r.created >= queued_at - interval '1 second';
end
$$;

COMMENT ON FUNCTION hlf_sync.answer_to(request_id bigint, queued_at timestamp with time zone) IS 'What pg_net got for a request that it took at that time, by the clock: no row before an answer, and null where none came.';

CREATE FUNCTION hlf_sync.apply_switch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.hlf_sync_state as s set
    due_at = case when new.is_enabled then clock_timestamp() end,
    -- While it was off, nobody waited for it.
    requested_at = case when new.is_enabled then clock_timestamp() else s.requested_at end,
    updated_at = now()
  -- Also who is in flight: the attempt's end leaves a newer generation due or waiting as it finds it.
  where s.organisation_id = new.organisation_id
    and s.confirmed_generation is distinct from s.generation
    and s.dead_lettered_at is null;
  if new.is_enabled then
    perform hlf_sync.nudge('{"type": "sweep"}');
  end if;
  return null;
end
$$;

COMMENT ON FUNCTION hlf_sync.apply_switch() IS 'Trigger: who waits becomes due when an organisation is switched on, and nobody is when it is switched off.';

CREATE FUNCTION hlf_sync.ask_for_project() RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  project hlf_sync.project;
  answer record;
  function_url constant text := hlf_sync.callable_url('hlf_sync_function_url');
  new_question constant uuid := gen_random_uuid();
  request bigint;
begin
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null then
    return 'unknown';
  elsif project.server = hlf_sync.server_mark() and not project.is_foreign then
    perform hlf_sync.close_alert('foreign_project');
    return 'confirmed';
  end if;

  if project.request_id is not null then
    select a.status_code into answer from hlf_sync.answer_to(project.request_id, project.asked_at) as a;
    if found and answer.status_code = 409 then
      update hlf_sync.project as p set is_foreign = true, is_unanswered = false, request_id = null where p.id;
      perform hlf_sync.raise_alert('foreign_project');
    elsif found or project.asked_at < now() - interval '2 minutes' then
      update hlf_sync.project as p set is_unanswered = true, request_id = null where p.id;
    else
      return 'asked';
    end if;
  end if;

  -- The one thing that a copy sends: a question that names nothing.
  if function_url is not null then
    request := hlf_sync.post_json(
      function_url,
      jsonb_build_object('type', 'identify', 'question', new_question),
      jsonb_build_object('apikey', coalesce(hlf_sync.secret_key(), ''))
    );
  end if;
  update hlf_sync.project as p set
    question = new_question, asked_at = clock_timestamp(), request_id = request,
    is_unanswered = p.is_unanswered or request is null
  where p.id;
  return 'asked';
end
$$;

COMMENT ON FUNCTION hlf_sync.ask_for_project() IS 'Asks the function, after every start of the server, whether it works on this database, and reads its answer.';

CREATE FUNCTION hlf_sync.assert_administrator() RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if not hlf_sync.is_hlf_administrator() then
    raise exception 'Only an HLF administrator may break the glass' using errcode = '42501';
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.assert_administrator() IS 'Raises 42501 for everyone but HLF administrators.';

CREATE FUNCTION hlf_sync.assert_columns(relation regclass, columns text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  missing constant text := (
    select string_agg(c.name, ', ')
    from unnest(columns) as c (name)
    where not exists (
      select from pg_catalog.pg_attribute as a
      where a.attrelid = relation and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    )
  );
begin
  if missing is not null then
    raise exception '% has no column %', relation, missing using errcode = '42703';
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.assert_columns(relation regclass, columns text[]) IS 'Raises 42703 that names the columns which a relation does not have.';

CREATE FUNCTION hlf_sync.assert_day_has_come(on_date date) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  if on_date > hlf_sync.today_in_oslo() then
    raise exception 'The day % has not come yet', on_date using errcode = '22023';
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.assert_day_has_come(on_date date) IS 'Raises 22023 for a day to come in Europe/Oslo: worked on as if it were today, it would expire everybody whose certificate ends before it.';

CREATE FUNCTION hlf_sync.assert_lease(lease_seconds integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  if lease_seconds is null or lease_seconds not between 1 and 600 then
    raise exception 'A lease is 1 to 600 seconds long, not %', lease_seconds using errcode = '22023';
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.assert_lease(lease_seconds integer) IS 'Raises 22023 for a lease that ends at once, or that would keep what a dead worker holds for longer than ten minutes.';

CREATE FUNCTION hlf_sync.assert_same_length(VARIADIC lengths integer[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO ''
    AS $$
begin
  if (lengths[1] = all (lengths)) is not true then
    raise exception 'The arrays have different lengths: %', array_to_string(lengths, ', ', 'null') using errcode = '22023';
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.assert_same_length(VARIADIC lengths integer[]) IS 'For functions that take a batch in one array a column, of which unnest would fill up the shorter ones with nulls: raises 22023.';

CREATE FUNCTION hlf_sync.begin_reconciliation(lease_seconds integer, on_date date, environment_id uuid DEFAULT NULL::uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  reader constant uuid := gen_random_uuid();
  gate public.hlf_sync_gate;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  perform hlf_sync.run_night(on_date);

  select g.* into strict gate from public.hlf_sync_gate as g;
  if gate.closed_until > clock_timestamp() then
    return null;
  end if;
  if gate.environment_id <> begin_reconciliation.environment_id then
    if exists (select from public.hlf_nightly_runs as r where r.run_date = on_date and r.finished_at is null) then
      perform hlf_sync.refuse_reading(on_date, 'environment', null);
    end if;
    return null;
  end if;

  update public.hlf_nightly_runs as r set
    reconciliation_started_at = clock_timestamp(),
    reconciliation_reader = reader,
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds),
    unaddressable_listing_count = 0
  where r.run_date = on_date
    and r.finished_at is null
    and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= clock_timestamp());
  if not found then
    return null;
  end if;
  if gate.environment_id is null then
    update public.hlf_sync_gate as g set environment_id = begin_reconciliation.environment_id where g.id;
  end if;
  -- What an interrupted reading left behind; a reader of another date, who still reads, keeps what is its own.
  delete from hlf_sync.listings as l
  where not exists (
    select from public.hlf_nightly_runs as r where r.reconciliation_reader = l.reader and r.finished_at is null
  );
  return reader;
end
$$;

COMMENT ON FUNCTION hlf_sync.begin_reconciliation(lease_seconds integer, on_date date, environment_id uuid) IS 'Runs the night of a date and hands its reconciliation to one reader; null when it is done or under way, while the gate is closed, or when Dynamics is another environment than the one noted at first.';

CREATE FUNCTION hlf_sync.callable_url(secret_name text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  url constant text := hlf_sync.secret(secret_name);
begin
  return case when hlf_sync.is_callable_url(url) then url end;
end
$$;

COMMENT ON FUNCTION hlf_sync.callable_url(secret_name text) IS 'A secret of Vault that is a URL; null when there is none that can be called.';

CREATE FUNCTION hlf_sync.check_audit_seals(at timestamp with time zone DEFAULT now()) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  today constant date := (at at time zone 'UTC')::date;
  -- Each night goes 13 days further, in a year that has moved on by one: after thirty nights every day was looked at.
  turn constant date := today - 366 + 13 * ((today - '2000-01-01'::date) % 30);
  is_open constant boolean := exists (
    select from public.hlf_sync_alerts as a where a.kind = 'seal_broken' and a.closed_at is null
  );
  verified record;
  is_broken boolean;
begin
  -- The last days, and a part of the year in turn, so that it stays far below the time that a statement may take; older years
  -- are verified when they are exported. The whole year before the alert closes.
  select v.* into strict verified
  from unnest(
    case when is_open then array[today - 366] else array[turn, today - 8] end,
    case when is_open then array[today] else array[turn + 13, today] end
  ) as part (from_day, to_day)
  cross join lateral hlf_sync.verify_audit(part.from_day, part.to_day, at) as v
  order by v.is_intact, v.first_bad_day
  limit 1;
  is_broken := not verified.is_intact
    -- A seal that was never made is late, which is what sealing_stopped tells.
    and not (
      verified.reason = 'seal missing'
      and verified.first_bad_day > coalesce((select p.sealed_until from hlf_sync.pulse as p), '-infinity')
    );
  update hlf_sync.pulse as p set broken_day = case when is_broken then verified.first_bad_day end where p.id;
  perform hlf_sync.set_alert('seal_broken', is_broken);
end
$$;

COMMENT ON FUNCTION hlf_sync.check_audit_seals(at timestamp with time zone) IS 'Verifies the last eight days and a thirtieth of the year in turn (all of it while the alert is open), and opens or closes the alert seal_broken.';

CREATE FUNCTION hlf_sync.claim_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  gate public.hlf_sync_gate;
  lost_ids uuid[];
  capacity record;
  leased_until timestamptz;
  is_open boolean;
  removes_alone boolean;
  attempts jsonb;
  claimed integer;
  has_more boolean;
  seconds double precision;
  gate_reason text;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if lost_claims <> '{}' then
    -- The worker never learned of whom they took, so it has sent nothing of theirs, and never will.
    lost_ids := array(
      select t.attempt_id from hlf_sync.attempts as t
      where t.worker = claim_ahead.worker and t.claim_number = any (lost_claims) and t.outcome is null
    );
    -- The worker goes on naming them, as one may be carried out late; mostly there is nobody left.
    if cardinality(lost_ids) > 0 then
      perform hlf_sync.hand_back_attempts(worker, lost_ids);
    end if;
  end if;
  if gate.drainer <> worker and gate.drainer_until > clock_timestamp() then
    return jsonb_build_object(
      'attempts', '[]'::jsonb, 'places', 0, 'has_more', false, 'is_elsewhere', true,
      'seconds', extract(epoch from gate.drainer_until - clock_timestamp()), 'gate_reason', null, 'ready_seconds', 0
    );
  end if;

  if gate.drainer <> worker then
    -- It is dead, or stands still and sends nothing when it comes back, as what it has ready is too old by then.
    update hlf_sync.attempts as t set is_orphaned = true where t.worker = gate.drainer and t.outcome is null;
  end if;

  -- An urgent one would wait for the restores of a backlog that are claimed with it. Every other claim at most, or the restores
  -- would have to wait for as long as one remove follows another.
  removes_alone := gate.drainer = worker and gate.drainer_until > clock_timestamp() and 'restore' = (
    select t.operation from hlf_sync.attempts as t
    where t.worker = claim_ahead.worker
    order by t.claimed_at desc, t.operation desc
    limit 1
  );
  is_open := gate.closed_until <= clock_timestamp() and hlf_sync.is_own_project(project_url);
  if is_open then
    perform hlf_sync.settle_interrupted_attempts();
  end if;
  select * into strict capacity from hlf_sync.remaining_capacity(worker);
  if is_open then
    select jsonb_agg(to_jsonb(a) order by a.operation, a.attempt_id) into attempts
    from hlf_sync.hand_out_attempts(
      least(batch_size, capacity.room), least(batch_size + more_removes, capacity.room), lease_seconds, max_attempts, null, worker,
      claim_ahead.claim_number, removes_alone
    ) as a;
  end if;
  claimed := coalesce(jsonb_array_length(attempts), 0);
  has_more := is_open and case
    -- The next claim tells. Looking for more here leads past all who were claimed of late, in every claim.
    when batch_size > 0 and claimed >= batch_size then true
    -- What another transaction has locked is no backlog: it was asked for, and could not be had.
    when batch_size > 0 and claimed < capacity.room and (removes_alone and attempts -> 0 ->> 'operation' = 'remove') is not true
    then false
    else exists (
      select from public.hlf_sync_state as s
      where s.wanted_operation = any (enum_range(null::public.hlf_sync_operation))
        and s.due_at <= clock_timestamp()
        and s.in_flight_attempt_id is null
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    )
  end;
  if has_more then
    update public.hlf_sync_gate as g set
      drainer = worker, drainer_until = clock_timestamp() + g.drainer_lease
    where g.drainer is distinct from worker or g.drainer_until < clock_timestamp() + g.drainer_lease / 2
    returning g.drainer_until into leased_until;
    leased_until := coalesce(leased_until, gate.drainer_until);
  else
    -- Whatever was committed before is in this claim, and what comes later finds no lease.
    update public.hlf_sync_gate as g set drainer = null, drainer_until = '-infinity' where g.drainer is not null;
  end if;
  if not has_more or claimed >= capacity.room then
    select w.seconds, w.gate_reason into seconds, gate_reason from hlf_sync.get_wait() as w;
  end if;
  return jsonb_build_object(
    'attempts', coalesce(attempts, '[]'), 'places', capacity.places, 'has_more', has_more, 'is_elsewhere', false,
    'seconds', seconds, 'gate_reason', gate_reason,
    -- Not for the whole of a lease that was not renewed: another drainer would send beside what is late.
    'ready_seconds', coalesce(extract(epoch from leased_until - clock_timestamp()), extract(epoch from gate.drainer_lease))
  );
end
$$;

COMMENT ON FUNCTION hlf_sync.claim_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) IS 'Claims for a worker''s drain. lost_claims: numbers of its claims that it has had no answer to, and which are undone. has_more: more is due than was handed out, and the worker is the drainer for some seconds. is_elsewhere: another one is, for so many seconds. Else seconds, until somebody can next be claimed; null: nobody waits. ready_seconds: for so long from now the attempts may be sent; what is later is to be handed back.';

CREATE FUNCTION hlf_sync.claim_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[] DEFAULT NULL::uuid[], ignore_gate boolean DEFAULT false, project_url text DEFAULT NULL::text) RETURNS TABLE(attempt_id uuid, mentor_id uuid, organisation_id uuid, operation public.hlf_sync_operation, retry_count integer, triggered_by_event text, is_last boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  gate public.hlf_sync_gate;
  room integer;
begin
  perform hlf_sync.assert_lease(lease_seconds);
  -- The lock on the gate lets workers claim one after the other, so that the caps hold across all of them.
  select g.* into strict gate from public.hlf_sync_gate as g for update;
  if not hlf_sync.is_own_project(project_url) or (gate.closed_until > clock_timestamp() and not ignore_gate) then
    return;
  end if;
  perform hlf_sync.settle_interrupted_attempts();
  select least(batch_size, c.room) into strict room from hlf_sync.remaining_capacity() as c;
  return query
  select * from hlf_sync.hand_out_attempts(room, room, lease_seconds, max_attempts, only_mentor_ids, null, null, false);
end
$$;

COMMENT ON FUNCTION hlf_sync.claim_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], ignore_gate boolean, project_url text) IS 'Claims due mentors: removes first, within the gate, the cap in flight and the request budget. Nothing for the function of another project.';

CREATE FUNCTION hlf_sync.claim_break_glass(mentor_ids uuid[], lease_seconds integer) RETURNS TABLE(attempt_id uuid, mentor_id uuid, organisation_id uuid, operation public.hlf_sync_operation, retry_count integer, triggered_by_event text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  requests hlf_sync.sync_request[];
begin
  perform hlf_sync.assert_administrator();

  -- Under the lock of the gate there is room for all that are taken here, so each that is asked for is claimed.
  perform from public.hlf_sync_gate as g for update;
  perform hlf_sync.settle_interrupted_attempts();

  requests := array(
    select row(s.mentor_id, s.organisation_id, s.wanted_operation, 'break_glass', null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.mentor_id = any (mentor_ids)
      and s.in_flight_attempt_id is null
      and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    order by s.mentor_id
    limit (select c.room from hlf_sync.remaining_capacity() as c)
    for update of s skip locked
  );
  if cardinality(requests) = 0 then
    return;
  end if;

  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  select (select auth.uid()), r.organisation_id, r.mentor_id, 'break_glass' from unnest(requests) as r;
  perform hlf_sync.request_sync(requests);
  -- The gate is closed for the function's credentials, not for the ones typed in.
  return query
  select c.attempt_id, c.mentor_id, c.organisation_id, c.operation, c.retry_count, c.triggered_by_event
  from hlf_sync.claim_attempts(
    cardinality(requests), lease_seconds, 2147483647, array(select r.mentor_id from unnest(requests) as r), true
  ) as c;
end
$$;

COMMENT ON FUNCTION hlf_sync.claim_break_glass(mentor_ids uuid[], lease_seconds integer) IS 'Claims mentors for an administrator, whatever the gate says, within the caps; what is in flight already is left out.';

CREATE FUNCTION hlf_sync.close_alert(alert_kind text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '1s'
    AS $$
begin
  update public.hlf_sync_alerts as a set closed_at = now()
  where a.id = (
    select l.id from public.hlf_sync_alerts as l where l.kind = alert_kind and l.closed_at is null for update skip locked
  );
  if found then
    perform hlf_sync.tell_of_alert(alert_kind);
  end if;
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the end of the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;

COMMENT ON FUNCTION hlf_sync.close_alert(alert_kind text) IS 'Closes the open alert of a kind and has it told.';

CREATE FUNCTION hlf_sync.close_gate(reason text, seconds double precision) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  until constant timestamptz := case
    when reason in ('credentials', 'settings') then 'infinity'::timestamptz
    -- Whatever a header says: nobody stays on the website for more than an hour because of it.
    else clock_timestamp() + make_interval(secs => case when seconds > 3600 then 3600 else seconds end)
  end;
begin
  if until is null then
    raise exception 'Cannot close the gate as %: seconds are missing', reason using errcode = '22004';
  end if;
  -- The longer closure wins: a short throttle must not open what rejected credentials have closed.
  update public.hlf_sync_gate as g set
    closed_until = until,
    reason = close_gate.reason,
    closed_at = case when g.closed_until > clock_timestamp() then g.closed_at else clock_timestamp() end
  where g.closed_until < until;

  if reason in ('credentials', 'settings') then
    perform hlf_sync.raise_alert(reason || '_rejected');
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.close_gate(reason text, seconds double precision) IS 'Stops all claims: for some seconds, at most an hour (throttled), or until a health check passes (credentials, settings), which raises an alert.';

CREATE FUNCTION hlf_sync.close_gate_for_refusals(kind text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  ids constant uuid[] := array(
    select s.mentor_id
    from public.hlf_sync_state as s
    where s.refused_since > coalesce(hlf_sync.last_confirmation(), '-infinity')
      and hlf_sync.kind_of_refusal(s.last_error) = close_gate_for_refusals.kind
    order by s.mentor_id
    for update skip locked
  );
begin
  -- What has come to everybody was nobody's fault from the first on, not even of those who were given up for it already.
  update public.hlf_sync_state as s set
    uncounted_attempts = s.attempts,
    refusals = 0,
    due_at = case
      when s.in_flight_attempt_id is not null then s.due_at
      else coalesce(least(s.due_at, clock_timestamp() + interval '60 seconds'), clock_timestamp())
    end,
    dead_lettered_at = null,
    updated_at = now()
  where s.mentor_id = any (ids);
  -- Who was known to be refused alone is no longer, as nobody gets through: it takes new evidence.
  update public.hlf_sync_state as s set refused_since = clock_timestamp()
  where s.mentor_id = any (array(
    select alone.mentor_id
    from public.hlf_sync_state as alone
    where alone.refused_since <= hlf_sync.last_confirmation()
      and alone.dead_lettered_at is null
      and hlf_sync.kind_of_refusal(alone.last_error) = close_gate_for_refusals.kind
    order by alone.mentor_id
    for update skip locked
  ));
  perform hlf_sync.close_gate(case when kind = 'forbidden' then 'credentials' else 'settings' end, null);
end
$$;

COMMENT ON FUNCTION hlf_sync.close_gate_for_refusals(kind text) IS 'Closes the gate for a refusal that comes to everybody, and takes back what it has counted against anybody.';

CREATE FUNCTION hlf_sync.confirm_project(project_url text, question uuid) RETURNS text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select case
    when not exists (select from hlf_sync.project as p where p.question = confirm_project.question) then 'not asked here'
    when hlf_sync.is_own_project(project_url) then 'confirmed'
    else 'foreign'
  end
$$;

COMMENT ON FUNCTION hlf_sync.confirm_project(project_url text, question uuid) IS 'confirmed: this database asked, and the function is its own. not asked here: another database did. foreign.';

CREATE FUNCTION hlf_sync.coordinated_organisation_ids() RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  return query
  select m.organisation_id
  from public.organisation_members as m
  where m.user_id = (select auth.uid()) and m.role = 'coordinator';
end
$$;

COMMENT ON FUNCTION hlf_sync.coordinated_organisation_ids() IS 'Port: organisations that the caller coordinates. Policies call it as `= any (array(select …))`, so it runs once per query.';

CREATE FUNCTION hlf_sync.count_certification_duplicates() RETURNS integer
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select count(*)::integer
  from (
    select from public.hlf_mentor_status_transitions
    group by mentor_id, to_status, certification_expiry_date
    having count(*) > 1 and max(created_at) > now() - interval '26 hours'
    union all
    select from public.cert_expiry_reminders
    group by mentor_id, threshold_day, certification_expiry_date
    having count(*) > 1 and max(created_at) > now() - interval '26 hours'
  ) as duplicates
$$;

COMMENT ON FUNCTION hlf_sync.count_certification_duplicates() IS 'Compensation query: certification periods with more than one transition, or more than one reminder of a threshold, the last of them within 26 hours: an older case was told of, and must not hide the next one.';

CREATE FUNCTION hlf_sync.create_audit_log_partition(partition_year integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.create_audit_log_partition(partition_year integer) IS 'Creates the partition of one calendar year (UTC), append-only and closed to every API role, or attaches one that was detached by hand. Idempotent.';

CREATE FUNCTION hlf_sync.create_tracker(tracked regclass, key_column text, columns text[], related regclass, related_column text, mentor_column text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  tracker constant text := 'track_' || case when octet_length(tracked::text) > 57 then md5(tracked::text) else tracked::text end;
  -- As text, because not every type can be compared, and in the order of bytes, which is the fastest.
  value constant text := (
    select format('row(%s)::text collate "C"', string_agg(format('r.%I', c.name), ', ' order by c.place))
    from unnest(columns) with ordinality as c (name, place)
  );
  changed constant text := format(
    case
      when cardinality(columns) = 0 then 'select r.%1$I from old_rows as r union select r.%1$I from new_rows as r'
      -- Whatever is on one side more often: a row that changed, and one whose key did.
      else 'select c.key
        from (
          select r.%1$I, 1, %2$s from old_rows as r union all
          select r.%1$I, -1, %2$s from new_rows as r
        ) as c (key, side, value)
        group by c.key, c.value
        having sum(c.side) <> 0'
    end,
    key_column, value
  );
  lookup constant text := case
    when related is not null
    then format('select array_agg(distinct m.%I) from %s as m where m.%I in (', mentor_column, related, related_column)
  end;
  branches constant text := (
    select string_agg(
      format(
        case
          when related is null then 'when %1$L then ids := array(select distinct k.key from (%2$s) as k (key));'
          -- Looked up by a plan for as many keys as there are: one that was kept for a few might take hours for many.
          else 'when %1$L then if exists (%2$s) then execute %3$L into ids; end if;'
        end,
        op.name, op.keys, lookup || op.keys || ')'
      ),
      e'\n    '
    )
    from (values
      ('INSERT', format('select r.%I from new_rows as r', key_column)),
      ('DELETE', format('select r.%I from old_rows as r', key_column)),
      ('UPDATE', changed)
    ) as op (name, keys)
  );
  owner constant text := (
    select pg_get_userbyid(p.proowner)
    from pg_catalog.pg_proc as p
    where p.oid = 'hlf_sync.mentors_changed(uuid[])'::regprocedure
  );
begin
  -- Whoever does the same meanwhile waits.
  execute format('lock table %s in share row exclusive mode', tracked);
  execute format(
    'create or replace function hlf_sync.%I() returns trigger language plpgsql security definer set search_path = %L as %L',
    tracker, '', format($body$
declare
  ids pg_catalog.uuid[];
begin
  case tg_op
    %s
  end case;
  if cardinality(ids) > 0 then
    perform hlf_sync.mentors_changed(ids);
  end if;
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %%.%% (%%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$body$, branches)
  );
  execute format('alter function hlf_sync.%I() owner to %I', tracker, owner);
  execute format('revoke all on function hlf_sync.%I() from public, anon, authenticated, service_role', tracker);
  execute format(
    'comment on function hlf_sync.%I() is %L', tracker,
    format('Trigger of %s: says which mentors a statement may have changed. Never fails the write. Made by create_tracker.', tracked)
  );
  perform hlf_sync.create_tracking_triggers(tracked, tracker);
end
$_$;

COMMENT ON FUNCTION hlf_sync.create_tracker(tracked regclass, key_column text, columns text[], related regclass, related_column text, mentor_column text) IS 'Gives a table of the app the triggers that see each change, and a function of its own, which keeps its plans: planning took longer than all else that a write pays for. It gathers the keys of rows that came, went, or differ in one of the columns (in any, where none is named). They are the mentors'' ids, or those of rows of the related table.';

CREATE FUNCTION hlf_sync.create_tracking_triggers(tracked regclass, tracker text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
begin
  execute format(
    'create or replace trigger hlf_sync_insert after insert on %1$s referencing new table as new_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_update after update on %1$s referencing old table as old_rows new table as new_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_delete after delete on %1$s referencing old table as old_rows
       for each statement execute function hlf_sync.%2$I();
     create or replace trigger hlf_sync_truncate after truncate on %1$s
       for each statement execute function hlf_sync.track_everybody()', tracked, tracker
  );
end
$_$;

COMMENT ON FUNCTION hlf_sync.create_tracking_triggers(tracked regclass, tracker text) IS 'Gives a table of the app the triggers that see each change, and call a function of this schema.';

CREATE FUNCTION hlf_sync.deliver_messages() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  message hlf_sync.messages;
  answer record;
  undelivered integer := 0;
begin
  -- Whom nobody wants to hear from any more has no webhook any more.
  delete from hlf_sync.messages as m
  where m.delivered_at is null and m.state = 'digest' and hlf_sync.secret(m.secret_name) is null;
  for message in
    select m.* from hlf_sync.messages as m where m.delivered_at is null order by m.subject for update skip locked
  loop
    if message.request_id is not null then
      select a.status_code into answer from hlf_sync.answer_to(message.request_id, message.queued_at) as a;
      if found then
        update hlf_sync.messages as m set
          delivered_at = case when answer.status_code between 200 and 299 then now() end,
          request_id = null, last_status = answer.status_code
        where m.subject = message.subject;
        continue when answer.status_code between 200 and 299;
      elsif message.queued_at > now() - interval '2 minutes' or hlf_sync.is_queued(message.request_id) then
        -- Its answer may still come. What has none by then was lost with pg_net's queue, which a crash empties.
        undelivered := undelivered + 1;
        continue;
      end if;
    end if;
    undelivered := undelivered + 1;
    perform hlf_sync.send_message(message.subject);
  end loop;
  return undelivered;
end
$$;

COMMENT ON FUNCTION hlf_sync.deliver_messages() IS 'Notes which messages have arrived, and sends the others again; how many have not arrived.';

CREATE FUNCTION hlf_sync.detach_audit_log_partition(partition_year integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  first_day constant date := make_date(partition_year, 1, 1);
  last_day constant date := make_date(partition_year, 12, 31);
  free_from constant timestamptz := make_timestamptz(partition_year + 6, 1, 1, 0, 0, 0, 'UTC');
  partition_name constant text := format('hlf_sync.audit_log_%s', partition_year);
  verified record;
  kept bigint;
begin
  if now() < free_from then
    raise exception 'Cannot detach %: rows are kept five years, until %', partition_year, free_from
      using errcode = '42501';
  end if;
  if not exists (
    select from pg_catalog.pg_inherits
    where inhparent = 'public.hlf_sync_audit_log'::regclass and inhrelid = to_regclass(partition_name)
  ) then
    raise exception 'Cannot detach %: there is no such partition', partition_year using errcode = '42P01';
  end if;
  if not exists (select from public.hlf_sync_audit_seals as s where s.day = last_day) then
    raise exception 'Cannot detach %: it is not sealed to its end', partition_year using errcode = '55000';
  end if;
  select v.* into verified from hlf_sync.verify_audit(first_day, last_day) as v;
  if not verified.is_intact then
    raise exception 'Cannot detach %: % on %', partition_year, verified.reason, verified.first_bad_day
      using errcode = '55000';
  end if;
  execute format('select count(*) from %s', partition_name) into kept;
  execute format('alter table public.hlf_sync_audit_log detach partition %s', partition_name);
  insert into public.hlf_sync_detached_partitions (partition_year, row_count)
  values (detach_audit_log_partition.partition_year, kept);
  return kept;
end
$$;

COMMENT ON FUNCTION hlf_sync.detach_audit_log_partition(partition_year integer) IS 'Takes a year wholly older than five years by the clock of the database out of the log, as a table that is still append-only, and notes it.';

CREATE FUNCTION hlf_sync.digest_audit_day(day date, previous_digest text) RETURNS TABLE(row_count bigint, digest text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select
    count(*),
    encode(sha256(convert_to(
      concat_ws(e'\n', coalesce(previous_digest, ''), to_char(day, 'YYYY-MM-DD'), count(*)::text,
        -- No value can hold a bar or a line break: ids, numbers, enums, closed vocabularies and times.
        string_agg(
          concat_ws('|', log.id, log.organisation_id, log.mentor_id, log.operation,
            coalesce(log.dynamics_response_code::text, ''), log.retry_count, log.outcome,
            coalesce(log.error_message, ''), log.triggered_by_event,
            to_char(log.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
          e'\n' order by log.created_at, log.id
        )
      ),
      'UTF8'
    )), 'hex')
  from public.hlf_sync_audit_log as log
  where log.created_at >= day::timestamp at time zone 'UTC'
    and log.created_at < (day + 1)::timestamp at time zone 'UTC'
$$;

COMMENT ON FUNCTION hlf_sync.digest_audit_day(day date, previous_digest text) IS 'What the seal of a day has to say, from the rows as they are now.';

CREATE FUNCTION hlf_sync.doubt_reading(on_date date, found_count integer) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select case
    when found_count = 0 and expected.listings > 0 then 'none'
    when found_count * 2 < expected.listings then 'fewer'
  end
  from (
    select coalesce(
      (select g.accepted_listing_count from public.hlf_sync_gate as g),
      (
        select r.listing_count from public.hlf_nightly_runs as r
        where r.run_date < on_date and r.finished_at is not null and r.listing_count is not null
        order by r.run_date desc
        limit 1
      ),
      -- Before the first night: who was confirmed shown has a listing.
      (select count(*)::integer from public.hlf_sync_state as s where s.confirmed_operation = 'restore')
    ) as listings
  ) as expected
$$;

COMMENT ON FUNCTION hlf_sync.doubt_reading(on_date date, found_count integer) IS 'Why a reading of so many listings is not to be believed: none, or fewer than half of what is expected; null if it is.';

CREATE FUNCTION hlf_sync.end_outage() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  requests hlf_sync.sync_request[];
begin
  -- Those who were given up for the outage, which was no fault of theirs, begin anew: nobody waits for a person to see it.
  requests := array(
    select row(s.mentor_id, s.organisation_id, s.wanted_operation, s.triggered_by_event, null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.dead_lettered_at is not null and s.due_at is null and s.in_flight_attempt_id is null
      and hlf_sync.is_outage(s.last_error)
    order by s.mentor_id
    for update skip locked
  );
  perform hlf_sync.request_sync(requests);
  -- A person must not stay on the website for the rest of a backoff of hours. What somebody else's success sets off costs
  -- nobody an attempt, or a Dynamics that comes and goes would use them up.
  update public.hlf_sync_state as s set
    due_at = clock_timestamp(), uncounted_attempts = s.uncounted_attempts + 1, updated_at = now()
  where s.mentor_id = any (array(
    select waiting.mentor_id
    from public.hlf_sync_state as waiting
    where waiting.due_at > clock_timestamp() and hlf_sync.is_outage(waiting.last_error)
    order by waiting.mentor_id
    for update skip locked
  ));
  if found or cardinality(requests) > 0 then
    perform hlf_sync.nudge('{"type": "sweep"}');
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.end_outage() IS 'Dynamics is back: makes due who waits because of an outage, and who was given up for it.';

CREATE FUNCTION hlf_sync.ensure_audit_log_partitions(from_year integer, to_year integer) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.create_audit_log_partition(years.y)
  from generate_series(from_year, to_year) as years (y)
$$;

COMMENT ON FUNCTION hlf_sync.ensure_audit_log_partitions(from_year integer, to_year integer) IS 'Creates whichever yearly partitions of a range are missing.';

CREATE FUNCTION hlf_sync.expire_certifications(on_date date) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '1s'
    AS $$
declare
  ids constant uuid[] := array(
    select m.mentor_id
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    where m.is_shown and c.expires_on < on_date
    order by m.mentor_id
  );
  id uuid;
  expired integer := 0;
  problem text;
begin
  perform hlf_sync.assert_day_has_come(on_date);
  begin
    expired := hlf_sync.note_expiries(ids, on_date);
  exception when others then
    -- A trigger of the app, say, that refuses one of them must not keep the others on the website.
    foreach id in array ids loop
      begin
        expired := expired + hlf_sync.note_expiries(array[id], on_date);
      exception when others then
        problem := sqlstate;
        raise warning 'hlf-sync: mentor % cannot be expired (%)', id, sqlstate;
      end;
    end loop;
  end;
  perform hlf_sync.note_step('mentors whose certification expires', problem);
  return expired;
end
$$;

COMMENT ON FUNCTION hlf_sync.expire_certifications(on_date date) IS 'Expires shown mentors whose last valid day is before the date, each with a transition; returns how many.';

CREATE FUNCTION hlf_sync.expire_mentors(mentor_ids uuid[], on_date date) RETURNS SETOF uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  -- The current status is checked by the update itself: whoever paused or renewed meanwhile is left alone.
  update public.mentors as m set status = 'expired_cert', updated_at = now()
  where m.id = any (array(
      select locked.id from public.mentors as locked
      where locked.id = any (mentor_ids) order by locked.id for update skip locked
    ))
    and m.status = 'active' and m.certification_expiry_date < on_date
  returning m.id
$$;

COMMENT ON FUNCTION hlf_sync.expire_mentors(mentor_ids uuid[], on_date date) IS 'Port of this module: notes in the app that the certification of these mentors ended before the date, of those for whom that is still so, and returns them. A mentor whom an open transaction has locked is left to the next hour.';

CREATE FUNCTION hlf_sync.fill_audit_gaps(grace interval DEFAULT '00:00:30'::interval) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.fill_audit_gaps(grace interval) IS 'Writes audit rows that are still missing some time after their attempt was settled; returns how many.';

CREATE FUNCTION hlf_sync.find_adapter_problems() RETURNS TABLE(rule text, problem text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select 'organisations: every organisation has an id', o.name
  from hlf_sync.organisations as o
  where o.organisation_id is null
  union all
  select 'organisations: one row for each', o.organisation_id::text
  from hlf_sync.organisations as o
  group by o.organisation_id
  having count(*) > 1
  union all
  select 'mentors: nothing but a name is null', format('%s of organisation %s', m.mentor_id, m.organisation_id)
  from hlf_sync.mentors as m
  where m.mentor_id is null or m.organisation_id is null or m.is_shown is null or m.reason is null
  union all
  select 'mentors: one row for each', m.mentor_id::text
  from hlf_sync.mentors as m
  group by m.mentor_id
  having count(*) > 1
  union all
  select
    'mentors: the reason is active if and only if the mentor is shown',
    format('%s, shown: %s, reason: %s', m.mentor_id, m.is_shown, m.reason)
  from hlf_sync.mentors as m
  where m.is_shown <> (m.reason = 'active')
  union all
  select 'mentors: every organisation is one of organisations', format('%s of %s', m.mentor_id, m.organisation_id)
  from hlf_sync.mentors as m
  where m.organisation_id not in (
    select o.organisation_id from hlf_sync.organisations as o where o.organisation_id is not null
  )
  union all
  select 'certificates: nothing is null', format('%s', c.mentor_id)
  from hlf_sync.certificates as c
  where c.mentor_id is null or c.expires_on is null
  union all
  select 'certificates: one row for each mentor', c.mentor_id::text
  from hlf_sync.certificates as c
  group by c.mentor_id
  having count(*) > 1
  union all
  select who.rule, may.what
  from (values
    ('Without claims nobody coordinates anything', ''),
    ('With empty claims neither', '{}'),
    ('The anonymous caller coordinates nothing', '{"role": "anon"}'),
    (
      'A stranger coordinates nothing',
      format('{"role": "authenticated", "sub": "%s", "app_metadata": {}}', gen_random_uuid())
    )
  ) as who (rule, claims)
  cross join lateral hlf_sync.find_who_coordinates(who.claims) as may (what)
  union all
  select 'The adapter is written: mentors come of some table', 'hlf_sync.mentors reads no table'
  where not exists (
    select from hlf_sync.find_adapter_sources() as s
    join pg_catalog.pg_class as c on s.class = 'pg_catalog.pg_class'::regclass and c.oid = s.id
    where c.relkind in ('r', 'p', 'f', 'm')
  )
  union all
  select
    'Each table that decides who is shown tells of its changes',
    s.name || ' has no enabled trigger for ' || string_agg(event.word, ', ' order by event.place)
    || ' that calls mentors_changed'
  from hlf_sync.find_adapter_sources() as s
  join pg_catalog.pg_class as c on s.class = 'pg_catalog.pg_class'::regclass and c.oid = s.id
  cross join (values (1, 'insert', 4), (2, 'update', 16), (3, 'delete', 8)) as event (place, word, bit)
  where c.relkind in ('r', 'p', 'f', 'm')
    and not exists (select from hlf_sync.silent_sources as i where i.source = s.name)
    and not exists (
      select
      from pg_catalog.pg_trigger as g
      join pg_catalog.pg_proc as p on p.oid = g.tgfoid
      where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled in ('O', 'A')
        -- After the event: before it, the port still shows what was.
        and g.tgtype & event.bit <> 0 and g.tgtype & 66 = 0
        and regexp_replace(p.prosrc, '--[^\n]*', '', 'g') ~* '\mmentors_changed\s*\('
    )
  group by s.name
  union all
  select
    'No function decides by tables that cannot be seen',
    s.name || ' may read tables that cannot be seen: write it `begin atomic`, or list it'
  from hlf_sync.find_adapter_sources() as s
  join pg_catalog.pg_proc as p on s.class = 'pg_catalog.pg_proc'::regclass and p.oid = s.id
  where p.pronamespace not in ('pg_catalog'::regnamespace, 'hlf_sync'::regnamespace)
    and p.provolatile <> 'i' and p.prosqlbody is null
    and not exists (select from hlf_sync.silent_sources as i where i.source = s.name)
  union all
  select 'What is listed as silent is there', i.source
  from hlf_sync.silent_sources as i
  where to_regclass(i.source) is null
    and not exists (
      select from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where format('%I.%I', n.nspname, p.proname) = i.source
    )
$$;

COMMENT ON FUNCTION hlf_sync.find_adapter_problems() IS 'Each case in which the adapter breaks a rule of the contract. Read by the contract test and by the doctor.';

CREATE FUNCTION hlf_sync.find_adapter_sources() RETURNS TABLE(class oid, id oid, name text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  -- Through however many views, and functions whose bodies Postgres has parsed.
  with recursive source (class, id) as (
    select 'pg_catalog.pg_class'::regclass::oid, 'hlf_sync.mentors'::regclass::oid
    union
    select d.refclassid, d.refobjid
    from source
    left join pg_catalog.pg_rewrite as w on source.class = 'pg_catalog.pg_class'::regclass and w.ev_class = source.id
    join pg_catalog.pg_depend as d
      on (d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid)
      or (source.class = 'pg_catalog.pg_proc'::regclass and d.classid = source.class and d.objid = source.id)
    where d.refclassid in ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass) and d.deptype in ('n', 'i')
  )
  select distinct source.class, source.id, format('%I.%I', variadic address.object_names) as name
  from source
  cross join lateral pg_catalog.pg_identify_object_as_address(source.class, source.id, 0) as address
  where not exists (
    select from pg_catalog.pg_depend as e where e.classid = source.class and e.objid = source.id and e.deptype = 'e'
  )
$$;

COMMENT ON FUNCTION hlf_sync.find_adapter_sources() IS 'What the port hlf_sync.mentors is made of: tables, views and functions.';

CREATE FUNCTION hlf_sync.find_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) RETURNS TABLE(attempt_id uuid, obstacle text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select hlf_sync.assert_administrator();
  select hlf_sync.assert_same_length(cardinality(attempt_ids), cardinality(mentor_ids));
  select o.attempt_id, case when t.attempt_id is null then 'unknown_mentor' else 'id_is_taken' end
  from unnest(attempt_ids, mentor_ids) as o (attempt_id, mentor_id)
  left join hlf_sync.attempts as t on t.attempt_id = o.attempt_id
  left join public.hlf_sync_state as s on s.mentor_id = o.mentor_id
  where t.attempt_id is not null or s.mentor_id is null
$$;

COMMENT ON FUNCTION hlf_sync.find_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) IS 'Attempts that cannot be written in: their mentor is not known, or their id is that of an attempt claimed here.';

CREATE FUNCTION hlf_sync.today_in_oslo() RETURNS date
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select (now() at time zone 'Europe/Oslo')::date
$$;

COMMENT ON FUNCTION hlf_sync.today_in_oslo() IS 'The date that counts for certifications and nights.';

CREATE FUNCTION hlf_sync.find_drifted_mentors(run public.hlf_nightly_runs) RETURNS TABLE(mentor_id uuid, organisation_id uuid, wanted_operation public.hlf_sync_operation, is_published boolean, confirmed_at timestamp with time zone, since timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select
    s.mentor_id, s.organisation_id, wanted.operation, l.is_published, s.confirmed_at,
    coalesce(s.confirmed_at, s.updated_at)
  from public.hlf_sync_state as s
  left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
  left join hlf_sync.listings as l on l.reader = run.reconciliation_reader and l.mentor_id = s.mentor_id
  cross join lateral (
    select case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation
  ) as wanted
  where (
      (wanted.operation = 'restore') is distinct from coalesce(l.is_published, false)
      -- Given up, but the listing is as it should be: the change arrived unseen, or HLF made it. One more attempt, and the
      -- dead letter is over.
      or s.dead_lettered_at is not null
    )
    -- What is under way, or was confirmed while the listings were being read, is judged next night.
    and s.due_at is null
    and s.in_flight_attempt_id is null
    and (s.confirmed_at is null or s.confirmed_at < run.reconciliation_started_at)
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
$$;

COMMENT ON FUNCTION hlf_sync.find_drifted_mentors(run public.hlf_nightly_runs) IS 'Mentors whose listing, as read in a night, differs from what the app wants, or who were given up.';

CREATE FUNCTION hlf_sync.find_probe() RETURNS uuid
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select s.mentor_id
  from public.hlf_sync_state as s
  where hlf_sync.is_outage(s.last_error)
    and s.in_flight_attempt_id is null
    -- Whoever is due before the next minute shows as much.
    and s.due_at > clock_timestamp() + interval '50 seconds'
    -- While the health check fails, it is the one to show that Dynamics is back.
    and (select p.healthy_at is not null and p.health_failed_at is null from hlf_sync.pulse as p)
    and (select g.closed_until <= clock_timestamp() from public.hlf_sync_gate as g)
    and not exists (
      select from hlf_sync.attempts as t
      where t.claimed_at > clock_timestamp() - interval '50 seconds' and t.due_again_at is not null
    )
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  -- In turn: the first may fail by a fault of its own.
  order by s.updated_at
  limit 1
$$;

COMMENT ON FUNCTION hlf_sync.find_probe() IS 'Whom to try ahead of its time, once a minute while attempts fail and the health check passes; null where nobody is.';

CREATE FUNCTION hlf_sync.find_stopped_jobs() RETURNS TABLE(jobname text, problem text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return query
  select e.jobname, judged.problem
  from hlf_sync.jobs() as e
  left join cron.job as j on j.jobname = e.jobname
  cross join lateral (
    select case
      when j.jobid is null then 'missing'
      when not j.active then 'inactive'
      when j.schedule <> e.schedule or j.command <> e.command then 'changed'
      when greatest(
        (select p.jobs_scheduled_at from hlf_sync.pulse as p),
        (
          select max(d.end_time) from cron.job_run_details as d
          where d.command = e.command and d.status = 'succeeded' and d.end_time > now() - interval '2 days'
        )
      ) < now() - e.max_age then 'no success'
    end as problem
  ) as judged
  where judged.problem is not null;
end
$$;

COMMENT ON FUNCTION hlf_sync.find_stopped_jobs() IS 'Jobs that are missing, inactive, changed, or have not succeeded in their time, and which of these it is.';

CREATE FUNCTION hlf_sync.find_untracked_mentors() RETURNS TABLE(mentor_id uuid, organisation_id uuid, is_shown boolean, reason text, is_known boolean)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select
    coalesce(m.mentor_id, s.mentor_id), coalesce(m.organisation_id, s.organisation_id),
    case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason, s.mentor_id is not null
  from hlf_sync.mentors as m
  full join public.hlf_sync_state as s on s.mentor_id = m.mentor_id
  -- In place, because a function with settings would be called for each mentor every minute.
  where s.wanted_operation is distinct from case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end
    or m.organisation_id <> s.organisation_id
$$;

COMMENT ON FUNCTION hlf_sync.find_untracked_mentors() IS 'Mentors whose state disagrees with the app, or who have none; is_shown is null where the mentor is gone.';

CREATE FUNCTION hlf_sync.find_who_coordinates(claims text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  former_claims constant text := current_setting('request.jwt.claims', true);
  former_sub constant text := current_setting('request.jwt.claim.sub', true);
begin
  perform set_config('request.jwt.claims', claims, true), set_config('request.jwt.claim.sub', '', true);
  return query
  select 'coordinates ' || c.organisation_id from hlf_sync.coordinated_organisation_ids() as c (organisation_id)
  union all
  select 'is an administrator of HLF' where hlf_sync.is_hlf_administrator() is not false;
  perform
    set_config('request.jwt.claims', coalesce(former_claims, ''), true),
    set_config('request.jwt.claim.sub', coalesce(former_sub, ''), true);
end
$$;

COMMENT ON FUNCTION hlf_sync.find_who_coordinates(claims text) IS 'What a caller with these claims may do by the adapter.';

CREATE FUNCTION hlf_sync.finish_reconciliation(reader uuid) RETURNS TABLE(listing_count integer, unknown_listing_count integer, drift_count integer, unaddressable_count integer, is_believed boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
  candidates uuid[];
  listings integer;
  unknown integer;
  drifts integer;
  requests hlf_sync.sync_request[];
  doubt text;
begin
  if run.finished_at is not null then
    return query select run.listing_count, run.unknown_listing_count, run.drift_count, run.unaddressable_listing_count, true;
    return;
  end if;

  select count(*), count(*) filter (where l.is_published and s.mentor_id is null)
  into listings, unknown
  from hlf_sync.listings as l
  left join public.hlf_sync_state as s on s.mentor_id = l.mentor_id
  where l.reader = finish_reconciliation.reader;

  doubt := hlf_sync.doubt_reading(run.run_date, listings);
  if doubt is not null then
    delete from hlf_sync.listings as l where l.reader = finish_reconciliation.reader;
    perform hlf_sync.refuse_reading(run.run_date, doubt, listings);
    return query select listings, unknown, 0, run.unaddressable_listing_count, false;
    return;
  end if;

  -- Locked first and judged again in a newer snapshot, as a claim does it; whoever changes just now is left to that.
  candidates := array(
    select s.mentor_id
    from public.hlf_sync_state as s
    where s.mentor_id in (select d.mentor_id from hlf_sync.find_drifted_mentors(run) as d)
    order by s.mentor_id
    for update skip locked
  );

  with drift as (
    insert into public.hlf_sync_drifts (
      run_date, mentor_id, organisation_id, wanted_operation, is_published, confirmed_at, age_seconds
    )
    select
      run.run_date, d.mentor_id, d.organisation_id, d.wanted_operation, d.is_published, d.confirmed_at,
      extract(epoch from clock_timestamp() - d.since)
    from hlf_sync.find_drifted_mentors(run) as d
    where d.mentor_id = any (candidates)
    returning mentor_id, organisation_id, wanted_operation, is_published
  ), judged as (
    -- Without a listing there is nothing to try again; whoever is given up for that waits for HLF, and is not told of
    -- to the coordinators every night. A listing that no update can name is not hidden by one either, and an attempt would
    -- find nothing and call that a success.
    select
      drift.*, case drift.wanted_operation
        when 'restore' then drift.is_published is not null or s.dead_lettered_at is null
          or coalesce(s.last_error, '') not like 'listing_not_found%'
        else l.is_addressable or drift.is_published is not true
      end as is_worth_an_attempt
    from drift
    join public.hlf_sync_state as s on s.mentor_id = drift.mentor_id
    left join hlf_sync.listings as l
      on l.reader = finish_reconciliation.reader and l.mentor_id = drift.mentor_id
  )
  select
    count(*),
    coalesce(
      array_agg(
        row(j.mentor_id, j.organisation_id, j.wanted_operation, 'nightly_reconciliation', null)::hlf_sync.sync_request
      ) filter (where j.is_worth_an_attempt),
      '{}'
    )
  into drifts, requests
  from judged as j;
  perform hlf_sync.request_sync(hlf_sync.pass_fuse('nightly run', requests));

  delete from hlf_sync.listings as l where l.reader = finish_reconciliation.reader;
  update public.hlf_nightly_runs as r set
    listing_count = listings,
    unknown_listing_count = unknown,
    drift_count = drifts,
    oldest_drift_seconds = (
      select max(d.age_seconds) from public.hlf_sync_drifts as d where d.run_date = run.run_date
    ),
    reconciliation_lease_until = null,
    refused_reading = null,
    refused_listing_count = null,
    finished_at = clock_timestamp()
  where r.run_date = run.run_date;
  update public.hlf_sync_gate as g set accepted_listing_count = null
  where g.id and g.accepted_listing_count is not null;
  perform hlf_sync.close_alert('nights_stopped');
  perform hlf_sync.close_alert('reading_implausible');
  perform hlf_sync.set_alert(
    'listings_unaddressable', run.unaddressable_listing_count > 0, run.unaddressable_listing_count
  );

  return query select listings, unknown, drifts, run.unaddressable_listing_count, true;
end
$$;

COMMENT ON FUNCTION hlf_sync.finish_reconciliation(reader uuid) IS 'Compares all listings read with what the app wants, makes divergent mentors due and finishes the night, unless the reading is not to be believed. A dead letter for want of a listing stays one while there is none.';

CREATE FUNCTION hlf_sync.fits_header(value text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $_$
begin
  return value ~ '^[!-~]+$';
end
$_$;

COMMENT ON FUNCTION hlf_sync.fits_header(value text) IS 'Whether a text may be a header''s value: one that breaks the line would make another header of what follows.';

CREATE FUNCTION hlf_sync.follow_request(mentor_id uuid, generation bigint) RETURNS TABLE(outcome text, attempt_id uuid, operation public.hlf_sync_operation, response_code integer, retry_count integer, error text, next_attempt_at timestamp with time zone, is_due boolean, gate_reason text, gate_seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select
    fate.outcome,
    latest.attempt_id,
    coalesce(latest.operation, s.wanted_operation),
    latest.response_code,
    latest.retry_count + (fate.outcome = 'dead_lettered')::integer,
    case when fate.outcome <> 'success' then coalesce(latest.error_message, s.last_error) end,
    case
      when fate.outcome = 'failure' or g.reason = 'throttled'
        then greatest(s.due_at, case when g.reason = 'throttled' then g.closed_until end)
    end,
    s.in_flight_attempt_id is null and coalesce(s.due_at <= clock_timestamp(), false) and g.reason is null,
    g.reason,
    case when g.reason = 'throttled' then extract(epoch from g.closed_until - clock_timestamp())::double precision end
  from public.hlf_sync_state as s
  left join public.hlf_sync_gate as g on g.closed_until > clock_timestamp()
  left join lateral (
    select t.*
    from hlf_sync.attempts as t
    where t.mentor_id = s.mentor_id and t.generation >= follow_request.generation
    -- Of a success, the attempt that brought it: another may have been begun since.
    order by coalesce(t.outcome = 'success', false) desc, t.attempt_id desc
    limit 1
  ) as latest on true
  cross join lateral (
    select case
      when s.confirmed_generation >= follow_request.generation then 'success'
      when s.in_flight_attempt_id is not null then 'pending'
      when s.due_at is null and s.dead_lettered_at is not null then 'dead_lettered'
      when latest.outcome = 'failure' then 'failure'
      else 'pending'
    end as outcome
  ) as fate
  where s.mentor_id = follow_request.mentor_id
$$;

COMMENT ON FUNCTION hlf_sync.follow_request(mentor_id uuid, generation bigint) IS 'What became of a request to sync: success | failure | dead_lettered | pending, by the database''s clock alone. No row: the mentor is unknown. is_due: it may be claimed now.';

CREATE FUNCTION hlf_sync.get_break_glass_view(after_mentor_id uuid, page_size integer) RETURNS TABLE(mentor_id uuid, organisation_id uuid, wanted_operation public.hlf_sync_operation)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select hlf_sync.assert_administrator();
  select s.mentor_id, s.organisation_id,
    case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end
  from public.hlf_sync_state as s
  left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
  where (after_mentor_id is null or s.mentor_id > after_mentor_id)
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  order by s.mentor_id
  limit page_size
$$;

COMMENT ON FUNCTION hlf_sync.get_break_glass_view(after_mentor_id uuid, page_size integer) IS 'What is wanted of the website, by pages in the order of mentors'' ids; not of organisations that are switched off.';

CREATE FUNCTION hlf_sync.get_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) RETURNS TABLE(mentor_id uuid, name text, is_shown boolean, reason text, certificate_expires_on date)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select m.mentor_id, m.name, m.is_shown, m.reason, c.expires_on
  from hlf_sync.mentors as m
  left join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
  where m.organisation_id = org_id
    and org_id = any (array(select hlf_sync.coordinated_organisation_ids()))
    and (after_mentor_id is null or m.mentor_id > after_mentor_id)
    and (get_mentors.mentor_ids is null or m.mentor_id = any (get_mentors.mentor_ids))
  order by m.mentor_id
  limit page_size
$$;

COMMENT ON FUNCTION hlf_sync.get_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) IS 'Mentors of an organisation that the caller coordinates, by pages in the order of their ids; of others none.';

CREATE FUNCTION hlf_sync.get_organisations() RETURNS TABLE(organisation_id uuid, name text, is_enabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select o.organisation_id, o.name, coalesce(w.is_enabled, false)
  from hlf_sync.organisations as o
  left join public.hlf_sync_switches as w on w.organisation_id = o.organisation_id
  where o.organisation_id = any (array(select hlf_sync.coordinated_organisation_ids()))
  order by o.name, o.organisation_id
$$;

COMMENT ON FUNCTION hlf_sync.get_organisations() IS 'The organisations that the caller coordinates, and whether each is switched on.';

CREATE FUNCTION hlf_sync.get_wait() RETURNS TABLE(seconds double precision, gate_reason text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  with next as (
    select min(s.due_at) as due_at
    from public.hlf_sync_state as s
    where s.due_at is not null
      and s.in_flight_attempt_id is null
      and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
  ), budget as (
    -- The moment at which the oldest request that fills the budget leaves the window.
    select t.claimed_at + g.requests_window as free_at
    from public.hlf_sync_gate as g
    cross join lateral (
      select a.claimed_at
      from hlf_sync.attempts as a
      where a.claimed_at > clock_timestamp() - g.requests_window
      order by a.claimed_at desc
      offset greatest(g.max_requests - 1, 0)
      limit 1
    ) as t
  )
  select
    case
      when g.reason <> 'throttled' and g.closed_until > clock_timestamp() then null
      -- The clock goes on between two looks at it, so it is asked once: what is past must read as no time at all.
      else greatest(
        extract(epoch from greatest(next.due_at, g.closed_until, budget.free_at) - clock_timestamp()), 0
      )::double precision
    end,
    case when g.closed_until > clock_timestamp() then g.reason end
  from public.hlf_sync_gate as g
  left join next on true
  left join budget on true
  -- Rejected credentials are worth a look even while nobody waits: the alert is to close once they are accepted.
  where next.due_at is not null or (g.reason <> 'throttled' and g.closed_until > clock_timestamp())
$$;

COMMENT ON FUNCTION hlf_sync.get_wait() IS 'Seconds until a mentor can next be claimed, and why the gate is closed if it is. No row: nothing waits.';

CREATE FUNCTION hlf_sync.hand_back_attempts(worker uuid, attempt_ids uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  ours uuid[];
begin
  -- The state before the attempts table and in one order, as everywhere; who is locked by the app is left for another call.
  ours := array(
    select t.attempt_id
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id
    where t.attempt_id = any (attempt_ids) and t.worker = hand_back_attempts.worker and t.outcome is null
    order by s.mentor_id
    for update of s skip locked
  );
  update public.hlf_sync_state as s set
    in_flight_attempt_id = null,
    -- A newer generation is due already, and counts from nothing.
    due_at = case when s.generation = t.generation then coalesce(t.due_again_at, t.claimed_at) else s.due_at end,
    attempts = s.attempts - (s.generation = t.generation)::integer,
    updated_at = now()
  from hlf_sync.attempts as t
  where t.attempt_id = any (ours) and t.outcome is null
    and s.mentor_id = t.mentor_id and s.in_flight_attempt_id = t.attempt_id;
  delete from hlf_sync.attempts as t where t.attempt_id = any (ours) and t.outcome is null;
  -- Whoever hands back ends, or begins anew with its next claim.
  update public.hlf_sync_gate as g set drainer = null, drainer_until = '-infinity'
  where g.drainer = hand_back_attempts.worker;
  return query
  select t.attempt_id from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and t.worker = hand_back_attempts.worker and t.outcome is null;
end
$$;

COMMENT ON FUNCTION hlf_sync.hand_back_attempts(worker uuid, attempt_ids uuid[]) IS 'Undoes the claim of attempts that were never sent, which then never were, and ends the worker''s lease on the backlog. Returns those whose mentor is locked just now.';

CREATE FUNCTION hlf_sync.hand_out_attempts(for_all integer, for_removes integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], worker uuid, claim_number integer, removes_alone boolean) RETURNS TABLE(attempt_id uuid, mentor_id uuid, organisation_id uuid, operation public.hlf_sync_operation, retry_count integer, triggered_by_event text, is_last boolean)
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
declare
  is_probing boolean;
  is_refused boolean;
  some_operation public.hlf_sync_operation;
  some_ids uuid[];
  picked_ids uuid[] := array[]::uuid[];
  -- One for all: who is claimed together is asked for together, and one's success says of the others that they are refused alone.
  claimed_now timestamptz;
begin
  -- Somebody was refused and nobody has got through since: whoever was not refused tells more, and must not wait behind.
  is_probing := exists (
    select from public.hlf_sync_state as s
    cross join public.hlf_sync_gate as g
    where s.refused_since is not null and s.refused_since > coalesce(g.last_confirmed_at, '-infinity')
  );

  -- Removes first: a person who must not be shown any longer waits for nobody.
  for is_refused, some_operation in
    select refused.is_one, op.operation
    from unnest(case when is_probing then array[false, true] else array[null::boolean] end)
      with ordinality as refused (is_one, place)
    cross join unnest(enum_range(null::public.hlf_sync_operation)) with ordinality as op (operation, place)
    order by refused.place, op.place
  loop
    continue when (case some_operation when 'remove' then for_removes else for_all end) <= 0;
    some_ids := array(
      select s.mentor_id
      from public.hlf_sync_state as s
      where s.wanted_operation = some_operation
        and s.in_flight_attempt_id is null
        and s.due_at <= clock_timestamp()
        and (is_refused is null or (s.refused_since is not null) = is_refused)
        and (only_mentor_ids is null or s.mentor_id = any (only_mentor_ids))
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
      order by s.due_at
      limit case some_operation when 'remove' then for_removes else for_all end
      for update of s skip locked
    );
    picked_ids := picked_ids || some_ids;
    for_all := for_all - cardinality(some_ids);
    for_removes := for_removes - cardinality(some_ids);
    if removes_alone and some_operation = 'remove' and cardinality(some_ids) > 0 then
      for_all := 0;
    end if;
  end loop;

  if cardinality(picked_ids) = 0 and for_all > 0 and only_mentor_ids is null then
    -- Nobody is due: somebody who waits because of an outage may show that it is over.
    picked_ids := array(
      select s.mentor_id from public.hlf_sync_state as s where s.mentor_id = hlf_sync.find_probe() for update skip locked
    );
  end if;
  if cardinality(picked_ids) = 0 then
    return;
  end if;

  claimed_now := clock_timestamp();
  -- A statement of its own, and so a newer snapshot than the one that was locked from: whoever changes a mentor needs
  -- the lock that is held by now, so what is read here is what the generation stands for.
  return query
  with attempt as (
    insert into hlf_sync.attempts as t (
      mentor_id, organisation_id, operation, generation, retry_count, is_last, triggered_by_event, claimed_at,
      lease_expires_at, due_again_at, worker, claim_number
    )
    select
      s.mentor_id, s.organisation_id,
      case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end, s.generation, s.attempts,
      s.attempts - s.uncounted_attempts + 1 >= max_attempts and probe.due_again_at is null, s.triggered_by_event,
      claimed_now, claimed_now + make_interval(secs => lease_seconds), probe.due_again_at, hand_out_attempts.worker,
      hand_out_attempts.claim_number
    from public.hlf_sync_state as s
    -- Only a probe is picked before it is due.
    cross join lateral (select case when s.due_at > clock_timestamp() then s.due_at end as due_again_at) as probe
    left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
    where s.mentor_id = any (picked_ids)
    returning t.*
  ), claimed as (
    update public.hlf_sync_state as s set
      wanted_operation = attempt.operation,
      due_at = null,
      attempts = s.attempts + 1,
      in_flight_attempt_id = attempt.attempt_id,
      updated_at = now()
    from attempt
    where s.mentor_id = attempt.mentor_id
  )
  select
    attempt.attempt_id, attempt.mentor_id, attempt.organisation_id, attempt.operation, attempt.retry_count,
    attempt.triggered_by_event, attempt.is_last
  from attempt
  order by attempt.operation, attempt.attempt_id;
end
$$;

COMMENT ON FUNCTION hlf_sync.hand_out_attempts(for_all integer, for_removes integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], worker uuid, claim_number integer, removes_alone boolean) IS 'Claims so many due mentors, and so many if they are removes, which come first, or alone where there are any. For a caller who has the lock of the gate and knows that there is room.';

CREATE FUNCTION hlf_sync.import_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select hlf_sync.assert_administrator();
  select hlf_sync.assert_same_length(
    cardinality(attempt_ids), cardinality(mentor_ids), cardinality(operations), cardinality(outcomes),
    cardinality(response_codes), cardinality(error_messages)
  );

  with offline as (
    select o.*, s.organisation_id
    from unnest(attempt_ids, mentor_ids, operations, outcomes, response_codes, error_messages)
      as o (attempt_id, mentor_id, operation, outcome, response_code, error_message)
    join public.hlf_sync_state as s on s.mentor_id = o.mentor_id
    -- Whatever time the id carries: a fast clock's row may be older than it says.
    where not exists (select from public.hlf_sync_audit_log as log where log.id = o.attempt_id)
      -- The place of an attempt made here, whose own row is still to come, is not to be had.
      and not exists (select from hlf_sync.attempts as t where t.attempt_id = o.attempt_id)
  ), written as (
    insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
      triggered_by_event
    )
    select
      attempt_id, organisation_id, mentor_id, operation, response_code,
      case when outcome = 'dead_lettered' then 1 else 0 end, outcome, error_message, 'break_glass'
    from offline
    returning id, organisation_id, mentor_id
  ), action as (
    insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
    select (select auth.uid()), organisation_id, mentor_id, 'break_glass_import' from written
  )
  select count(*)::integer from written
$$;

COMMENT ON FUNCTION hlf_sync.import_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) IS 'Writes in what was done while the database was out of reach, once, each with an action break_glass_import of the same moment; returns how many rows were new.';

CREATE FUNCTION hlf_sync.is_callable_url(url text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $_$
begin
  -- A scheme, a host, perhaps a port, and then printable characters that RFC 3986 knows: libcurl refuses the rest.
  return url ~* '^https?://([^][:space:][:cntrl:]/?#@<>"\\^`{|}]+@)?([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,2})?::([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,3})?)\])(:([0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#][][a-z0-9._~%!$&''()*+,;=:@/?#-]*)?$';
end
$_$;

COMMENT ON FUNCTION hlf_sync.is_callable_url(url text) IS 'Whether a text is a URL that pg_net takes.';

CREATE FUNCTION hlf_sync.is_hlf_administrator() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select exists (
    select from public.organisation_members
    where user_id = (select auth.uid()) and role = 'administrator'
  )
$$;

COMMENT ON FUNCTION hlf_sync.is_hlf_administrator() IS 'Port: whether the caller is an administrator of HLF, who may break the glass.';

CREATE FUNCTION hlf_sync.is_new_day() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  -- An app's current_date is UTC's, if it does not ask for Oslo's.
  select exists (
    select from hlf_sync.days as d
    where (d.began_at at time zone 'Europe/Oslo')::date <> (now() at time zone 'Europe/Oslo')::date
      or (d.began_at at time zone 'UTC')::date <> (now() at time zone 'UTC')::date
  )
$$;

COMMENT ON FUNCTION hlf_sync.is_new_day() IS 'Whether a day has begun, here or in UTC, whose coming nobody has looked at: a leave may begin today, a role may have ended.';

CREATE FUNCTION hlf_sync.is_outage(message text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
  select coalesce(
    message ~ '^(unavailable|timeout|network|server_error|invalid_response|interrupted)( |$)', false
  )
$_$;

COMMENT ON FUNCTION hlf_sync.is_outage(message text) IS 'Whether an error says that Dynamics was out of reach or out of order, rather than that it refused.';

CREATE FUNCTION hlf_sync.is_own_project(project_url text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  project hlf_sync.project;
begin
  select p.* into strict project from hlf_sync.project as p;
  if project_url is null then
    -- A person at a terminal, or a function of before: nothing is known of where they work.
    return not project.is_foreign;
  elsif project.url = project_url and not project.is_foreign and project.server = hlf_sync.server_mark() then
    return true;
  end if;

  -- Whoever says meanwhile that it is a project of its own comes wholly before or wholly after, with the alert's end.
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null or project.url = project_url then
    update hlf_sync.project as p
    set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
    where p.id;
    perform hlf_sync.close_alert('foreign_project');
    return true;
  end if;
  update hlf_sync.project as p set is_foreign = true where not p.is_foreign;
  perform hlf_sync.raise_alert('foreign_project');
  return false;
end
$$;

COMMENT ON FUNCTION hlf_sync.is_own_project(project_url text) IS 'Whether the function of a project may work on this database. The first one to come makes it its own.';

CREATE FUNCTION hlf_sync.is_pg_net_willing() RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform net.http_post(
    url := coalesce(hlf_sync.callable_url('hlf_sync_function_url'), 'https://example.org/'),
    body := '{}'::jsonb,
    timeout_milliseconds := 5000
  );
  -- Rolled back, it is never sent.
  raise exception 'queued' using errcode = 'HLF00';
exception
  when sqlstate 'HLF00' then
    return true;
  when others then
    return false;
end
$$;

COMMENT ON FUNCTION hlf_sync.is_pg_net_willing() IS 'Whether pg_net takes a request; nothing is sent.';

CREATE FUNCTION hlf_sync.is_queued(request_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return exists (select from net.http_request_queue as q where q.id = is_queued.request_id);
exception when others then
  return false;
end
$$;

COMMENT ON FUNCTION hlf_sync.is_queued(request_id bigint) IS 'Whether pg_net still has a request in its queue: it is not lost then, and sending it again would tell twice.';

CREATE FUNCTION hlf_sync.is_rate_limited(caller uuid) RETURNS boolean
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- A press may requeue many mentors at once; their actions share the moment of its transaction.
  select count(distinct a.created_at) >= 30
  from public.hlf_sync_manual_actions as a
  where a.actor = caller and a.created_at > clock_timestamp() - interval '1 minute'
$$;

COMMENT ON FUNCTION hlf_sync.is_rate_limited(caller uuid) IS 'Whether a coordinator has used up the 30 presses of a minute.';

CREATE FUNCTION hlf_sync.is_refusal(message text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $_$
begin
  return coalesce(message ~ '^(forbidden|rejected|precondition_failed)( |$)', false);
end
$_$;

COMMENT ON FUNCTION hlf_sync.is_refusal(message text) IS 'Whether an error says that Dynamics understood the request and would not do it.';

CREATE FUNCTION hlf_sync.is_sync_error(message text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $_$
begin
  -- Dataverse's codes are 0x0 or have the highest bit set; nobody's phone number, put there, would begin with an 8.
  return message ~ (
    '^(throttled|unavailable|timeout|network|credentials_rejected|forbidden|listing_not_found'
    '|precondition_failed|rejected|server_error|invalid_response|interrupted)'
    '( code=0x(0|8[0-9a-f]{7}))?'
    '( request=[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$'
  );
end
$_$;

COMMENT ON FUNCTION hlf_sync.is_sync_error(message text) IS 'Whether a text is `<class>[ code=0x…][ request=<uuid>]` with a class of the closed list.';

CREATE FUNCTION hlf_sync.is_sync_event(event text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.is_sync_event(event text) IS 'Whether a text is one of the known reasons for a sync.';

CREATE FUNCTION hlf_sync.is_unheeded(nudged_at timestamp with time zone) RETURNS boolean
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select exists (
      select from public.hlf_sync_state as s
      where s.due_at < is_unheeded.nudged_at
        and s.in_flight_attempt_id is null
        and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled)
    )
    and not exists (select from hlf_sync.attempts as t where t.claimed_at >= is_unheeded.nudged_at)
    and (
      select coalesce(greatest(p.healthy_at, p.health_failed_at) < is_unheeded.nudged_at, true) from hlf_sync.pulse as p
    )
    and (select g.closed_until <= clock_timestamp() from public.hlf_sync_gate as g)
    and hlf_sync.may_send()
    -- As a worker that holds nothing would find it.
    and (select c.room from hlf_sync.remaining_capacity(hlf_sync.uuid_v7()) as c) > 0
$$;

COMMENT ON FUNCTION hlf_sync.is_unheeded(nudged_at timestamp with time zone) IS 'Whether somebody was due at a nudge and might have been claimed, and the function has left no trace in the database since.';

CREATE FUNCTION hlf_sync.jobs() RETURNS TABLE(jobname text, schedule text, command text, max_age interval)
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  values
  ('hlf_sync_sweep', '* * * * *', 'select hlf_sync.sweep()', interval '5 minutes'),
  ('hlf_sync_watchdog', '* * * * *', 'select hlf_sync.watch()', interval '5 minutes'),
  -- Every hour, so that it begins at midnight in Oslo and a run that was missed is made up for; what is done already is
  -- not done twice. Two statements, so that neither is part of the other.
  (
    'hlf_sync_nightly', '0 * * * *',
    $command$select hlf_sync.run_night(hlf_sync.today_in_oslo()); select hlf_sync.nudge('{"type": "nightly"}')$command$,
    interval '150 minutes'
  ),
  -- Before sealing, because sealing would recreate seals that somebody had deleted.
  (
    'hlf_sync_verify', '5 1 * * *',
    $command$select hlf_sync.try_step('verification of the audit log', 'select hlf_sync.check_audit_seals()')$command$,
    interval '26 hours'
  ),
  -- From ten past one (UTC), so late that no transaction of the day before is still writing its row; then every hour.
  ('hlf_sync_seal', '10 1-23 * * *', 'select hlf_sync.seal_audit_log()', interval '4 hours'),
  (
    'hlf_sync_partitions', '30 1 1 * *',
    $command$select hlf_sync.ensure_audit_log_partitions(extract(year from now())::integer, extract(year from now())::integer + 5)$command$,
    -- Monthly, longer ago than its history is kept; partition_missing tells of what it leaves undone.
    null
  ),
  -- pg_cron never prunes its own history.
  (
    'hlf_sync_prune_cron_history', '15 1 * * *',
    $command$delete from cron.job_run_details where end_time < now() - interval '14 days'$command$,
    interval '26 hours'
  )
$_$;

COMMENT ON FUNCTION hlf_sync.jobs() IS 'The jobs as they have to be, and how long ago each may last have succeeded.';

CREATE FUNCTION hlf_sync.judge_last_nudge() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  pulse hlf_sync.pulse;
  answer record;
begin
  select p.* into strict pulse from hlf_sync.pulse as p for update;
  if pulse.nudge_request_id is null then
    return;
  end if;
  select a.status_code into answer from hlf_sync.answer_to(pulse.nudge_request_id, pulse.nudged_at) as a;
  if found and answer.status_code between 200 and 299 then
    update hlf_sync.pulse as p set
      nudge_request_id = null, refusals = 0, refused_status = null,
      unheeded = case when hlf_sync.is_unheeded(pulse.nudged_at) then p.unheeded + 1 else 0 end
    where p.id;
  elsif found or pulse.nudged_at < now() - interval '50 seconds' then
    update hlf_sync.pulse as p
    set nudge_request_id = null, refusals = p.refusals + 1, refused_status = answer.status_code
    where p.id;
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.judge_last_nudge() IS 'Reads from pg_net what became of the sweep''s last nudge; without any answer it was lost, or pg_net stands still.';

CREATE FUNCTION hlf_sync.judge_refusals(attempt_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  last_confirmed timestamptz;
  refusal_kind text;
  threshold integer;
  suspects integer;
begin
  update public.hlf_sync_state as s set
    -- A new series has evidence of its own.
    refused_since = case when t.retry_count = 0 then t.claimed_at else coalesce(s.refused_since, t.claimed_at) end,
    refusals = case when t.retry_count = 0 then 1 else s.refusals + 1 end
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and hlf_sync.is_refusal(t.error_message) and s.mentor_id = t.mentor_id;

  last_confirmed := coalesce(hlf_sync.last_confirmation(), '-infinity');

  -- A 403 counts only once somebody else has got through since the first; before, nobody can know whose it is.
  update public.hlf_sync_state as s set
    uncounted_attempts = s.uncounted_attempts + 1,
    refusals = greatest(s.refusals - 1, 0),
    due_at = least(s.due_at, t.settled_at + interval '60 seconds')
  from hlf_sync.attempts as t
  where t.attempt_id = any (attempt_ids) and s.mentor_id = t.mentor_id and s.generation = t.generation
    and hlf_sync.kind_of_refusal(t.error_message) = 'forbidden'
    and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
    and s.refused_since > last_confirmed;

  for refusal_kind, threshold in
    select hlf_sync.kind_of_refusal(t.error_message), min(hlf_sync.mentors_that_make_everybody(t.error_message))
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id
    where t.attempt_id = any (attempt_ids)
      and hlf_sync.is_refusal(t.error_message)
      and hlf_sync.mentors_that_make_everybody(t.error_message) is not null
      and s.refused_since > last_confirmed
    group by 1
  loop
    select count(*) into suspects
    from public.hlf_sync_state as s
    where s.refused_since > last_confirmed
      and hlf_sync.mentors_that_make_everybody(s.last_error) is not null
      and hlf_sync.kind_of_refusal(s.last_error) = refusal_kind;
    if suspects >= threshold
      -- A 403 while nobody else is under way: nobody is going to say otherwise.
      or (refusal_kind = 'forbidden' and not exists (
        select from hlf_sync.attempts as other
        where other.outcome is null and other.lease_expires_at > clock_timestamp()
      ))
    then
      perform hlf_sync.close_gate_for_refusals(refusal_kind);
    end if;
  end loop;

  -- What is left is this mentor's own; the last of the short series is a dead letter.
  with given_up as (
    update hlf_sync.attempts as t set outcome = 'dead_lettered'
    from public.hlf_sync_state as s, public.hlf_sync_gate as g
    where t.attempt_id = any (attempt_ids)
      and hlf_sync.is_refusal(t.error_message)
      and t.outcome = 'failure'
      and s.mentor_id = t.mentor_id
      and s.generation = t.generation
      and s.refusals > 0
      and (s.refusals >= g.max_refusals or t.is_last)
      -- By hand, a person decides when to end.
      and t.triggered_by_event <> 'break_glass'
    returning t.mentor_id, t.settled_at
  )
  update public.hlf_sync_state as s set dead_lettered_at = given_up.settled_at, due_at = null
  from given_up
  where s.mentor_id = given_up.mentor_id;
end
$$;

COMMENT ON FUNCTION hlf_sync.judge_refusals(attempt_ids uuid[]) IS 'Decides for refused attempts, just settled under the lock of the gate, whether the refusal is everybody''s or their own.';

CREATE FUNCTION hlf_sync.keep_attempt_unique() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

COMMENT ON FUNCTION hlf_sync.keep_attempt_unique() IS 'Trigger: the same attempt again is a no-op, the same id with other content raises 23505.';

CREATE FUNCTION hlf_sync.kind_of_refusal(message text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select case when message ~ '^forbidden' then 'forbidden' else split_part(message, ' request=', 1) end
$$;

COMMENT ON FUNCTION hlf_sync.kind_of_refusal(message text) IS 'Refusals of one kind may have one cause: every 403, and every other refusal with the same code.';

CREATE FUNCTION hlf_sync.last_confirmation() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select greatest(
    (select g.last_confirmed_at from public.hlf_sync_gate as g),
    (
      select max(t.claimed_at) from hlf_sync.attempts as t
      where t.outcome = 'success' and t.claimed_at > clock_timestamp() - interval '10 minutes'
    )
  )
$$;

COMMENT ON FUNCTION hlf_sync.last_confirmation() IS 'When the youngest attempt was claimed that Dynamics has confirmed. What was under way already when somebody else was claimed may have been carried out before everybody was refused, and says nothing about that refusal.';

CREATE FUNCTION hlf_sync.lock_reconciliation(reader uuid) RETURNS public.hlf_nightly_runs
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  run public.hlf_nightly_runs;
begin
  select r.* into run from public.hlf_nightly_runs as r where r.reconciliation_reader = reader for update;
  if not found then
    raise exception 'Another reader has taken this night over' using errcode = '55000';
  end if;
  return run;
end
$$;

COMMENT ON FUNCTION hlf_sync.lock_reconciliation(reader uuid) IS 'The night of a reader, locked; raises 55000 for a reader whose lease ran out and was taken over.';

CREATE FUNCTION hlf_sync.make_append_only(target regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.make_append_only(target regclass) IS 'Puts the trigger refuse_change on a table or partition.';

CREATE FUNCTION hlf_sync.may_send() RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  return (
    select p.url is null or (not p.is_foreign and (p.server = hlf_sync.server_mark() or p.is_unanswered))
    from hlf_sync.project as p
  );
end
$$;

COMMENT ON FUNCTION hlf_sync.may_send() IS 'Whether messages and nudges may leave: this is the project''s own database, or nothing is there that could tell.';

CREATE FUNCTION hlf_sync.mentors_changed(mentor_ids uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET lock_timeout TO '1s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  locked bigint;
  is_news boolean := false;
  requests hlf_sync.sync_request[];
begin
  if cardinality(mentor_ids) > 1000 then
    -- A plan that is right for few may compare each of the app's rows with each of the ids.
    perform set_config('plan_cache_mode', 'force_custom_plan', true);
  end if;
  -- Locked first and compared in a newer snapshot: two transactions that only together hide somebody each see no change
  -- otherwise.
  perform from public.hlf_sync_state as s where s.mentor_id = any (mentor_ids) order by s.mentor_id for update;
  get diagnostics locked = row_count;
  if locked < cardinality(mentor_ids) then
    requests := array(
      select row(
        m.mentor_id, m.organisation_id,
        case when m.is_shown then 'restore' else 'remove' end, 'initial_sync',
        hlf_sync.status_event(coalesce(m.is_shown, false), m.reason)
      )::hlf_sync.sync_request
      from hlf_sync.mentors as m
      where m.mentor_id = any (mentor_ids) and not exists (select from public.hlf_sync_state as s where s.mentor_id = m.mentor_id)
    );
    is_news := cardinality(requests) > 0;
    if is_news then
      perform hlf_sync.note_mentors(requests);
      -- Another transaction may have been the first to note one of them.
      perform from public.hlf_sync_state as s where s.mentor_id = any (mentor_ids) order by s.mentor_id for update;
    end if;
  end if;

  requests := array(
    select row(
      s.mentor_id, coalesce(m.organisation_id, s.organisation_id), seen.operation,
      case
        when s.seen_event is not distinct from seen.event then 'organisation_change'
        when s.seen_event = 'status_change:deleted' then 'initial_sync'
        else seen.event
      end,
      seen.event
    )::hlf_sync.sync_request
    from public.hlf_sync_state as s
    -- Said of both sides, or all the app's mentors might be read for some of them.
    left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id and m.mentor_id = any (mentor_ids)
    cross join lateral (
      select
        case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation,
        hlf_sync.status_event(
          case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason
        ) as event
      -- Worked out once for each, not for each place that it is used in.
      offset 0
    ) as seen
    where s.mentor_id = any (mentor_ids)
      and (
        s.wanted_operation <> seen.operation or s.seen_event is distinct from seen.event or m.organisation_id <> s.organisation_id
      )
  );
  if cardinality(requests) > 0 then
    perform hlf_sync.request_sync(requests);
  elsif not is_news then
    return;
  end if;

  -- pg_net sends when the transaction ends, so one nudge is enough for all of it.
  if current_setting('hlf_sync.nudged', true) is distinct from pg_current_xact_id()::text then
    perform set_config('hlf_sync.nudged', pg_current_xact_id()::text, true);
    begin
      perform hlf_sync.nudge('{"type": "sweep"}');
    exception when others then
      raise warning 'hlf-sync could not be called (%): the sweep will', sqlstate;
    end;
  end if;
exception when others then
  -- The user's write comes first. The sweep finds every mentor whose state disagrees with the app, and raises the alert: one
  -- raised here would have all writers wait for each other.
  raise warning 'hlf-sync could not note a change of mentors (%): the sweep will', sqlstate;
end
$$;

COMMENT ON FUNCTION hlf_sync.mentors_changed(mentor_ids uuid[]) IS 'What the app calls after a change: makes due whoever of these mentors is seen otherwise than before, and nudges once per transaction. Ids of nobody are none of its business. Never fails.';

CREATE FUNCTION hlf_sync.mentors_that_make_everybody(message text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
  select case
    -- By definition about one record, or about its present state.
    when message ~ '^(forbidden code=0x80048306|precondition_failed)' then null
    -- As many as may be refused in one round trip although they have nothing in common.
    when message ~ '^forbidden' then 20
    -- About plug-ins and single records, as a rule.
    when message ~ ' code=(0x80040217|0x80040227|0x80040237|0x80040265|0x80040333|0x80060882|0x80060891)' then 10
    else 3
  end
$$;

COMMENT ON FUNCTION hlf_sync.mentors_that_make_everybody(message text) IS 'So many different mentors refused in a row, and nobody confirmed since, show that a refusal comes to everybody; null: none.';

CREATE FUNCTION hlf_sync.note_expiries(mentor_ids uuid[], on_date date) RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with ended as (
    select m.mentor_id, m.organisation_id, c.expires_on
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    where m.mentor_id = any (mentor_ids)
  ), expired as (
    select ended.*
    from hlf_sync.expire_mentors(mentor_ids, on_date) as e (mentor_id)
    join ended on ended.mentor_id = e.mentor_id
  ), transition as (
    insert into public.hlf_mentor_status_transitions (
      organisation_id, mentor_id, from_status, to_status, certification_expiry_date
    )
    select organisation_id, mentor_id, 'active', 'expired_cert', expires_on from expired
  ), notification as (
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
    select organisation_id, mentor_id, 'certification_expired' from expired
  )
  select count(*)::integer from expired
$$;

COMMENT ON FUNCTION hlf_sync.note_expiries(mentor_ids uuid[], on_date date) IS 'Has the app expire some mentors, each with a transition and a notification; returns how many.';

CREATE FUNCTION hlf_sync.note_health(is_well boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if is_well then
    update hlf_sync.pulse as p set healthy_at = clock_timestamp() where p.id;
    update hlf_sync.pulse as p set health_failed_at = null where p.health_failed_at is not null;
    if found then
      perform hlf_sync.end_outage();
    end if;
  else
    update hlf_sync.pulse as p set health_failed_at = clock_timestamp() where p.id;
    -- At once: while nobody is due, this is all that shows that Dynamics is away. The watchdog closes it, because
    -- attempts may fail although the check passes.
    perform hlf_sync.raise_alert('dynamics_unreachable');
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.note_health(is_well boolean) IS 'Notes the outcome of a health check. One that fails raises its alert at once, whatever its class; the first one after it that passes makes due who waits because of the outage.';

CREATE FUNCTION hlf_sync.note_mentors(newcomers hlf_sync.sync_request[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  insert into public.hlf_sync_state (
    mentor_id, organisation_id, wanted_operation, seen_event, triggered_by_event, due_at, requested_at
  )
  select
    n.mentor_id, n.organisation_id, n.wanted_operation, n.seen_event, n.event,
    case when w.is_enabled then clock_timestamp() end, clock_timestamp()
  from unnest(newcomers) as n
  left join public.hlf_sync_switches as w on w.organisation_id = n.organisation_id
  -- One order for everyone who writes several rows, so that nobody deadlocks.
  order by n.mentor_id
  on conflict do nothing;
end
$$;

COMMENT ON FUNCTION hlf_sync.note_mentors(newcomers hlf_sync.sync_request[]) IS 'Gives mentors that are new a state, due now unless their organisation is switched off. Those who have one by now are left as they are.';

CREATE FUNCTION hlf_sync.note_step(step_name text, problem text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into hlf_sync.steps as s (step, succeeded_at, failed_at, failed_code)
  values (
    step_name, case when problem is null then now() end, case when problem is not null then now() end, problem
  )
  on conflict (step) do update set
    succeeded_at = coalesce(excluded.succeeded_at, s.succeeded_at),
    failed_at = excluded.failed_at,
    failed_code = excluded.failed_code
$$;

COMMENT ON FUNCTION hlf_sync.note_step(step_name text, problem text) IS 'Notes that a step succeeded (problem is null), or the SQLSTATE that ended it.';

CREATE FUNCTION hlf_sync.nudge(body jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  -- As they are: every transaction that changes a mentor pays for each call between.
  function_url constant text := hlf_sync.secret('hlf_sync_function_url');
  secret_key constant text := hlf_sync.secret('hlf_sync_secret_key');
begin
  if not hlf_sync.may_send() then
    -- The sweep asks whose database this is, and nudges once it knows.
    return null;
  end if;
  -- Whether the URL is one is left to pg_net, which parses it, too: a look at it here is a twentieth of what a change costs.
  if function_url is null or hlf_sync.fits_header(secret_key) is not true then
    -- The watchdog raises the alert: one raised here would have all who change a mentor wait for each other.
    raise warning 'hlf-sync was not called: hlf_sync_function_url or hlf_sync_secret_key in Vault is missing or unusable';
    return null;
  end if;
  return hlf_sync.post_json(function_url, body, jsonb_build_object('apikey', secret_key));
end
$$;

COMMENT ON FUNCTION hlf_sync.nudge(body jsonb) IS 'Wakes the function; the id of the request, or null. A nudge carries no data: lost, doubled or late, it changes nothing.';

CREATE FUNCTION hlf_sync.open_gate(reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.hlf_sync_gate as g set closed_until = '-infinity', reason = null, closed_at = null
  where g.reason = open_gate.reason;
  if reason = 'throttled' then
    -- Opened by hand, before the time that Dynamics asked for: each mentor was told to wait as well.
    update public.hlf_sync_state as s set due_at = clock_timestamp(), updated_at = now()
    where s.mentor_id = any (array(
      select waiting.mentor_id
      from public.hlf_sync_state as waiting
      where waiting.due_at > clock_timestamp() and waiting.last_error ~ '^throttled'
      order by waiting.mentor_id
      for update skip locked
    ));
  end if;
  -- While somebody waits the alert stays open until an attempt has gone through: a health check proves less.
  if reason in ('credentials', 'settings') and not exists (
    select from public.hlf_sync_state as s where s.due_at is not null or s.in_flight_attempt_id is not null
  ) then
    perform hlf_sync.close_alert(reason || '_rejected');
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.open_gate(reason text) IS 'Opens the gate if it was closed for this reason.';

CREATE FUNCTION hlf_sync.pass_fuse(source text, requests hlf_sync.sync_request[]) RETURNS hlf_sync.sync_request[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  held uuid[];
begin
  delete from hlf_sync.held_changes as h where h.source = pass_fuse.source;
  with change as (
    select r.organisation_id, count(*)::integer as mentor_count
    from unnest(requests) as r
    join public.hlf_sync_switches as w on w.organisation_id = r.organisation_id
    where w.is_enabled and coalesce(w.mass_change_allowed_until, '-infinity') < clock_timestamp()
    group by r.organisation_id
    having count(*) > 20
  ), held_change as (
    insert into hlf_sync.held_changes (source, organisation_id, mentor_count, of_mentors)
    select pass_fuse.source, change.organisation_id, change.mentor_count, known.count
    from change
    cross join lateral (
      select count(*)::integer as count from public.hlf_sync_state as s where s.organisation_id = change.organisation_id
    ) as known
    where change.mentor_count > 0.1 * known.count
    returning organisation_id
  )
  select coalesce(array_agg(h.organisation_id), '{}') into held from held_change as h;
  return array(select r::hlf_sync.sync_request from unnest(requests) as r where r.organisation_id <> all (held));
end
$$;

COMMENT ON FUNCTION hlf_sync.pass_fuse(source text, requests hlf_sync.sync_request[]) IS 'Without those of organisations of which more than 20 mentors, and more than a tenth, would be hidden or shown at once; they are noted as held.';

CREATE FUNCTION hlf_sync.post_json(url text, body jsonb, headers jsonb DEFAULT '{}'::jsonb) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '1s'
    AS $$
begin
  -- pg_net sends after the commit, so a rolled-back change is never announced.
  return net.http_post(
    url := url,
    body := body,
    headers := '{"Content-Type": "application/json"}'::jsonb || headers,
    timeout_milliseconds := 5000
  );
exception when others then
  raise warning 'hlf-sync: a request could not be queued (%)', sqlstate;
  return null;
end
$$;

COMMENT ON FUNCTION hlf_sync.post_json(url text, body jsonb, headers jsonb) IS 'Queues a POST with pg_net, which sends it once, after the commit; its id, or null when pg_net does not take it.';

CREATE FUNCTION hlf_sync.project_name() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select coalesce(
    hlf_sync.secret('hlf_sync_project_name'),
    substring(hlf_sync.secret('hlf_sync_function_url') from '^https?://([^/?#]+)'),
    current_database()
  )
$$;

COMMENT ON FUNCTION hlf_sync.project_name() IS 'What messages call this project: hlf_sync_project_name in Vault, or the host of the function.';

CREATE FUNCTION hlf_sync.prune_attempts() RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with pruned as (
    delete from hlf_sync.attempts as t
    where t.outcome is not null
      and t.claimed_at < clock_timestamp() - (select g.requests_window from public.hlf_sync_gate as g)
      and exists (
        select from public.hlf_sync_audit_log as log
        where log.id = t.attempt_id
          and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
      )
    returning t.attempt_id
  )
  select count(*)::integer from pruned
$$;

COMMENT ON FUNCTION hlf_sync.prune_attempts() IS 'Forgets attempts whose audit row is there and which no longer count towards the request budget.';

CREATE FUNCTION hlf_sync.raise_alert(alert_kind text, affected_count integer DEFAULT NULL::integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '1s'
    AS $$
declare
  last_id uuid;
begin
  -- A kind that comes back within an hour is the same alert.
  select a.id into last_id
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind and (a.closed_at is null or a.closed_at > now() - interval '1 hour')
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  if last_id is null then
    insert into public.hlf_sync_alerts (kind, affected_count)
    values (alert_kind, raise_alert.affected_count)
    on conflict (kind) where closed_at is null do nothing;
  else
    update public.hlf_sync_alerts as a set
      closed_at = null,
      reopened_at = case when a.closed_at is null then a.reopened_at else now() end,
      last_seen_at = now(),
      affected_count = coalesce(raise_alert.affected_count, a.affected_count)
    where a.id = (
      -- A transaction that is writing this alert now says the same; waiting for it could end in a deadlock.
      select l.id from public.hlf_sync_alerts as l where l.id = last_id for update skip locked
    );
  end if;
  perform hlf_sync.tell_of_alert(alert_kind);
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;

COMMENT ON FUNCTION hlf_sync.raise_alert(alert_kind text, affected_count integer) IS 'Opens the alert of a kind, or notes that it was seen again, and has it told. Its row stands whatever the sending does.';

CREATE FUNCTION hlf_sync.read_tonight_again() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  update public.hlf_nightly_runs as r set reconciliation_lease_until = null
  where r.run_date = hlf_sync.today_in_oslo() and r.finished_at is null and r.reconciliation_reader is null
$$;

COMMENT ON FUNCTION hlf_sync.read_tonight_again() IS 'Lets the sweep begin a night anew whose reading was not believed.';

CREATE FUNCTION hlf_sync.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  raise exception 'Cannot % %.%: it is append-only', lower(tg_op), tg_table_schema, tg_table_name
    using errcode = '42501';
end
$$;

COMMENT ON FUNCTION hlf_sync.refuse_change() IS 'Trigger: refuses UPDATE, DELETE and TRUNCATE for everyone with 42501.';

CREATE FUNCTION hlf_sync.refuse_listings(reader uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
begin
  if run.finished_at is null then
    perform hlf_sync.refuse_reading(
      run.run_date, 'unreadable',
      (select count(*)::integer from hlf_sync.listings as l where l.reader = refuse_listings.reader)
    );
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.refuse_listings(reader uuid) IS 'Ends a reading whose values say nothing: a published column that is no boolean, a next link that repeats.';

CREATE FUNCTION hlf_sync.refuse_reading(on_date date, reason text, listings integer) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- The next reading is minutes away: what is wrong is for a person to mend, and each reading costs a request a page.
  update public.hlf_nightly_runs as r set
    refused_reading = reason,
    refused_listing_count = listings,
    reconciliation_reader = null,
    reconciliation_lease_until = case when reason <> 'environment' then clock_timestamp() + interval '10 minutes' end
  where r.run_date = on_date;
  select hlf_sync.raise_alert('reading_implausible')
$$;

COMMENT ON FUNCTION hlf_sync.refuse_reading(on_date date, reason text, listings integer) IS 'Notes that a reading was not believed, and raises the alert; nothing else follows from it.';

CREATE FUNCTION hlf_sync.remaining_capacity(worker uuid DEFAULT NULL::uuid) RETURNS TABLE(places integer, room integer)
    LANGUAGE plpgsql
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
begin
  return query
  select
    p.places,
    greatest(0, least(
      case
        -- A press finds one place whatever the drains hold.
        when remaining_capacity.worker is null
          then greatest(g.max_in_flight - in_flight.total, 1 - in_flight.by_hand)
        -- Beside others a drain claims only what it may send at once; and what is neither sent nor settled has an end. Beside the dead
        -- it has few places, and whoever is paused while a restore of theirs is ready waits for all that is ready before it.
        when p.places > 0 then p.places * case when in_flight.of_others > 0 then 1 else 4 end - in_flight.own
        else 0
      end,
      g.max_requests - (
        select count(*) from hlf_sync.attempts as t
        where t.claimed_at > clock_timestamp() - g.requests_window
      ) - (
        select count(*) from unnest(g.other_requests) as r (requested_at)
        where r.requested_at > clock_timestamp() - g.requests_window
      )
    ))::integer
  from public.hlf_sync_gate as g
  cross join lateral (
    select
      count(*) as total,
      count(*) filter (where t.worker is null) as by_hand,
      count(*) filter (where t.worker = remaining_capacity.worker and not t.is_orphaned) as own,
      count(*) filter (where t.worker <> remaining_capacity.worker and not t.is_orphaned) as of_others,
      count(*) filter (
        where t.worker <> remaining_capacity.worker and not t.is_orphaned and t.claimed_at > clock_timestamp() - g.drainer_lease
      ) as of_living,
      count(*) filter (where t.is_orphaned) as orphaned
    from hlf_sync.attempts as t
    -- Dynamics goes on with what a dead worker has sent, and refuses everybody while it gets too much beside that. A living one waits
    -- for an answer no longer either.
    where t.outcome is null and (not t.is_orphaned or t.claimed_at > clock_timestamp() - interval '30 seconds')
  ) as in_flight
  cross join lateral (
    select greatest(
      g.max_in_flight - in_flight.of_others - in_flight.orphaned - greatest(in_flight.by_hand - 1, 0),
      -- Dynamics takes two more than the cap: one for a press, and one for a drain beside nothing but the dead, or those who have
      -- been silent for so long that they may be.
      1 - in_flight.of_living,
      0
    )::integer as places
  ) as p;
end
$$;

COMMENT ON FUNCTION hlf_sync.remaining_capacity(worker uuid) IS 'places: how many requests this worker may have in flight beside everybody else''s attempts. room: how many attempts it, or, without one, a press may claim now. Both hold only while the caller has the lock of the gate.';

CREATE FUNCTION hlf_sync.remind_of_certifications(on_date date) RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.assert_day_has_come(on_date);
  with reminder as (
    -- Thresholds of nights that were missed are caught up; the unique constraint keeps each to one reminder.
    insert into public.cert_expiry_reminders (
      organisation_id, mentor_id, threshold_day, certification_expiry_date
    )
    select m.organisation_id, m.mentor_id, threshold.day, c.expires_on
    from hlf_sync.mentors as m
    join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
    left join public.hlf_certification_policies as policy on policy.organisation_id = m.organisation_id
    cross join lateral unnest(coalesce(policy.threshold_days, '{30,14,7}')) as threshold (day)
    where m.is_shown
      and c.expires_on >= on_date
      and c.expires_on - threshold.day <= on_date
    on conflict (mentor_id, threshold_day, certification_expiry_date) do nothing
    returning organisation_id, mentor_id
  ), notification as (
    -- Whoever catches up several thresholds at once is still told only once.
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
    select distinct organisation_id, mentor_id, 'certification_reminder' from reminder
  )
  select count(*)::integer from reminder
$$;

COMMENT ON FUNCTION hlf_sync.remind_of_certifications(on_date date) IS 'Reminds of certifications that expire within a threshold of their organisation; returns how many reminders are new.';

CREATE FUNCTION hlf_sync.repair_state() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  -- No trigger sees a day begin, so what is found then was not missed.
  is_new_day constant boolean := hlf_sync.is_new_day();
  found_count integer;
  known uuid[];
  newcomers hlf_sync.sync_request[];
  requests hlf_sync.sync_request[] := '{}'::hlf_sync.sync_request[];
  problem text;
begin
  select
    array_agg(u.mentor_id) filter (where u.is_known),
    coalesce(
      array_agg(
        row(
          u.mentor_id, u.organisation_id, case when u.is_shown then 'restore' else 'remove' end, 'initial_sync',
          hlf_sync.status_event(u.is_shown, u.reason)
        )::hlf_sync.sync_request
      ) filter (where not u.is_known),
      '{}'
    )
  into known, newcomers
  from hlf_sync.find_untracked_mentors() as u;

  found_count := coalesce(cardinality(known), 0);
  if known is not null then
    -- Locked first and then read again in a newer snapshot, as a claim does it: what is written belongs together. A state
    -- that is locked by a change under way is left to that change.
    known := array(
      select s.mentor_id from public.hlf_sync_state as s
      where s.mentor_id = any (known) order by s.mentor_id for update skip locked
    );
    requests := array(
      select row(
        s.mentor_id, coalesce(m.organisation_id, s.organisation_id), wanted.operation,
        case when is_new_day then wanted.event else 'tracking_repair' end, wanted.event
      )::hlf_sync.sync_request
      from public.hlf_sync_state as s
      left join hlf_sync.mentors as m on m.mentor_id = s.mentor_id
      cross join lateral (
        select
          case when m.is_shown then 'restore'::public.hlf_sync_operation else 'remove' end as operation,
          hlf_sync.status_event(
            case when m.mentor_id is not null then coalesce(m.is_shown, false) end, m.reason
          ) as event
      ) as wanted
      where s.mentor_id = any (known)
        and (s.wanted_operation <> wanted.operation or m.organisation_id <> s.organisation_id)
    );
  end if;
  requests := hlf_sync.pass_fuse('repair', requests);
  newcomers := hlf_sync.pass_fuse('newcomers', newcomers);
  problem := hlf_sync.request_sync_of_each(requests, false);
  problem := coalesce(hlf_sync.request_sync_of_each(newcomers, true), problem);
  perform hlf_sync.note_step('mentors that the sweep mends', problem);
  -- A mentor without state is one from before this project; one with a state that is wrong was missed by a trigger. What the
  -- fuse holds has an alert of its own.
  perform hlf_sync.set_alert('tracking_failed', cardinality(requests) > 0 and not is_new_day);
  -- Somebody who is locked now is found in a minute, and still because of the date.
  if is_new_day and found_count = coalesce(cardinality(known), 0) then
    update hlf_sync.days as d set began_at = now() where d.id;
  end if;
  return cardinality(requests) + cardinality(newcomers);
end
$$;

COMMENT ON FUNCTION hlf_sync.repair_state() IS 'Makes due every mentor whose state disagrees with the app: what triggers missed, or mentors older than this project.';

CREATE FUNCTION hlf_sync.repair_switches() RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- A change that was noted while the switch was being thrown may have missed it.
  with mistaken as (
    select s.mentor_id, coalesce(w.is_enabled, false) as is_enabled
    from public.hlf_sync_state as s
    left join public.hlf_sync_switches as w on w.organisation_id = s.organisation_id
    where s.confirmed_generation is distinct from s.generation
      and s.in_flight_attempt_id is null
      and s.dead_lettered_at is null
      and (s.due_at is not null) <> coalesce(w.is_enabled, false)
    order by s.mentor_id
    for update of s skip locked
  ), mended as (
    update public.hlf_sync_state as s set due_at = case when mistaken.is_enabled then clock_timestamp() end, updated_at = now()
    from mistaken
    where s.mentor_id = mistaken.mentor_id
    returning s.mentor_id
  )
  select count(*)::integer from mended
$$;

COMMENT ON FUNCTION hlf_sync.repair_switches() IS 'Has those wait, and only those, whose organisation is switched on; returns how many did otherwise.';

CREATE FUNCTION hlf_sync.report_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  run constant public.hlf_nightly_runs := hlf_sync.lock_reconciliation(reader);
begin
  perform hlf_sync.assert_lease(lease_seconds);
  if run.finished_at is not null then
    raise exception 'This night is finished' using errcode = '55000';
  end if;
  insert into hlf_sync.listings as l (reader, mentor_id, is_published, is_addressable)
  select report_listings.reader, page.mentor_id, bool_or(page.is_published), bool_or(page.is_addressable)
  from (
    select p.mentor_id, true, true from unnest(published_mentor_ids) as p (mentor_id)
    union all
    select h.mentor_id, false, false from unnest(hidden_mentor_ids) as h (mentor_id)
    union all
    select u.mentor_id, true, false from unnest(unaddressable_mentor_ids) as u (mentor_id)
  ) as page (mentor_id, is_published, is_addressable)
  group by page.mentor_id
  on conflict on constraint listings_pkey do update set
    is_published = l.is_published or excluded.is_published,
    is_addressable = l.is_addressable or excluded.is_addressable;

  update public.hlf_nightly_runs as r set
    unaddressable_listing_count = r.unaddressable_listing_count + unaddressable_count,
    reconciliation_lease_until = clock_timestamp() + make_interval(secs => lease_seconds)
  where r.run_date = run.run_date;
end
$$;

COMMENT ON FUNCTION hlf_sync.report_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) IS 'Notes one page of listings and renews the lease of the reader; 55000 once the night is finished.';

CREATE FUNCTION hlf_sync.request_force_sync(mentor_id uuid) RETURNS TABLE(result text, generation bigint, triggered_by_event text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  caller constant uuid := (select auth.uid());
  state public.hlf_sync_state;
  action text;
  event text;
begin
  if not exists (select hlf_sync.coordinated_organisation_ids()) then
    return query select 'not_coordinator', null::bigint, null::text;
    return;
  end if;

  -- Serialises one user's requests; concurrent ones would all pass the limit. Always before any row is locked, so that a
  -- requeue and a force sync of one user cannot deadlock.
  perform pg_advisory_xact_lock(hashtextextended(caller::text, 0));

  -- The lock makes a double click wait for the first click, and then see what it did.
  select s.* into state
  from public.hlf_sync_state as s
  where s.mentor_id = request_force_sync.mentor_id
    and s.organisation_id = any (array(select hlf_sync.coordinated_organisation_ids()))
  for update;
  if not found then
    -- The same answer for a mentor of somebody else and for none at all: it tells nothing about other organisations.
    return query select 'not_found', null::bigint, null::text;
    return;
  end if;

  if not exists (
    select from public.hlf_sync_switches as w where w.organisation_id = state.organisation_id and w.is_enabled
  ) then
    return query select 'sync_disabled', null::bigint, null::text;
    return;
  end if;

  if state.triggered_by_event like 'manual_coordinator_%'
    and (
      (state.due_at is not null and state.attempts = 0)
      or exists (
        select from hlf_sync.attempts as t
        where t.attempt_id = state.in_flight_attempt_id and t.generation = state.generation
      )
    )
  then
    -- Asked for already, and nothing has come of it yet, or it is under way.
    return query select 'accepted', state.generation, state.triggered_by_event;
    return;
  end if;

  if hlf_sync.is_rate_limited(caller) then
    return query select 'too_many_requests', null::bigint, null::text;
    return;
  end if;

  action := case when state.dead_lettered_at is null then 'force_sync' else 'requeue' end;
  event := 'manual_coordinator_' || action;
  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  values (caller, state.organisation_id, state.mentor_id, action);
  perform hlf_sync.request_sync(
    array[row(state.mentor_id, state.organisation_id, state.wanted_operation, event, null)::hlf_sync.sync_request]
  );
  return query select 'accepted', state.generation + 1, event;
end
$$;

COMMENT ON FUNCTION hlf_sync.request_force_sync(mentor_id uuid) IS 'Makes a mentor due on behalf of a coordinator; result says what came of it. A double click counts once.';

CREATE FUNCTION hlf_sync.request_sync(requests hlf_sync.sync_request[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  update public.hlf_sync_state as s set
    organisation_id = r.organisation_id,
    wanted_operation = r.wanted_operation,
    seen_event = coalesce(r.seen_event, s.seen_event),
    generation = s.generation + 1,
    triggered_by_event = r.event,
    -- Asked again for what is not confirmed yet: the waiting goes on, or a button pressed often would hide it.
    requested_at = case
      when s.wanted_operation = r.wanted_operation
        and s.confirmed_generation is distinct from s.generation
        and s.dead_lettered_at is null
      then s.requested_at
      else clock_timestamp()
    end,
    due_at = case when w.is_enabled then clock_timestamp() end,
    attempts = 0,
    uncounted_attempts = 0,
    -- What the night tries once more is not better before it has succeeded: nobody is told that it is over, and then anew.
    dead_lettered_at = case
      when r.event = 'nightly_reconciliation' and s.wanted_operation = r.wanted_operation then s.dead_lettered_at
    end,
    updated_at = now()
  from unnest(requests) as r
  left join public.hlf_sync_switches as w on w.organisation_id = r.organisation_id
  where s.mentor_id = r.mentor_id;
end
$$;

COMMENT ON FUNCTION hlf_sync.request_sync(requests hlf_sync.sync_request[]) IS 'The one way to ask for a sync of mentors that have a state, which the caller has locked, in the order of their ids: a new generation, due now, with all its attempts before it; not due while its organisation is switched off.';

CREATE FUNCTION hlf_sync.request_sync_of_each(requests hlf_sync.sync_request[], are_new boolean) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO ''
    SET lock_timeout TO '50ms'
    AS $$
declare
  problem text;
  left_out integer := 0;
  place integer;
begin
  if cardinality(requests) = 0 then
    return null;
  end if;
  begin
    perform case when are_new then hlf_sync.note_mentors(requests) else hlf_sync.request_sync(requests) end;
    return null;
  exception when others then
    -- One of them is in the way of all: each for itself, in any order, so that no bad ones are for ever the first.
    null;
  end;
  for place in select p from generate_subscripts(requests, 1) as p order by random() loop
    begin
      perform case
        when are_new then hlf_sync.note_mentors(requests[place:place])
        else hlf_sync.request_sync(requests[place:place])
      end;
    exception
      when lock_not_available or deadlock_detected then
        left_out := left_out + 1;
      when others then
        left_out := left_out + 1;
        problem := sqlstate;
        raise warning 'hlf-sync could not note mentor % (%)', requests[place].mentor_id, sqlstate;
    end;
    exit when left_out >= 100;
  end loop;
  return problem;
end
$$;

COMMENT ON FUNCTION hlf_sync.request_sync_of_each(requests hlf_sync.sync_request[], are_new boolean) IS 'request_sync, or note_mentors, for whom it can be done: one who is locked waits for the next round, one who cannot be written is left out. Returns the SQLSTATE of one who was left out, or null.';

CREATE FUNCTION hlf_sync.requeue_dead_letters(org_id uuid, mentor_ids uuid[]) RETURNS TABLE(result text, requeued_count integer)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  caller constant uuid := (select auth.uid());
  requests hlf_sync.sync_request[];
begin
  if not exists (select hlf_sync.coordinated_organisation_ids()) then
    return query select 'not_coordinator', 0;
    return;
  end if;
  if not exists (select from hlf_sync.coordinated_organisation_ids() as o (id) where o.id = org_id) then
    return query select 'not_found', 0;
    return;
  end if;
  if not exists (select from public.hlf_sync_switches as w where w.organisation_id = org_id and w.is_enabled) then
    return query select 'sync_disabled', 0;
    return;
  end if;
  -- Before any row, as in a force sync.
  perform pg_advisory_xact_lock(hashtextextended(caller::text, 0));
  if hlf_sync.is_rate_limited(caller) then
    return query select 'too_many_requests', 0;
    return;
  end if;

  -- The lock lets a second press see what the first did: nothing is left to requeue. Whoever is locked by an open
  -- transaction of the app is being changed, and so is no dead letter any longer once that ends.
  requests := array(
    select row(s.mentor_id, org_id, s.wanted_operation, 'manual_coordinator_requeue', null)::hlf_sync.sync_request
    from public.hlf_sync_state as s
    where s.organisation_id = org_id
      and s.dead_lettered_at is not null
      and (requeue_dead_letters.mentor_ids is null or s.mentor_id = any (requeue_dead_letters.mentor_ids))
    order by s.mentor_id
    for update skip locked
  );
  if cardinality(requests) = 0 then
    return query select 'accepted', 0;
    return;
  end if;

  insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
  select caller, org_id, r.mentor_id, 'requeue' from unnest(requests) as r;
  perform hlf_sync.request_sync(requests);
  perform hlf_sync.nudge('{"type": "sweep"}');
  return query select 'accepted', cardinality(requests);
end
$$;

COMMENT ON FUNCTION hlf_sync.requeue_dead_letters(org_id uuid, mentor_ids uuid[]) IS 'Makes dead letters of an organisation due again on behalf of a coordinator: some, or all where no ids are given.';

CREATE FUNCTION hlf_sync.restore_app_privileges() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  revoke all on public.organisations, public.organisation_members, public.mentors
  from public, anon, authenticated, service_role;
  grant select on public.organisations, public.organisation_members, public.mentors to authenticated;
  grant all on public.organisations, public.organisation_members, public.mentors to service_role
$$;

COMMENT ON FUNCTION hlf_sync.restore_app_privileges() IS 'Port, optional: makes the privileges on the app''s own tables what they are to be, after a backup was restored.';

CREATE FUNCTION hlf_sync.restore_privileges() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  revoke all on schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all tables in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all sequences in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all functions in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on
    public.hlf_coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  from public, anon, authenticated, service_role;
  revoke all on function
    public.begin_hlf_reconciliation, public.claim_hlf_break_glass, public.claim_hlf_sync_ahead,
    public.claim_hlf_sync_attempts, public.get_hlf_mentors,
    public.get_hlf_organisations, public.close_hlf_sync_gate, public.confirm_hlf_sync_project, public.hand_back_hlf_sync_attempts,
    public.find_hlf_break_glass_obstacles, public.finish_hlf_reconciliation, public.follow_hlf_sync_request,
    public.get_hlf_break_glass_view,
    public.read_hlf_sync_news, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary,
    public.import_hlf_break_glass, public.admit_hlf_sync_request, public.note_hlf_sync_health, public.open_hlf_sync_gate,
    public.preview_hlf_sync, public.refuse_hlf_listings, public.report_hlf_listings, public.request_hlf_force_sync,
    public.requeue_hlf_dead_letters, public.settle_hlf_break_glass, public.settle_hlf_sync_attempts,
    public.verify_hlf_sync_audit
  from public, anon, authenticated, service_role;

  grant usage on schema hlf_sync to authenticated, service_role;

  -- What signed-in users read, row level security narrows down to their organisations.
  grant select on
    public.hlf_coordinator_notifications,
    public.hlf_sync_audit_log, public.hlf_sync_audit_seals, public.hlf_sync_detached_partitions,
    public.hlf_sync_drifts, public.hlf_sync_manual_actions, public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  to authenticated, service_role;
  -- What else these hold counts the mentors of every organisation.
  grant select (kind, opened_at, closed_at) on public.hlf_sync_alerts to authenticated;
  grant select (closed_until, reason) on public.hlf_sync_gate to authenticated;
  grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_hlf_administrator, hlf_sync.verify_audit,
    hlf_sync.request_force_sync, hlf_sync.requeue_dead_letters, hlf_sync.get_break_glass_view,
    hlf_sync.claim_break_glass, hlf_sync.settle_break_glass,
    hlf_sync.find_break_glass_obstacles, hlf_sync.import_break_glass,
    public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit,
    public.preview_hlf_sync, public.read_hlf_sync_news, public.request_hlf_force_sync, public.requeue_hlf_dead_letters,
    public.get_hlf_mentors, public.get_hlf_organisations, hlf_sync.get_mentors, hlf_sync.get_organisations,
    public.get_hlf_break_glass_view, public.claim_hlf_break_glass, public.settle_hlf_break_glass,
    public.find_hlf_break_glass_obstacles, public.import_hlf_break_glass
  to authenticated;

  -- The app's server reads these whole, and adds audit rows whose moment the database stamps.
  grant select on public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_gate to service_role;
  grant insert (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  ) on public.hlf_sync_audit_log to service_role;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_sync_event, hlf_sync.is_sync_error, hlf_sync.uuid_v7_time,
    hlf_sync.today_in_oslo, hlf_sync.claim_attempts, hlf_sync.settle_attempts,
    hlf_sync.claim_ahead, hlf_sync.hand_back_attempts, hlf_sync.close_gate,
    hlf_sync.open_gate, hlf_sync.admit_request, hlf_sync.refuse_listings, hlf_sync.note_health, hlf_sync.confirm_project,
    hlf_sync.begin_reconciliation, hlf_sync.follow_request, public.follow_hlf_sync_request,
    hlf_sync.report_listings, hlf_sync.finish_reconciliation, hlf_sync.verify_audit,
    public.claim_hlf_sync_attempts, public.claim_hlf_sync_ahead, public.hand_back_hlf_sync_attempts,
    public.settle_hlf_sync_attempts, public.admit_hlf_sync_request, public.refuse_hlf_listings, public.close_hlf_sync_gate, public.open_hlf_sync_gate, public.note_hlf_sync_health,
    public.confirm_hlf_sync_project, public.begin_hlf_reconciliation, public.report_hlf_listings,
    public.finish_hlf_reconciliation, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit
  to service_role;

  -- The module on certifications may have been left out, and an app may have a table of reminders of its own.
  if to_regclass('public.hlf_certification_policies') is not null then
    revoke all on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    from public, anon, authenticated, service_role;
    grant select on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    to authenticated, service_role;
    grant insert, update, delete on public.hlf_certification_policies to service_role;
  end if;
  perform hlf_sync.restore_app_privileges();
end
$$;

COMMENT ON FUNCTION hlf_sync.restore_privileges() IS 'Makes all privileges what the migrations say. Idempotent; to be called after a backup was restored.';

CREATE FUNCTION hlf_sync.run_night(on_date date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  work record;
  problem text;
begin
  perform hlf_sync.assert_day_has_come(on_date);
  insert into public.hlf_nightly_runs (run_date) values (on_date) on conflict (run_date) do nothing;
  -- Two runs at once take turns; the second finds nothing left to do.
  perform from public.hlf_nightly_runs as r where r.run_date = on_date for update;
  begin
    select w.* into strict work from hlf_sync.work_on_certifications(on_date) as w;
    update public.hlf_nightly_runs as r set
      expired_count = r.expired_count + coalesce(work.expired, 0),
      reminder_count = r.reminder_count + coalesce(work.reminded, 0),
      duplicate_count = coalesce(work.duplicates, r.duplicate_count)
    where r.run_date = on_date;
    if work.duplicates is not null then
      perform hlf_sync.set_alert('duplicates', work.duplicates > 0, work.duplicates);
    end if;
  exception when others or query_canceled then
    problem := sqlstate;
    raise warning 'hlf-sync: the certifications of % could not be worked on (%)', on_date, sqlstate;
  end;
  perform hlf_sync.note_step('certifications', problem);
end
$$;

COMMENT ON FUNCTION hlf_sync.run_night(on_date date) IS 'Begins the night of a date in Europe/Oslo that has come: certifications, before anything is asked of Dynamics. Running it again changes nothing.';

CREATE FUNCTION hlf_sync.schedule_jobs() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform cron.unschedule(j.jobname)
  from cron.job as j
  where j.jobname like 'hlf\_sync\_%' and j.username = current_user
    and j.jobname not in (select e.jobname from hlf_sync.jobs() as e);
  perform cron.schedule(e.jobname, e.schedule, e.command) from hlf_sync.jobs() as e;
  -- A job that was switched off stays so when it is scheduled again.
  perform cron.alter_job(j.jobid, active := true)
  from cron.job as j
  join hlf_sync.jobs() as e on e.jobname = j.jobname
  where not j.active and j.username = current_user;
  update hlf_sync.pulse as p set jobs_scheduled_at = now() where p.id;
end
$$;

COMMENT ON FUNCTION hlf_sync.schedule_jobs() IS 'Makes pg_cron''s jobs what hlf_sync.jobs says. Idempotent; to be called after a backup was restored.';

CREATE FUNCTION hlf_sync.seal_audit_log(until date DEFAULT ((now() AT TIME ZONE 'UTC'::text))::date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  last_seal public.hlf_sync_audit_seals;
  next_day date;
  sealed integer := 0;
begin
  -- Sealing is one at a time, or two jobs would fork the chain.
  perform pg_advisory_xact_lock(hashtextextended('hlf_sync_audit_seals', 0));
  select s.* into last_seal from public.hlf_sync_audit_seals as s order by s.day desc limit 1;
  if (select p.sealed_until from hlf_sync.pulse as p) > coalesce(last_seal.day, '-infinity') then
    -- Sealing anew would make seals that somebody took away as if nothing had been.
    perform hlf_sync.raise_alert('seal_broken');
    return 0;
  end if;
  next_day := coalesce(
    last_seal.day + 1,
    (select (min(log.created_at) at time zone 'UTC')::date from public.hlf_sync_audit_log as log)
  );
  while next_day < until loop
    insert into public.hlf_sync_audit_seals (day, row_count, digest, previous_digest)
    select next_day, d.row_count, d.digest, last_seal.digest
    from hlf_sync.digest_audit_day(next_day, last_seal.digest) as d
    returning * into last_seal;
    sealed := sealed + 1;
    next_day := next_day + 1;
  end loop;
  if sealed > 0 then
    update hlf_sync.pulse as p set sealed_until = last_seal.day where p.id;
  end if;
  return sealed;
end
$$;

COMMENT ON FUNCTION hlf_sync.seal_audit_log(until date) IS 'Seals every day before the given one (UTC) that has no seal yet, from the first row on; returns how many. Refuses a day that is not over. Seals that were taken away are not made anew.';

CREATE FUNCTION hlf_sync.secret(secret_name text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- A line break or a byte order mark around a pasted value is no part of it.
  return (
    select nullif(btrim(s.decrypted_secret, e' \t\r\n\f\u000b\u00a0\u200b\ufeff'), '')
    from vault.decrypted_secrets as s
    where s.name = secret_name
  );
exception when others then
  raise warning 'hlf-sync: the secret % cannot be read (%)', secret_name, sqlstate;
  return null;
end
$$;

COMMENT ON FUNCTION hlf_sync.secret(secret_name text) IS 'A secret of Vault by its name, without white space around it; null when it is missing, empty or cannot be decrypted.';

CREATE FUNCTION hlf_sync.secret_key() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
declare
  key constant text := hlf_sync.secret('hlf_sync_secret_key');
begin
  return case when hlf_sync.fits_header(key) then key end;
end
$$;

COMMENT ON FUNCTION hlf_sync.secret_key() IS 'The key that the function is called with; null when there is none that fits a header.';

CREATE FUNCTION hlf_sync.send_heartbeat() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  url constant text := hlf_sync.callable_url('hlf_sync_heartbeat_url');
begin
  -- A heartbeat says that somebody would be told: not while a message has been on its way for a quarter of an hour.
  if url is not null and hlf_sync.may_send() and not exists (
    select from hlf_sync.messages as m
    where m.delivered_at is null and m.written_at < now() - interval '15 minutes'
  ) then
    -- By GET, which every dead man's switch takes.
    perform net.http_get(url := url, timeout_milliseconds := 5000);
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.send_heartbeat() IS 'Calls the optional hlf_sync_heartbeat_url in Vault: a service that misses it tells of a database that cannot.';

CREATE FUNCTION hlf_sync.send_message(subject text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  message hlf_sync.messages;
  url text;
  request bigint;
begin
  select m.* into message from hlf_sync.messages as m where m.subject = send_message.subject;
  url := hlf_sync.callable_url(message.secret_name);
  if url is not null and hlf_sync.may_send() then
    request := hlf_sync.post_json(url, hlf_sync.webhook_body(url, message.message, message.details));
  end if;
  update hlf_sync.messages as m
  set tries = m.tries + 1, queued_at = clock_timestamp(), request_id = request
  where m.subject = send_message.subject and request is not null;
end
$$;

COMMENT ON FUNCTION hlf_sync.send_message(subject text) IS 'Hands a message to pg_net once more; whether it arrived is found out later.';

CREATE FUNCTION hlf_sync.server_mark() RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- A copy keeps the system identifier and may keep the timeline, but none runs without having been started, to the microsecond.
  return current_database() || ' ' || extract(epoch from pg_catalog.pg_postmaster_start_time());
end
$$;

COMMENT ON FUNCTION hlf_sync.server_mark() IS 'What tells this running server and database from every other, a copy''s too.';

CREATE FUNCTION hlf_sync.set_alert(alert_kind text, is_on boolean, affected_count integer DEFAULT NULL::integer) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select case when is_on then hlf_sync.raise_alert(alert_kind, affected_count) else hlf_sync.close_alert(alert_kind) end
$$;

COMMENT ON FUNCTION hlf_sync.set_alert(alert_kind text, is_on boolean, affected_count integer) IS 'Opens or closes the alert of a kind; null closes it.';

CREATE FUNCTION hlf_sync.set_project(project_url text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
begin
  if project_url !~ '^https?://[^/?#[:space:]]+$' then
    raise exception 'Cannot set the project: % is no origin such as https://<ref>.supabase.co', project_url
      using errcode = '22023';
  end if;
  update hlf_sync.project as p
  set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
  where p.id;
  perform hlf_sync.close_alert('foreign_project');
end
$_$;

COMMENT ON FUNCTION hlf_sync.set_project(project_url text) IS 'Tells a copy that it is a project of its own from now on: it claims and sends again. To be called after Vault and the function''s settings are its own.';

CREATE FUNCTION hlf_sync.set_switch(organisation_id uuid, is_enabled boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  if not exists (select from hlf_sync.organisations as o where o.organisation_id = set_switch.organisation_id) then
    raise exception 'There is no organisation %', set_switch.organisation_id using errcode = '22023';
  end if;
  insert into public.hlf_sync_switches as w (organisation_id, is_enabled)
  values (set_switch.organisation_id, set_switch.is_enabled)
  on conflict on constraint hlf_sync_switches_pkey do update set
    is_enabled = excluded.is_enabled, switched_at = excluded.switched_at, switched_by = excluded.switched_by
  where w.is_enabled <> excluded.is_enabled;
end
$$;

COMMENT ON FUNCTION hlf_sync.set_switch(organisation_id uuid, is_enabled boolean) IS 'Notes who switched an organisation on or off, and when; 22023 for one that is not there.';

CREATE FUNCTION hlf_sync.settle_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) RETURNS TABLE(attempt_id uuid, result public.hlf_sync_settle_result, outcome public.hlf_sync_outcome, due_in_seconds double precision)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET enable_seqscan TO 'off'
    SET jit TO 'off'
    AS $$
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

COMMENT ON FUNCTION hlf_sync.settle_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) IS 'Settles attempts in flight, a batch at once. outcome: what stands now; a refusal may have become a dead letter. due_in_seconds: when the mentor is due next.';

CREATE FUNCTION hlf_sync.settle_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) RETURNS TABLE(attempt_id uuid, result public.hlf_sync_settle_result)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform hlf_sync.assert_administrator();
  if exists (
    select from hlf_sync.attempts as t
    where t.attempt_id = any (attempt_ids) and t.triggered_by_event <> 'break_glass'
  ) then
    raise exception 'Cannot settle attempts that were not claimed by hand' using errcode = '42501';
  end if;
  return query
  select settlement.attempt_id, settlement.result from hlf_sync.settle_attempts(
    attempt_ids, outcomes, response_codes, error_messages,
    array_fill(60::double precision, array[cardinality(attempt_ids)])
  ) as settlement;
  -- No function is there to write the rows, so the database does.
  perform hlf_sync.fill_audit_gaps('0 seconds');
end
$$;

COMMENT ON FUNCTION hlf_sync.settle_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) IS 'Settles an administrator''s own attempts and writes their audit rows at once.';

CREATE FUNCTION hlf_sync.settle_interrupted_attempts() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.settle_interrupted_attempts() IS 'Settles attempts whose worker let the lease run out as `interrupted`, to be tried again after a backoff.';

CREATE FUNCTION hlf_sync.status_event(is_shown boolean, reason text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
  -- An app may have words of its own: the log's closed list has two for whatever they are.
  return case
    when is_shown is null then 'status_change:deleted'
    when is_shown then 'status_change:active'
    when reason not in ('active', 'deleted') and hlf_sync.is_sync_event('status_change:' || reason)
    then 'status_change:' || reason
    else 'status_change:hidden'
  end;
end
$$;

COMMENT ON FUNCTION hlf_sync.status_event(is_shown boolean, reason text) IS 'The triggered_by_event of how the app sees a mentor: known for each, also for a word that the log does not know, and for null (there is no such mentor any more).';

CREATE FUNCTION hlf_sync.sweep() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
  select hlf_sync.try_step('state of mentors', 'select hlf_sync.repair_state()');
  select hlf_sync.try_step('switches', 'select hlf_sync.repair_switches()');
  select hlf_sync.try_step('interrupted attempts', 'select hlf_sync.settle_interrupted_attempts()');
  select hlf_sync.try_step('whose database this is', 'select hlf_sync.ask_for_project()');
  select hlf_sync.try_step('wake the function', 'select hlf_sync.wake()');
  -- The log being out of order must not keep anybody on the website.
  select hlf_sync.try_step('audit log', 'select hlf_sync.fill_audit_gaps()');
  select hlf_sync.try_step('attempts that are recorded', 'select hlf_sync.prune_attempts()')
$$;

COMMENT ON FUNCTION hlf_sync.sweep() IS 'Every minute: mends state, attempts and log, and wakes the function when something is due.';

CREATE FUNCTION hlf_sync.switch_off(organisation_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.set_switch(organisation_id, false)
$$;

COMMENT ON FUNCTION hlf_sync.switch_off(organisation_id uuid) IS 'For the team: nothing more is sent of an organisation. What changes meanwhile waits, until it is switched on again.';

CREATE FUNCTION hlf_sync.switch_on(organisation_id uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.set_switch(organisation_id, true)
$$;

COMMENT ON FUNCTION hlf_sync.switch_on(organisation_id uuid) IS 'For the team: from now on an organisation is synchronised, with what has waited.';

CREATE FUNCTION hlf_sync.tell_coordinators() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
declare
  organisation record;
  told hlf_sync.messages;
  webhook text;
  news record;
  console constant text := regexp_replace(hlf_sync.callable_url('hlf_sync_console_url'), '#.*$', '');
  page text;
  written integer := 0;
begin
  for organisation in
    select
      o.organisation_id as id, o.name,
      (
        select count(*)::integer from public.hlf_sync_state as s
        where s.organisation_id = o.organisation_id and s.dead_lettered_at is not null
      ) as stuck
    from hlf_sync.organisations as o
    where exists (select from public.hlf_sync_switches as w where w.organisation_id = o.organisation_id and w.is_enabled)
  loop
    select m.* into told from hlf_sync.messages as m where m.subject = 'organisation ' || organisation.id;
    -- One digest after the other, and none within a quarter of an hour of the last.
    continue when told.subject is not null
      and (told.delivered_at is null or told.written_at > now() - interval '15 minutes');
    -- What was told is marked: a row may be older than the last digest, and its transaction have ended after it.
    select
      array_agg(n.id) as ids,
      count(*) filter (where n.kind = 'certification_reminder') as reminders,
      count(*) filter (where n.kind = 'certification_expired') as expiries
    into news
    from public.hlf_coordinator_notifications as n
    where n.organisation_id = organisation.id
      and n.told_at is null
      -- Before the first digest there may be years that nobody was told of.
      and (told.subject is not null or n.created_at > now() - interval '1 day');
    continue when organisation.stuck = coalesce(told.affected_count, 0) and news.ids is null;
    -- A webhook of its own, or that of all.
    webhook := 'hlf_sync_coordinator_webhook_url:' || organisation.id;
    if hlf_sync.callable_url(webhook) is null then
      webhook := 'hlf_sync_coordinator_webhook_url';
      continue when hlf_sync.callable_url(webhook) is null;
    end if;
    -- Who coordinates several organisations is to see the one that this is about.
    page := console || '#/?org=' || organisation.id;

    update public.hlf_coordinator_notifications as n set told_at = now() where n.id = any (news.ids);
    perform hlf_sync.write_message(
      'organisation ' || organisation.id, webhook, 'digest', organisation.stuck,
      concat_ws(' ',
        organisation.name || ':',
        case
          when organisation.stuck > 0 then
            format('%s må følges opp: endringen er ikke bekreftet hos HLF.', organisation.stuck)
          when coalesce(told.affected_count, 0) > 0 then 'Ingen må følges opp lenger.'
        end,
        case when news.expiries > 0 then format('Utløpte sertifiseringer: %s.', news.expiries) end,
        case when news.reminders > 0 then format('Sertifiseringer som går snart ut: %s.', news.reminders) end,
        '/',
        case
          when organisation.stuck > 0 then format('%s need attention: HLF has not confirmed the change.', organisation.stuck)
          when coalesce(told.affected_count, 0) > 0 then 'Nobody needs attention any longer.'
        end,
        case when news.expiries > 0 then format('Certifications expired: %s.', news.expiries) end,
        case when news.reminders > 0 then format('Certifications that expire soon: %s.', news.reminders) end,
        page
      ),
      jsonb_build_object(
        'project', hlf_sync.project_name(), 'organisation_id', organisation.id, 'stuck_count', organisation.stuck,
        'expired_count', news.expiries, 'reminder_count', news.reminders, 'page', page
      )
    );
    written := written + 1;
  end loop;
  return written;
end
$_$;

COMMENT ON FUNCTION hlf_sync.tell_coordinators() IS 'Writes a digest for each organisation where more or fewer are stuck than was told, or a certification expires.';

CREATE FUNCTION hlf_sync.tell_of_alert(alert_kind text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  alert public.hlf_sync_alerts;
  told hlf_sync.messages;
  state text;
  details jsonb;
begin
  select a.* into alert
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  select m.* into told from hlf_sync.messages as m where m.subject = 'alert ' || alert_kind;
  state := case when alert.closed_at is null then 'open' else 'over' end;

  if alert.id is null or (
    case state
      when 'open' then told.state = 'open'
        -- Told already: again after a day, or when it has become more of them, at most once an hour.
        and told.written_at > now() - interval '1 day'
        and (
          coalesce(alert.affected_count, 0) <= coalesce(told.affected_count, 0)
          or told.written_at > now() - interval '1 hour'
        )
      else told.state is distinct from 'open'
        -- What comes and goes is over once it has been gone for an hour.
        or (alert.reopened_at is not null and alert.closed_at > now() - interval '1 hour')
    end
  ) then
    return;
  end if;

  select jsonb_build_object(
    'project', hlf_sync.project_name(),
    'kind', alert.kind,
    'state', state,
    'opened_at', alert.opened_at,
    'closed_at', alert.closed_at,
    'affected_count', alert.affected_count,
    'meaning', k.meaning,
    'acts', k.acts,
    'page', coalesce(hlf_sync.callable_url('hlf_sync_runbook_url'), 'docs/reference/alerts.md') || '#' || alert.kind
  ) into details
  from hlf_sync.alert_kinds as k
  where k.kind = alert.kind;

  perform hlf_sync.write_message(
    'alert ' || alert.kind, 'hlf_sync_alert_webhook_url', state, alert.affected_count,
    case state
      when 'open' then format(
        'hlf-sync alert: %s (%s, since %s UTC). %s%s Who acts: %s. What to do: %s',
        alert.kind, details ->> 'project', to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        details ->> 'meaning', case when alert.affected_count is null then '' else format(' It is about %s.', alert.affected_count) end, details ->> 'acts',
        details ->> 'page'
      )
      else format(
        'hlf-sync alert over: %s (%s, %s to %s UTC).', alert.kind, details ->> 'project',
        to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        to_char(alert.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
      )
    end,
    details
  );
end
$$;

COMMENT ON FUNCTION hlf_sync.tell_of_alert(alert_kind text) IS 'Writes the message that an alert wants: when it opens, again daily and when it grows, and when it is over.';

CREATE FUNCTION hlf_sync.tell_of_dead_letters(attempt_ids uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  ids constant uuid[] := array(
    select s.mentor_id
    from hlf_sync.attempts as t
    join public.hlf_sync_state as s on s.mentor_id = t.mentor_id and s.dead_lettered_at = t.settled_at
    where t.attempt_id = any (attempt_ids) and t.outcome = 'dead_lettered'
  );
begin
  if cardinality(ids) = 0 then
    return;
  end if;
  insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
  select s.organisation_id, s.mentor_id, 'dead_lettered'
  from public.hlf_sync_state as s
  where s.mentor_id = any (ids)
    -- What the night tries once more, and in vain, was told before.
    and not (s.triggered_by_event = 'nightly_reconciliation' and exists (
      select from public.hlf_coordinator_notifications as n
      where n.mentor_id = s.mentor_id and n.kind = 'dead_lettered' and n.created_at > coalesce(s.confirmed_at, '-infinity')
    ));
  perform hlf_sync.raise_alert('dead_letters');
end
$$;

COMMENT ON FUNCTION hlf_sync.tell_of_dead_letters(attempt_ids uuid[]) IS 'Notifies coordinators of new dead letters, and raises the alert.';

CREATE FUNCTION hlf_sync.track_everybody() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  perform hlf_sync.mentors_changed(
    array(select m.mentor_id from hlf_sync.mentors as m union select s.mentor_id from public.hlf_sync_state as s)
  );
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %.% (%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$$;

COMMENT ON FUNCTION hlf_sync.track_everybody() IS 'Trigger of a table of the app whose changes concern everybody. Never fails the write.';

CREATE FUNCTION hlf_sync.track_for_everybody(tracked regclass) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.create_tracking_triggers(tracked, 'track_everybody')
$$;

COMMENT ON FUNCTION hlf_sync.track_for_everybody(tracked regclass) IS 'For the adapter, of a small table that seldom changes and then concerns everybody: all mentors are looked at after each change.';

CREATE FUNCTION hlf_sync."track_public.mentors"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  ids pg_catalog.uuid[];
begin
  case tg_op
    when 'INSERT' then ids := array(select distinct k.key from (select r.id from new_rows as r) as k (key));
    when 'DELETE' then ids := array(select distinct k.key from (select r.id from old_rows as r) as k (key));
    when 'UPDATE' then ids := array(select distinct k.key from (select c.key
        from (
          select r.id, 1, row(r.status, r.organisation_id)::text collate "C" from old_rows as r union all
          select r.id, -1, row(r.status, r.organisation_id)::text collate "C" from new_rows as r
        ) as c (key, side, value)
        group by c.key, c.value
        having sum(c.side) <> 0) as k (key));
  end case;
  if cardinality(ids) > 0 then
    perform hlf_sync.mentors_changed(ids);
  end if;
  return null;
exception when others then
  raise warning 'hlf-sync could not see what changed in %.% (%): the sweep will', tg_table_schema, tg_table_name, sqlstate;
  return null;
end
$$;

COMMENT ON FUNCTION hlf_sync."track_public.mentors"() IS 'Trigger of public.mentors: says which mentors a statement may have changed. Never fails the write. Made by create_tracker.';

CREATE FUNCTION hlf_sync.track_related_table(tracked regclass, key_column text, related regclass, related_column text, mentor_column text, VARIADIC columns text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform hlf_sync.assert_columns(tracked, key_column || columns);
  perform hlf_sync.assert_columns(related, array[related_column, mentor_column]);
  perform hlf_sync.create_tracker(tracked, key_column, columns, related, related_column, mentor_column);
end
$$;

COMMENT ON FUNCTION hlf_sync.track_related_table(tracked regclass, key_column text, related regclass, related_column text, mentor_column text, VARIADIC columns text[]) IS 'For the adapter, of a table whose rows concern mentors by way of another table: track_related_table(''public.persons'', ''id'', ''public.people'', ''person_id'', ''id'', ''deleted_at''). An update counts only where one of the columns changed, if any is named.';

CREATE FUNCTION hlf_sync.track_table(tracked regclass, id_column text, VARIADIC columns text[] DEFAULT '{}'::text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  perform hlf_sync.assert_columns(tracked, id_column || columns);
  perform hlf_sync.create_tracker(tracked, id_column, columns, null, null, null);
end
$$;

COMMENT ON FUNCTION hlf_sync.track_table(tracked regclass, id_column text, VARIADIC columns text[]) IS 'For the adapter: gives a table of the app the triggers that see each change. An update counts only where one of the columns changed; every update does where none is named.';

CREATE FUNCTION hlf_sync.try_step(step_name text, statement text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
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
$_$;

COMMENT ON FUNCTION hlf_sync.try_step(step_name text, statement text) IS 'Runs a statement in a block of its own and notes whether it succeeded; its number, or null.';

CREATE FUNCTION hlf_sync.unusable_secrets() RETURNS SETOF text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select 'hlf_sync_secret_key'
  where hlf_sync.secret_key() is null
  union all
  select s.secret_name
  from (values
    ('hlf_sync_function_url', true), ('hlf_sync_alert_webhook_url', true),
    ('hlf_sync_heartbeat_url', false), ('hlf_sync_coordinator_webhook_url', false)
  ) as s (secret_name, is_required)
  where hlf_sync.callable_url(s.secret_name) is null and (s.is_required or hlf_sync.secret(s.secret_name) is not null)
$$;

COMMENT ON FUNCTION hlf_sync.unusable_secrets() IS 'Names in Vault that are missing, cannot be decrypted or are no URL (no key); optional ones only when they are there.';

CREATE FUNCTION hlf_sync.uuid_v7() RETURNS uuid
    LANGUAGE sql
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION hlf_sync.uuid_v7() IS 'A time-ordered UUID (RFC 9562, version 7). Postgres has its own from version 18 on.';

CREATE FUNCTION hlf_sync.uuid_v7_time(id uuid) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
begin
  return to_timestamp(('x' || substr(translate(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0);
end
$$;

COMMENT ON FUNCTION hlf_sync.uuid_v7_time(id uuid) IS 'The moment, in milliseconds, that a version 7 UUID carries.';

CREATE FUNCTION hlf_sync.verify_audit(from_day date, to_day date, as_of timestamp with time zone DEFAULT now()) RETURNS TABLE(is_intact boolean, checked_days integer, first_bad_day date, reason text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  first_sealed constant date := (select min(s.day) from public.hlf_sync_audit_seals as s);
  first_day constant date := case
    when from_day >= first_sealed then first_sealed
    else least(first_sealed, (
      select (min(log.created_at) at time zone 'UTC')::date
      from public.hlf_sync_audit_log as log
      -- Only rows from before the first seal matter: the least of all would have every partition read.
      where log.created_at < coalesce(first_sealed::timestamp at time zone 'UTC', 'infinity')
    ))
  end;
  -- Days are sealed by the night after; the last one may still be waiting for it.
  last_day constant date := least(to_day, (as_of at time zone 'UTC')::date - 2);
  this_day date := greatest(from_day, first_day);
  seal public.hlf_sync_audit_seals;
  previous public.hlf_sync_audit_seals;
  found_rows record;
  detached public.hlf_sync_detached_partitions;
  days integer := 0;
  problem text;
begin
  if first_day is null then
    -- Nothing at all is intact only where nothing has been: what Dynamics confirmed two days ago left a row and a seal.
    select (min(s.confirmed_at) at time zone 'UTC')::date into this_day
    from public.hlf_sync_state as s
    where s.confirmed_at < as_of - interval '2 days';
    if this_day is not null then
      problem := 'log and seals missing';
    end if;
    return query select problem is null, 0, this_day, problem;
    return;
  end if;
  while this_day <= greatest(last_day, (select max(s.day) from public.hlf_sync_audit_seals as s where s.day <= to_day)) loop
    select s.* into seal from public.hlf_sync_audit_seals as s where s.day = this_day;
    select s.* into previous from public.hlf_sync_audit_seals as s where s.day = this_day - 1;
    select p.* into detached
    from public.hlf_sync_detached_partitions as p
    where p.partition_year = extract(year from this_day);

    select d.row_count, d.digest into found_rows
    from hlf_sync.digest_audit_day(this_day, seal.previous_digest) as d;

    if seal.day is null then
      problem := 'seal missing';
    elsif seal.previous_digest is distinct from previous.digest then
      problem := 'seal does not follow from the day before';
    -- A note of a time to come is forged: it would hide rows that have to be there.
    elsif detached.detached_at < make_timestamptz(detached.partition_year + 6, 1, 1, 0, 0, 0, 'UTC')
      or detached.detached_at > as_of
    then
      problem := 'rows detached too early';
    -- The rows of a detached year are gone by design; what vouches for them is the export and its manifest.
    elsif found_rows.row_count > (case when detached.partition_year is null then seal.row_count else 0 end) then
      problem := 'row added';
    elsif detached.partition_year is null and found_rows.row_count < seal.row_count then
      problem := 'row missing';
    elsif detached.partition_year is null and found_rows.digest <> seal.digest then
      problem := 'row changed';
    end if;

    if problem is not null then
      return query select false, days, this_day, problem;
      return;
    end if;
    days := days + 1;
    this_day := this_day + 1;
  end loop;
  return query select true, days, null::date, null::text;
end
$$;

COMMENT ON FUNCTION hlf_sync.verify_audit(from_day date, to_day date, as_of timestamp with time zone) IS 'Compares rows and seals of a range of days (UTC) and names the first day that does not match, and why.';

CREATE FUNCTION hlf_sync.version() RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $$
  select '1.0.0'
$$;

COMMENT ON FUNCTION hlf_sync.version() IS 'The release of hlf-sync whose migrations are all applied.';

CREATE FUNCTION hlf_sync.wake() RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
declare
  body jsonb;
  pulse hlf_sync.pulse;
  request bigint;
  trouble_at timestamptz;
begin
  perform hlf_sync.judge_last_nudge();
  select p.* into strict pulse from hlf_sync.pulse as p;

  body := case
    -- The night, again and again until it is finished: its nudge may get lost, too.
    when exists (
      select from public.hlf_nightly_runs as r
      where r.run_date = hlf_sync.today_in_oslo()
        and r.finished_at is null
        and (r.reconciliation_lease_until is null or r.reconciliation_lease_until <= now())
    ) then '{"type": "nightly"}'::jsonb
    -- A gate that is closed without end opens only when the function finds what closed it mended, so it has to be asked.
    when exists (
      select from hlf_sync.get_wait() as wait
      where wait.seconds <= 60 or (wait.seconds is null and wait.gate_reason is not null)
    ) then '{"type": "sweep"}'::jsonb
    when hlf_sync.find_probe() is not null then '{"type": "sweep"}'::jsonb
    -- A function that did not answer, or did nothing, is asked again although nothing is due: that is how its alert ends.
    when pulse.refusals > 0 or pulse.unheeded > 0 then '{"type": "sweep"}'::jsonb
  end;
  if body is not null then
    request := hlf_sync.nudge(body);
    if pulse.nudge_request_id is null then
      update hlf_sync.pulse as p
      set nudge_request_id = request, nudged_at = clock_timestamp()
      where p.id and request is not null;
    end if;
  end if;

  -- The last health check failed, attempts do, or somebody has waited for a minute without one, as when Entra gives no
  -- token: another check tells whether Dynamics is away, or back. It also tells a function that does nothing from one that
  -- finds whoever is due locked.
  select greatest(
    max(s.updated_at) filter (where s.attempts > 0 and hlf_sync.is_outage(s.last_error)),
    max(greatest(s.requested_at, now() - interval '5 minutes')) filter (where s.requested_at < now() - interval '1 minute')
  ) into trouble_at
  from public.hlf_sync_state as s
  where s.confirmed_generation is distinct from s.generation
    and s.dead_lettered_at is null
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled);
  if pulse.health_failed_at is not null or pulse.unheeded > 0 or (
    -- At rest nobody reads all states for their last sign of Dynamics.
    trouble_at is not null and trouble_at > (
      select greatest(max(s.confirmed_at), pulse.healthy_at, '-infinity') from public.hlf_sync_state as s
    )
  ) then
    perform hlf_sync.nudge('{"type": "health"}');
  end if;
  return body ->> 'type';
end
$$;

COMMENT ON FUNCTION hlf_sync.wake() IS 'Nudges the function when something is due, keeps whether it answers, and has it check Dynamics while attempts fail.';

CREATE FUNCTION hlf_sync.watch() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $_$
  select hlf_sync.try_step('watch: deliveries', 'select hlf_sync.deliver_messages()');
  select hlf_sync.try_step('watch: calls', 'select hlf_sync.watch_calls()');
  select hlf_sync.try_step('watch: state of mentors', 'select hlf_sync.watch_state()');
  select hlf_sync.try_step('watch: nights', 'select hlf_sync.watch_nights()');
  select hlf_sync.try_step('watch: gate', 'select hlf_sync.watch_gate()');
  select hlf_sync.try_step('watch: audit log', 'select hlf_sync.watch_log()');
  select hlf_sync.try_step('watch: seals', 'select hlf_sync.watch_seals()');
  select hlf_sync.try_step(
    'watch: jobs', $$select hlf_sync.set_alert('jobs_stopped', exists (select from hlf_sync.find_stopped_jobs()))$$
  );
  select hlf_sync.try_step('watch: coordinators', 'select hlf_sync.tell_coordinators()');
  select hlf_sync.try_step('watch: fuse', 'select hlf_sync.watch_fuse()');
  select hlf_sync.try_step(
    'watch: steps',
    $$select hlf_sync.set_alert('step_failed', exists (select from hlf_sync.steps as s where s.failed_at is not null))$$
  );
  select hlf_sync.try_step('watch: messages', 'select hlf_sync.watch_messages()');
  select hlf_sync.try_step('watch: heartbeat', 'select hlf_sync.send_heartbeat()')
$_$;

COMMENT ON FUNCTION hlf_sync.watch() IS 'Every minute: opens and closes alerts by what is so now, sends what has not arrived, and calls the heartbeat.';

CREATE FUNCTION hlf_sync.watch_calls() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.judge_last_nudge();
  select hlf_sync.set_alert('cannot_call',
    exists (select from hlf_sync.unusable_secrets())
    or not hlf_sync.is_pg_net_willing()
    or (select p.refusals >= 2 or p.unheeded >= 3 from hlf_sync.pulse as p)
    or exists (
      select from hlf_sync.messages as m
      where m.delivered_at is null
        and (m.tries >= 2 and m.written_at < now() - interval '2 minutes' or m.written_at < now() - interval '4 minutes')
    )
  )
$$;

COMMENT ON FUNCTION hlf_sync.watch_calls() IS 'cannot_call: a secret is unusable, pg_net refuses, the function or a webhook has not answered 2xx twice, a message has waited for four minutes, or the function has answered three times and nothing came of it.';

CREATE FUNCTION hlf_sync.watch_fuse() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.set_alert('mass_change_held', count(*) > 0, sum(h.mentor_count)::integer)
  from hlf_sync.held_changes as h
$$;

COMMENT ON FUNCTION hlf_sync.watch_fuse() IS 'mass_change_held: the fuse holds what the sweep or the night found.';

CREATE FUNCTION hlf_sync.watch_gate() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- A gate closed for credentials or settings has an alert of its own.
  select hlf_sync.set_alert('gate_stuck',
    g.reason = 'throttled' and g.closed_until > now() and g.closed_at < now() - interval '15 minutes'
  )
  from public.hlf_sync_gate as g;
  -- An open gate and nobody waiting: whoever was to go through after a health check has ended otherwise, such as in a
  -- dead letter of its own, and no success is to come that would close these alerts.
  select hlf_sync.close_alert(a.kind)
  from public.hlf_sync_alerts as a
  cross join public.hlf_sync_gate as g
  where a.closed_at is null
    and a.kind in ('credentials_rejected', 'settings_rejected')
    and g.closed_until <= now()
    and not exists (
      select from public.hlf_sync_state as s where s.due_at is not null or s.in_flight_attempt_id is not null
    )
$$;

COMMENT ON FUNCTION hlf_sync.watch_gate() IS 'gate_stuck: throttled for 15 minutes. Closes the alerts of a gate that is open while nobody waits.';

CREATE FUNCTION hlf_sync.watch_log(at timestamp with time zone DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  last_sealed constant date := (select max(s.day) from public.hlf_sync_audit_seals as s);
begin
  perform hlf_sync.set_alert('audit_gap',
    exists (
      select from hlf_sync.steps as s
      where s.failed_at is not null and s.step in ('audit log', 'audit rows that are missing')
    )
    or exists (
      select from hlf_sync.attempts as t
      where t.claimed_at < at - interval '15 minutes'
        -- The sweep writes the row of what was settled just now.
        and (t.settled_at is null or t.settled_at < at - interval '2 minutes')
        and not exists (
          select from public.hlf_sync_audit_log as log
          where log.id = t.attempt_id and log.created_at >= hlf_sync.uuid_v7_time(t.attempt_id) - interval '5 minutes'
        )
    )
  );
  perform hlf_sync.set_alert('partition_missing',
    extract(month from at at time zone 'UTC') = 12
    and not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhparent = 'public.hlf_sync_audit_log'::regclass
        and i.inhrelid = to_regclass(format('hlf_sync.audit_log_%s', extract(year from at at time zone 'UTC') + 1))
    )
  );
  -- Sealed every hour; three hours after midnight (UTC) the day before has to be.
  perform hlf_sync.set_alert('sealing_stopped',
    coalesce(
      last_sealed,
      (select (min(t.at) at time zone 'UTC')::date - 1 from (
        select min(log.created_at) as at from public.hlf_sync_audit_log as log where last_sealed is null
      ) as t)
    ) < ((at - interval '3 hours') at time zone 'UTC')::date - 1
  );
  perform hlf_sync.set_alert('verification_stopped',
    coalesce(
      (select s.succeeded_at from hlf_sync.steps as s where s.step = 'verification of the audit log'),
      (select g.installed_at from public.hlf_sync_gate as g)
    ) < at - interval '26 hours'
  );
end
$$;

COMMENT ON FUNCTION hlf_sync.watch_log(at timestamp with time zone) IS 'audit_gap: an attempt older than 15 minutes without its row, or a log that cannot be written. partition_missing. sealing_stopped: a day not sealed within three hours. verification_stopped: none succeeded in 26 hours.';

CREATE FUNCTION hlf_sync.watch_messages() RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  -- What is open is told again after a day; what was told as open and is over may have been waiting to be told so.
  select hlf_sync.tell_of_alert(alert.kind)
  from (
    select a.kind from public.hlf_sync_alerts as a where a.closed_at is null
    union
    select substring(m.subject from '^alert (.*)') from hlf_sync.messages as m
    where m.subject like 'alert %' and m.state = 'open'
    order by 1
  ) as alert;
  select hlf_sync.deliver_messages()
$$;

COMMENT ON FUNCTION hlf_sync.watch_messages() IS 'Has every alert told that is to be told, and sends what has not arrived.';

CREATE FUNCTION hlf_sync.watch_nights() RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.set_alert('nights_stopped',
    greatest(
      (select g.installed_at from public.hlf_sync_gate as g), (select max(r.finished_at) from public.hlf_nightly_runs as r)
    ) < now() - interval '26 hours'
    -- Tonight's is begun anew each minute until the listings have been read.
    or exists (
      select from public.hlf_nightly_runs as r
      where r.run_date = hlf_sync.today_in_oslo() and r.finished_at is null and r.started_at < now() - interval '15 minutes'
    )
  );
  select hlf_sync.set_alert('drift_returns', count(*) > 0, count(*)::integer)
  from (
    select d.mentor_id
    from public.hlf_sync_drifts as d
    where d.run_date in (
      select r.run_date from public.hlf_nightly_runs as r
      where r.finished_at is not null
      order by r.run_date desc
      limit 3
    )
    -- Without a listing there is nothing that could be changed; a dead letter tells of that.
    and d.is_published is not null
    group by d.mentor_id
    having count(*) = 3
  ) as returning_drift
$$;

COMMENT ON FUNCTION hlf_sync.watch_nights() IS 'nights_stopped: none finished in 26 hours, or tonight''s has been under way for 15 minutes. drift_returns: a listing differed in each of the last three.';

CREATE FUNCTION hlf_sync.watch_seals() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  pulse hlf_sync.pulse;
  last_seal public.hlf_sync_audit_seals;
begin
  select p.* into strict pulse from hlf_sync.pulse as p;
  select s.* into last_seal from public.hlf_sync_audit_seals as s order by s.day desc limit 1;
  if pulse.sealed_until > coalesce(last_seal.day, '-infinity')
    or (
      last_seal.row_count > 0
      and not exists (
        select from public.hlf_sync_audit_log as log
        where log.created_at >= last_seal.day::timestamp at time zone 'UTC'
          and log.created_at < (last_seal.day + 1)::timestamp at time zone 'UTC'
      )
    )
  then
    -- The grossest tampering is seen at once: seals or rows that are gone altogether.
    perform hlf_sync.raise_alert('seal_broken');
  elsif exists (select from public.hlf_sync_alerts as a where a.kind = 'seal_broken' and a.closed_at is null)
    -- The year is verified again only once the day that was broken is whole.
    and (
      pulse.broken_day is null
      or (select v.is_intact from hlf_sync.verify_audit(pulse.broken_day, pulse.broken_day) as v)
    )
  then
    perform hlf_sync.check_audit_seals();
  end if;
end
$$;

COMMENT ON FUNCTION hlf_sync.watch_seals() IS 'seal_broken: seals that were made are gone, or all rows of the last sealed day. Verifies anew once what was broken is whole.';

CREATE FUNCTION hlf_sync.watch_state() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
declare
  overdue integer;
  dead integer;
  failing integer;
  failures bigint;
  is_away boolean;
begin
  -- Only worked out once somebody's attempts fail, or a health check has.
  with success as (
    select coalesce(max(s.confirmed_at), '-infinity') as last_at from public.hlf_sync_state as s
  )
  select
    -- What is wanted and not confirmed is overdue, whatever due_at or in_flight_attempt_id say.
    count(*) filter (
      where s.dead_lettered_at is null
        and s.requested_at < now() - case s.wanted_operation
          when 'remove' then interval '15 minutes' else interval '60 minutes'
        end
    ),
    count(*) filter (where s.dead_lettered_at is not null),
    count(*) filter (where is_failing), coalesce(sum(s.attempts) filter (where is_failing), 0),
    (select p.health_failed_at > (select success.last_at from success) from hlf_sync.pulse as p where p.health_failed_at is not null)
  into overdue, dead, failing, failures, is_away
  from public.hlf_sync_state as s
  cross join lateral (
    select s.attempts > 0 and hlf_sync.is_outage(s.last_error) and s.updated_at > (select success.last_at from success) as is_failing
  ) as judged
  where s.confirmed_generation is distinct from s.generation
    and exists (select from public.hlf_sync_switches as w where w.organisation_id = s.organisation_id and w.is_enabled);
  perform hlf_sync.set_alert('rows_overdue', overdue > 0, overdue);
  perform hlf_sync.set_alert('dead_letters', dead > 0, dead);
  -- One mentor whose attempts fail may be that mentor's own fault; the health check, which the sweep asks for
  -- meanwhile, tells the two apart.
  perform hlf_sync.set_alert('dynamics_unreachable',
    coalesce(is_away, false) or (failing >= 2 and failures >= 3),
    nullif(failing, 0)
  );
end
$$;

COMMENT ON FUNCTION hlf_sync.watch_state() IS 'rows_overdue: unconfirmed for 15 minutes (removes) or 60 (restores). dead_letters. dynamics_unreachable: the health check failed, or several mentors'' attempts, and nobody has got through since.';

CREATE FUNCTION hlf_sync.webhook_body(url text, message text, details jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    AS $_$
  select case
    when host ~* '(^|\.)slack(-gov)?\.com$' then jsonb_build_object('text', message)
    when host ~* '(^|\.)(logic\.azure\.(com|us)|powerplatform\.com|powerautomate\.com|office\.com)$' then jsonb_build_object(
      'type', 'message',
      'attachments', jsonb_build_array(jsonb_build_object(
        'contentType', 'application/vnd.microsoft.card.adaptive',
        'contentUrl', null,
        'content', jsonb_build_object(
          '$schema', 'http://adaptivecards.io/schemas/adaptive-card.json',
          'type', 'AdaptiveCard',
          'version', '1.2',
          'body', jsonb_build_array(jsonb_build_object('type', 'TextBlock', 'text', message, 'wrap', true))
        )
      ))
    )
    else jsonb_build_object('text', message) || details
  end
  from (select substring(url from '^[^:]*://(?:[^/?#@]*@)?([^/:?#]+)') as host) as target
$_$;

COMMENT ON FUNCTION hlf_sync.webhook_body(url text, message text, details jsonb) IS 'A message in the form of whoever hosts the webhook: Slack''s text, an adaptive card for Teams'' workflows, else the text with its details. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using';

CREATE FUNCTION hlf_sync.work_on_certifications(on_date date, OUT reminded integer, OUT expired integer, OUT duplicates integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
begin
  -- Reminders first: a certification that expired last night is reminded of no more.
  reminded := hlf_sync.try_step(
    'reminders of certifications', format('select hlf_sync.remind_of_certifications(%L)', on_date)
  );
  expired := hlf_sync.try_step(
    'expiry of certifications', format('select hlf_sync.expire_certifications(%L)', on_date)
  );
  duplicates := hlf_sync.try_step('compensation query', 'select hlf_sync.count_certification_duplicates()');
end
$$;

COMMENT ON FUNCTION hlf_sync.work_on_certifications(on_date date, OUT reminded integer, OUT expired integer, OUT duplicates integer) IS 'Reminders, expiries and the compensation query of one date; each a step of its own.';

CREATE FUNCTION hlf_sync.write_message(subject text, secret_name text, state text, affected_count integer, message text, details jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  insert into hlf_sync.messages as m (subject, secret_name, state, affected_count, message, details)
  values (
    write_message.subject, write_message.secret_name, write_message.state, write_message.affected_count,
    write_message.message, write_message.details
  )
  on conflict on constraint messages_pkey do update set
    secret_name = excluded.secret_name, state = excluded.state, affected_count = excluded.affected_count,
    message = excluded.message, details = excluded.details, written_at = excluded.written_at,
    tries = 0, queued_at = null, request_id = null, last_status = null, delivered_at = null;
  select hlf_sync.send_message(write_message.subject)
$$;

COMMENT ON FUNCTION hlf_sync.write_message(subject text, secret_name text, state text, affected_count integer, message text, details jsonb) IS 'Replaces the message about a subject, and sends it: only the newest is worth telling.';

CREATE FUNCTION hlf_sync.write_missing_audit_rows(attempt_ids uuid[]) RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  with written as (
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
    order by t.attempt_id
    returning id
  )
  select count(*)::integer from written
$$;

COMMENT ON FUNCTION hlf_sync.write_missing_audit_rows(attempt_ids uuid[]) IS 'Writes the audit rows of settled attempts.';

CREATE FUNCTION public.admit_hlf_sync_request() RETURNS TABLE(is_admitted boolean, gate_reason text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.admit_request()
$$;

COMMENT ON FUNCTION public.admit_hlf_sync_request() IS 'For the function: before a health check or a page of listings, which obey the gate and the budget like attempts.';

CREATE FUNCTION public.begin_hlf_reconciliation(lease_seconds integer, environment_id uuid DEFAULT NULL::uuid) RETURNS uuid
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.begin_reconciliation(lease_seconds, hlf_sync.today_in_oslo(), environment_id)
$$;

COMMENT ON FUNCTION public.begin_hlf_reconciliation(lease_seconds integer, environment_id uuid) IS 'For the function: the reader''s token for tonight''s listings; null when they are compared or another is reading.';

CREATE FUNCTION public.claim_hlf_break_glass(mentor_ids uuid[], lease_seconds integer) RETURNS TABLE(attempt_id uuid, mentor_id uuid, organisation_id uuid, operation public.hlf_sync_operation, retry_count integer, triggered_by_event text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.claim_break_glass(mentor_ids, lease_seconds)
$$;

COMMENT ON FUNCTION public.claim_hlf_break_glass(mentor_ids uuid[], lease_seconds integer) IS 'For administrators: claims mentors by hand.';

CREATE FUNCTION public.claim_hlf_sync_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text DEFAULT NULL::text, claim_number integer DEFAULT NULL::integer, lost_claims integer[] DEFAULT '{}'::integer[]) RETURNS jsonb
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.claim_ahead(
    worker, batch_size, more_removes, lease_seconds, max_attempts, project_url, claim_number, lost_claims
  )
$$;

COMMENT ON FUNCTION public.claim_hlf_sync_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) IS 'For the function''s drain: attempts under a lease, how many may be in flight, and when to ask again.';

CREATE FUNCTION public.claim_hlf_sync_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_id uuid DEFAULT NULL::uuid, project_url text DEFAULT NULL::text) RETURNS TABLE(attempt_id uuid, mentor_id uuid, organisation_id uuid, operation public.hlf_sync_operation, retry_count integer, triggered_by_event text, is_last boolean)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.claim_attempts(
    batch_size, lease_seconds, max_attempts, case when only_mentor_id is not null then array[only_mentor_id] end,
    project_url => claim_hlf_sync_attempts.project_url
  )
$$;

COMMENT ON FUNCTION public.claim_hlf_sync_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_id uuid, project_url text) IS 'For the function, for a press: hands out due attempts under a lease. Empty when nothing is due or the gate is closed.';

CREATE FUNCTION public.close_hlf_sync_gate(reason text, seconds double precision DEFAULT NULL::double precision) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.close_gate(reason, seconds)
$$;

COMMENT ON FUNCTION public.close_hlf_sync_gate(reason text, seconds double precision) IS 'For the function: Dynamics throttled (seconds) or rejected the credentials (until opened).';

CREATE FUNCTION public.confirm_hlf_sync_project(project_url text, question uuid) RETURNS text
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.confirm_project(project_url, question)
$$;

COMMENT ON FUNCTION public.confirm_hlf_sync_project(project_url text, question uuid) IS 'For the function: whether the database that asked is the one that it works on.';

CREATE FUNCTION public.find_hlf_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) RETURNS TABLE(attempt_id uuid, obstacle text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select * from hlf_sync.find_break_glass_obstacles(attempt_ids, mentor_ids)
$$;

COMMENT ON FUNCTION public.find_hlf_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) IS 'For administrators: which attempts cannot be written in, and why: unknown_mentor | id_is_taken.';

CREATE FUNCTION public.finish_hlf_reconciliation(reader uuid) RETURNS TABLE(listing_count integer, unknown_listing_count integer, drift_count integer, unaddressable_count integer, is_believed boolean)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.finish_reconciliation(reader)
$$;

COMMENT ON FUNCTION public.finish_hlf_reconciliation(reader uuid) IS 'For the function: all pages are read; compares them and makes divergent mentors due.';

CREATE FUNCTION public.follow_hlf_sync_request(mentor_id uuid, generation bigint) RETURNS TABLE(outcome text, attempt_id uuid, operation public.hlf_sync_operation, response_code integer, retry_count integer, error text, next_attempt_at timestamp with time zone, is_due boolean, gate_reason text, gate_seconds double precision)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select * from hlf_sync.follow_request(mentor_id, generation)
$$;

COMMENT ON FUNCTION public.follow_hlf_sync_request(mentor_id uuid, generation bigint) IS 'For the function: what became of the generation that a press has asked for.';

CREATE FUNCTION public.get_hlf_break_glass_view(after_mentor_id uuid DEFAULT NULL::uuid, page_size integer DEFAULT 1000) RETURNS TABLE(mentor_id uuid, organisation_id uuid, wanted_operation public.hlf_sync_operation)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select * from hlf_sync.get_break_glass_view(after_mentor_id, page_size)
$$;

COMMENT ON FUNCTION public.get_hlf_break_glass_view(after_mentor_id uuid, page_size integer) IS 'For administrators: what the website should show.';

CREATE FUNCTION public.get_hlf_mentors(org_id uuid, after_mentor_id uuid DEFAULT NULL::uuid, page_size integer DEFAULT NULL::integer, mentor_ids uuid[] DEFAULT NULL::uuid[]) RETURNS TABLE(mentor_id uuid, name text, is_shown boolean, reason text, certificate_expires_on date)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select * from hlf_sync.get_mentors(org_id, after_mentor_id, page_size, mentor_ids)
$$;

COMMENT ON FUNCTION public.get_hlf_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) IS 'For coordinators: the mentors of one of their organisations as the app has them; all of them without a page size.';

CREATE FUNCTION public.get_hlf_organisations() RETURNS TABLE(organisation_id uuid, name text, is_enabled boolean)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select * from hlf_sync.get_organisations()
$$;

COMMENT ON FUNCTION public.get_hlf_organisations() IS 'For coordinators: their organisations, and whether each is synchronised.';

CREATE FUNCTION public.get_hlf_sync_audit_days(org_id uuid, from_date date, to_date date, days_each integer DEFAULT 1, of_mentor_id uuid DEFAULT NULL::uuid, of_outcome public.hlf_sync_outcome DEFAULT NULL::public.hlf_sync_outcome) RETURNS TABLE(first_day date, success bigint, failure bigint, dead_lettered bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
begin
  return query
  select
    from_date + ((log.created_at at time zone 'Europe/Oslo')::date - from_date) / days.each * days.each as first_day,
    count(*) filter (where log.outcome = 'success'),
    count(*) filter (where log.outcome = 'failure'),
    count(*) filter (where log.outcome = 'dead_lettered')
  from public.hlf_sync_audit_log as log
  cross join (values (greatest(days_each, 1))) as days (each)
  where log.organisation_id = org_id
    and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
    and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
    and (of_mentor_id is null or log.mentor_id = of_mentor_id)
    and (of_outcome is null or log.outcome = of_outcome)
  group by 1
  order by 1;
end
$$;

COMMENT ON FUNCTION public.get_hlf_sync_audit_days(org_id uuid, from_date date, to_date date, days_each integer, of_mentor_id uuid, of_outcome public.hlf_sync_outcome) IS 'Attempts of an organisation by day in Europe/Oslo, or by so many days each; none for days without. Both ends inclusive.';

CREATE FUNCTION public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date) RETURNS TABLE(outcome public.hlf_sync_outcome, count bigint)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
  return query
  select known.outcome, known.attempts
  from (
    -- Not grouped: the rows would be sorted first.
    select
      count(*) filter (where log.outcome = 'success') as success,
      count(*) filter (where log.outcome = 'failure') as failure,
      count(*) filter (where log.outcome = 'dead_lettered') as dead_lettered
    from public.hlf_sync_audit_log as log
    where log.organisation_id = org_id
      and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
      and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
  ) as counted
  cross join lateral (values
    ('success'::public.hlf_sync_outcome, counted.success),
    ('failure', counted.failure),
    ('dead_lettered', counted.dead_lettered)
  ) as known (outcome, attempts);
end
$$;

COMMENT ON FUNCTION public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date) IS 'Attempts of an organisation by outcome, zeros included, for days in Europe/Oslo, both ends inclusive.';

CREATE FUNCTION public.hand_back_hlf_sync_attempts(worker uuid, attempt_ids uuid[]) RETURNS SETOF uuid
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.hand_back_attempts(worker, attempt_ids)
$$;

COMMENT ON FUNCTION public.hand_back_hlf_sync_attempts(worker uuid, attempt_ids uuid[]) IS 'For the function: what was claimed and cannot be sent. Also without any, at the end of a drain.';

CREATE FUNCTION public.import_hlf_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) RETURNS integer
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.import_break_glass(
    attempt_ids, mentor_ids, operations, outcomes, response_codes, error_messages
  )
$$;

COMMENT ON FUNCTION public.import_hlf_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) IS 'For administrators: writes in attempts made while the database was out of reach.';

CREATE FUNCTION public.note_hlf_sync_health(is_well boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.note_health(is_well)
$$;

COMMENT ON FUNCTION public.note_hlf_sync_health(is_well boolean) IS 'For the function: whether Dynamics answered its health check.';

CREATE FUNCTION public.open_hlf_sync_gate(reason text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.open_gate(reason)
$$;

COMMENT ON FUNCTION public.open_hlf_sync_gate(reason text) IS 'For the function: the reason for which the gate was closed is gone.';

CREATE FUNCTION public.preview_hlf_sync(org_id uuid, mentor_ids uuid[] DEFAULT NULL::uuid[]) RETURNS TABLE(mentor_id uuid, wanted_operation public.hlf_sync_operation, confirmed_operation public.hlf_sync_operation, is_in_sync boolean, is_waiting boolean, is_dead_letter boolean)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
  select
    s.mentor_id, s.wanted_operation, s.confirmed_operation,
    s.wanted_operation is not distinct from s.confirmed_operation,
    s.due_at is not null or s.in_flight_attempt_id is not null,
    s.dead_lettered_at is not null
  from public.hlf_sync_state as s
  where s.organisation_id = org_id and (mentor_ids is null or s.mentor_id = any (mentor_ids))
  order by s.mentor_id
$$;

COMMENT ON FUNCTION public.preview_hlf_sync(org_id uuid, mentor_ids uuid[]) IS 'What a sync would change for mentors of an organisation; in sync means that the portal already matches.';

CREATE FUNCTION public.read_hlf_sync_news(org_id uuid, since timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
declare
  news jsonb;
  -- What began before the last answer may have been committed after it.
  changed_after constant timestamptz := coalesce(since - interval '30 seconds', '-infinity');
begin
  select jsonb_build_object(
    'read_at', now(),
    'organisation', (
      select jsonb_build_object('id', o.organisation_id, 'name', o.name, 'is_enabled', o.is_enabled)
      from public.get_hlf_organisations() as o
      where o.organisation_id = org_id
    ),
    'state_count', count(*),
    'states', coalesce(jsonb_agg(to_jsonb(s)) filter (where s.updated_at > changed_after), '[]')
  )
  into news
  from (
    select
      mentor_id, wanted_operation, generation, triggered_by_event, due_at, attempts, in_flight_attempt_id,
      confirmed_operation, confirmed_generation, confirmed_at, dead_lettered_at, updated_at,
      -- The request's number is in the log, for whoever wants it; here it would be most of the answer.
      regexp_replace(last_error, ' request=.*$', '') as last_error
    from public.hlf_sync_state
    where organisation_id = org_id
  ) as s;

  begin
    news := news || jsonb_build_object('mentors', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]')
      from (
        select
          mentor_id as id, coalesce(name, '') as full_name, reason as status,
          certificate_expires_on as certification_expiry_date
        from public.get_hlf_mentors(
          org_id, mentor_ids => case when since is not null then array(
            select (state ->> 'mentor_id')::uuid from jsonb_array_elements(news -> 'states') as state
          ) end
        )
      ) as m
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('gate', (
      select jsonb_build_object('closed_until', g.closed_until, 'reason', g.reason)
      from public.hlf_sync_gate as g
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('alerts', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.opened_at desc), '[]')
      from (select kind, opened_at from public.hlf_sync_alerts where closed_at is null) as a
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('nights', (
      select coalesce(jsonb_agg(to_jsonb(last)), '[]')
      from (select started_at, finished_at from public.hlf_nightly_runs order by run_date desc limit 1) as last
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('notifications', (
      select coalesce(jsonb_agg(to_jsonb(latest) order by latest.created_at desc), '[]')
      from (
        select c.id, c.mentor_id, c.kind, c.created_at
        from public.hlf_coordinator_notifications as c
        where c.organisation_id = org_id and c.created_at > now() - interval '14 days'
        order by c.created_at desc
        limit 8
      ) as latest
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('newest_attempt', (
      select log.id
      from public.hlf_sync_audit_log as log
      where log.organisation_id = org_id
      order by log.created_at desc, log.id desc
      limit 1
    ));
  exception when insufficient_privilege then
    null;
  end;

  return news;
end
$_$;

COMMENT ON FUNCTION public.read_hlf_sync_news(org_id uuid, since timestamp with time zone) IS 'What the coordinators'' page shows of an organisation, as far as the caller may see: everything, or what has changed since an earlier answer was read. A part that may not be read is missing.';

CREATE FUNCTION public.refuse_hlf_listings(reader uuid) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.refuse_listings(reader)
$$;

COMMENT ON FUNCTION public.refuse_hlf_listings(reader uuid) IS 'For the function: what it reads says nothing and is not to be believed.';

CREATE FUNCTION public.report_hlf_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[] DEFAULT '{}'::uuid[], unaddressable_count integer DEFAULT 0) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select hlf_sync.report_listings(
    reader, published_mentor_ids, hidden_mentor_ids, lease_seconds, unaddressable_mentor_ids, unaddressable_count
  )
$$;

COMMENT ON FUNCTION public.report_hlf_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) IS 'For the function: one page of listings as read from Dynamics, and published ones whose key no update can name.';

CREATE FUNCTION public.request_hlf_force_sync(mentor_id uuid) RETURNS TABLE(result text, generation bigint, triggered_by_event text)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.request_force_sync(mentor_id)
$$;

COMMENT ON FUNCTION public.request_hlf_force_sync(mentor_id uuid) IS 'For the function, on behalf of a coordinator: accepted | not_found | not_coordinator | sync_disabled | too_many_requests.';

CREATE FUNCTION public.requeue_hlf_dead_letters(org_id uuid, mentor_ids uuid[] DEFAULT NULL::uuid[]) RETURNS TABLE(result text, requeued_count integer)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.requeue_dead_letters(org_id, mentor_ids)
$$;

COMMENT ON FUNCTION public.requeue_hlf_dead_letters(org_id uuid, mentor_ids uuid[]) IS 'For coordinators: accepted | not_found | not_coordinator | sync_disabled | too_many_requests, and how many.';

CREATE FUNCTION public.settle_hlf_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) RETURNS TABLE(attempt_id uuid, result public.hlf_sync_settle_result)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.settle_break_glass(attempt_ids, outcomes, response_codes, error_messages)
$$;

COMMENT ON FUNCTION public.settle_hlf_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) IS 'For administrators: reports what became of attempts claimed by hand.';

CREATE FUNCTION public.settle_hlf_sync_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) RETURNS TABLE(attempt_id uuid, result public.hlf_sync_settle_result, outcome public.hlf_sync_outcome, due_in_seconds double precision)
    LANGUAGE sql
    SET search_path TO ''
    AS $$
  select * from hlf_sync.settle_attempts(
    attempt_ids, outcomes, response_codes, error_messages, retry_delays_seconds
  )
$$;

COMMENT ON FUNCTION public.settle_hlf_sync_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) IS 'For the function: reports what became of claimed attempts.';

CREATE FUNCTION public.verify_hlf_sync_audit(from_day date, to_day date) RETURNS TABLE(is_intact boolean, checked_days integer, first_bad_day date, reason text)
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $$
begin
  -- It reads years of rows, and anybody can sign up.
  if current_user = 'authenticated' and not hlf_sync.is_hlf_administrator()
    and not exists (select hlf_sync.coordinated_organisation_ids())
  then
    raise exception 'Only coordinators may verify the log' using errcode = '42501';
  end if;
  return query select * from hlf_sync.verify_audit(from_day, to_day);
end
$$;

COMMENT ON FUNCTION public.verify_hlf_sync_audit(from_day date, to_day date) IS 'For coordinators, administrators and the function: whether the log matches its seals; tells nothing of the rows.';

-- Triggers

CREATE TRIGGER apply_new_switch AFTER INSERT ON public.hlf_sync_switches FOR EACH ROW EXECUTE FUNCTION hlf_sync.apply_switch();

CREATE TRIGGER apply_switch AFTER UPDATE OF is_enabled ON public.hlf_sync_switches FOR EACH ROW WHEN ((old.is_enabled IS DISTINCT FROM new.is_enabled)) EXECUTE FUNCTION hlf_sync.apply_switch();

CREATE TRIGGER hlf_sync_delete AFTER DELETE ON public.mentors REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync."track_public.mentors"();

CREATE TRIGGER hlf_sync_insert AFTER INSERT ON public.mentors REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync."track_public.mentors"();

CREATE TRIGGER hlf_sync_truncate AFTER TRUNCATE ON public.mentors FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync.track_everybody();

CREATE TRIGGER hlf_sync_update AFTER UPDATE ON public.mentors REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync."track_public.mentors"();

CREATE TRIGGER keep_attempt_unique BEFORE INSERT ON public.hlf_sync_audit_log FOR EACH ROW EXECUTE FUNCTION hlf_sync.keep_attempt_unique();

ALTER TABLE public.hlf_sync_audit_log ENABLE ALWAYS TRIGGER keep_attempt_unique;

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.hlf_sync_audit_log FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync.refuse_change();

ALTER TABLE public.hlf_sync_audit_log ENABLE ALWAYS TRIGGER refuse_change;

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.hlf_sync_audit_seals FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync.refuse_change();

ALTER TABLE public.hlf_sync_audit_seals ENABLE ALWAYS TRIGGER refuse_change;

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.hlf_sync_detached_partitions FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync.refuse_change();

ALTER TABLE public.hlf_sync_detached_partitions ENABLE ALWAYS TRIGGER refuse_change;

CREATE TRIGGER refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.hlf_sync_manual_actions FOR EACH STATEMENT EXECUTE FUNCTION hlf_sync.refuse_change();

ALTER TABLE public.hlf_sync_manual_actions ENABLE ALWAYS TRIGGER refuse_change;

-- Row level security

CREATE POLICY "Administrators read detached years" ON public.hlf_sync_detached_partitions FOR SELECT TO authenticated USING (( SELECT hlf_sync.is_hlf_administrator() AS is_hlf_administrator));

CREATE POLICY "Administrators read seals" ON public.hlf_sync_audit_seals FOR SELECT TO authenticated USING (( SELECT hlf_sync.is_hlf_administrator() AS is_hlf_administrator));

CREATE POLICY "Coordinators read nights" ON public.hlf_nightly_runs FOR SELECT TO authenticated USING ((EXISTS ( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids)));

CREATE POLICY "Coordinators read the alerts that concern every organisation" ON public.hlf_sync_alerts FOR SELECT TO authenticated USING (((kind = ANY (ARRAY['dynamics_unreachable'::text, 'cannot_call'::text, 'gate_stuck'::text, 'jobs_stopped'::text, 'nights_stopped'::text])) AND (EXISTS ( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read the gate" ON public.hlf_sync_gate FOR SELECT TO authenticated USING ((EXISTS ( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids)));

CREATE POLICY "Coordinators read their mentors" ON public.mentors FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their mentors' state" ON public.hlf_sync_state FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations" ON public.organisations FOR SELECT TO authenticated USING ((id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' actions" ON public.hlf_sync_manual_actions FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' attempts" ON public.hlf_sync_audit_log FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' drifts" ON public.hlf_sync_drifts FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' notifications" ON public.hlf_coordinator_notifications FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' policy" ON public.hlf_certification_policies FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' reminders" ON public.cert_expiry_reminders FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' switches" ON public.hlf_sync_switches FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "Coordinators read their organisations' transitions" ON public.hlf_mentor_status_transitions FOR SELECT TO authenticated USING ((organisation_id = ANY (ARRAY( SELECT hlf_sync.coordinated_organisation_ids() AS coordinated_organisation_ids))));

CREATE POLICY "The function reads every attempt" ON public.hlf_sync_audit_log FOR SELECT TO service_role USING (true);

CREATE POLICY "The function writes attempts" ON public.hlf_sync_audit_log FOR INSERT TO service_role WITH CHECK (true);

CREATE POLICY "Users read their own memberships" ON public.organisation_members FOR SELECT TO authenticated USING ((user_id = ( SELECT auth.uid() AS uid)));

ALTER TABLE public.cert_expiry_reminders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_certification_policies ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_coordinator_notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_mentor_status_transitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_nightly_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_alerts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_audit_seals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_detached_partitions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_drifts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_gate ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_manual_actions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.hlf_sync_switches ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mentors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organisation_members ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.organisations ENABLE ROW LEVEL SECURITY;

-- Privileges

GRANT USAGE ON SCHEMA hlf_sync TO authenticated;
GRANT USAGE ON SCHEMA hlf_sync TO service_role;

GRANT USAGE ON SCHEMA public TO postgres;
GRANT USAGE ON SCHEMA public TO anon;
GRANT USAGE ON SCHEMA public TO authenticated;
GRANT USAGE ON SCHEMA public TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.accept_environment(environment_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.accept_listing_count(listing_count integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.admit_request() FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.admit_request() TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.allow_mass_change(organisation_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.answer_to(request_id bigint, queued_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.apply_switch() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.ask_for_project() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.assert_administrator() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.assert_columns(relation regclass, columns text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.assert_day_has_come(on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.assert_lease(lease_seconds integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.assert_same_length(VARIADIC lengths integer[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.begin_reconciliation(lease_seconds integer, on_date date, environment_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.begin_reconciliation(lease_seconds integer, on_date date, environment_id uuid) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.callable_url(secret_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.check_audit_seals(at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.claim_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.claim_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.claim_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], ignore_gate boolean, project_url text) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.claim_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], ignore_gate boolean, project_url text) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.claim_break_glass(mentor_ids uuid[], lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.claim_break_glass(mentor_ids uuid[], lease_seconds integer) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.close_alert(alert_kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.close_gate(reason text, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.close_gate(reason text, seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.close_gate_for_refusals(kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.confirm_project(project_url text, question uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.confirm_project(project_url text, question uuid) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.coordinated_organisation_ids() FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.coordinated_organisation_ids() TO authenticated;
GRANT ALL ON FUNCTION hlf_sync.coordinated_organisation_ids() TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.count_certification_duplicates() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.create_audit_log_partition(partition_year integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.create_tracker(tracked regclass, key_column text, columns text[], related regclass, related_column text, mentor_column text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.create_tracking_triggers(tracked regclass, tracker text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.deliver_messages() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.detach_audit_log_partition(partition_year integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.digest_audit_day(day date, previous_digest text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.doubt_reading(on_date date, found_count integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.end_outage() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.ensure_audit_log_partitions(from_year integer, to_year integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.expire_certifications(on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.expire_mentors(mentor_ids uuid[], on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.fill_audit_gaps(grace interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_adapter_problems() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_adapter_sources() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.find_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.today_in_oslo() FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.today_in_oslo() TO service_role;

GRANT SELECT ON TABLE public.hlf_nightly_runs TO service_role;

GRANT SELECT(run_date) ON TABLE public.hlf_nightly_runs TO authenticated;

GRANT SELECT(started_at) ON TABLE public.hlf_nightly_runs TO authenticated;

GRANT SELECT(finished_at) ON TABLE public.hlf_nightly_runs TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.find_drifted_mentors(run public.hlf_nightly_runs) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_probe() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_stopped_jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_untracked_mentors() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.find_who_coordinates(claims text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.finish_reconciliation(reader uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.finish_reconciliation(reader uuid) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.fits_header(value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.follow_request(mentor_id uuid, generation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.follow_request(mentor_id uuid, generation bigint) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.get_break_glass_view(after_mentor_id uuid, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.get_break_glass_view(after_mentor_id uuid, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.get_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.get_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.get_organisations() FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.get_organisations() TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.get_wait() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.hand_back_attempts(worker uuid, attempt_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.hand_back_attempts(worker uuid, attempt_ids uuid[]) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.hand_out_attempts(for_all integer, for_removes integer, lease_seconds integer, max_attempts integer, only_mentor_ids uuid[], worker uuid, claim_number integer, removes_alone boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.import_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.import_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.is_callable_url(url text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_hlf_administrator() FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.is_hlf_administrator() TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.is_new_day() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_outage(message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_own_project(project_url text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_pg_net_willing() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_queued(request_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_rate_limited(caller uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_refusal(message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.is_sync_error(message text) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.is_sync_error(message text) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.is_sync_event(event text) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.is_sync_event(event text) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.is_unheeded(nudged_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.judge_last_nudge() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.judge_refusals(attempt_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.keep_attempt_unique() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.kind_of_refusal(message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.last_confirmation() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.lock_reconciliation(reader uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.make_append_only(target regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.may_send() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.mentors_changed(mentor_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.mentors_that_make_everybody(message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.note_expiries(mentor_ids uuid[], on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.note_health(is_well boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.note_health(is_well boolean) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.note_mentors(newcomers hlf_sync.sync_request[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.note_step(step_name text, problem text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.nudge(body jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.open_gate(reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.open_gate(reason text) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.pass_fuse(source text, requests hlf_sync.sync_request[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.post_json(url text, body jsonb, headers jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.project_name() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.prune_attempts() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.raise_alert(alert_kind text, affected_count integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.read_tonight_again() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.refuse_listings(reader uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.refuse_listings(reader uuid) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.refuse_reading(on_date date, reason text, listings integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.remaining_capacity(worker uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.remind_of_certifications(on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.repair_state() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.repair_switches() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.report_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.report_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.request_force_sync(mentor_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.request_force_sync(mentor_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.request_sync(requests hlf_sync.sync_request[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.request_sync_of_each(requests hlf_sync.sync_request[], are_new boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.requeue_dead_letters(org_id uuid, mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.requeue_dead_letters(org_id uuid, mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.restore_app_privileges() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.restore_privileges() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.run_night(on_date date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.schedule_jobs() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.seal_audit_log(until date) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.secret(secret_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.secret_key() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.send_heartbeat() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.send_message(subject text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.server_mark() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.set_alert(alert_kind text, is_on boolean, affected_count integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.set_project(project_url text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.set_switch(organisation_id uuid, is_enabled boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.settle_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.settle_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.settle_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.settle_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) TO authenticated;

REVOKE ALL ON FUNCTION hlf_sync.settle_interrupted_attempts() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.status_event(is_shown boolean, reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.sweep() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.switch_off(organisation_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.switch_on(organisation_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.tell_coordinators() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.tell_of_alert(alert_kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.tell_of_dead_letters(attempt_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.track_everybody() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.track_for_everybody(tracked regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync."track_public.mentors"() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.track_related_table(tracked regclass, key_column text, related regclass, related_column text, mentor_column text, VARIADIC columns text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.track_table(tracked regclass, id_column text, VARIADIC columns text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.try_step(step_name text, statement text) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.unusable_secrets() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.uuid_v7() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.uuid_v7_time(id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.uuid_v7_time(id uuid) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.verify_audit(from_day date, to_day date, as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION hlf_sync.verify_audit(from_day date, to_day date, as_of timestamp with time zone) TO authenticated;
GRANT ALL ON FUNCTION hlf_sync.verify_audit(from_day date, to_day date, as_of timestamp with time zone) TO service_role;

REVOKE ALL ON FUNCTION hlf_sync.version() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.wake() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_calls() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_fuse() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_gate() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_log(at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_messages() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_nights() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_seals() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.watch_state() FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.webhook_body(url text, message text, details jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.work_on_certifications(on_date date, OUT reminded integer, OUT expired integer, OUT duplicates integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.write_message(subject text, secret_name text, state text, affected_count integer, message text, details jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION hlf_sync.write_missing_audit_rows(attempt_ids uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.admit_hlf_sync_request() FROM PUBLIC;
GRANT ALL ON FUNCTION public.admit_hlf_sync_request() TO service_role;

REVOKE ALL ON FUNCTION public.begin_hlf_reconciliation(lease_seconds integer, environment_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_hlf_reconciliation(lease_seconds integer, environment_id uuid) TO service_role;

REVOKE ALL ON FUNCTION public.claim_hlf_break_glass(mentor_ids uuid[], lease_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_hlf_break_glass(mentor_ids uuid[], lease_seconds integer) TO authenticated;

REVOKE ALL ON FUNCTION public.claim_hlf_sync_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_hlf_sync_ahead(worker uuid, batch_size integer, more_removes integer, lease_seconds integer, max_attempts integer, project_url text, claim_number integer, lost_claims integer[]) TO service_role;

REVOKE ALL ON FUNCTION public.claim_hlf_sync_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_id uuid, project_url text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_hlf_sync_attempts(batch_size integer, lease_seconds integer, max_attempts integer, only_mentor_id uuid, project_url text) TO service_role;

REVOKE ALL ON FUNCTION public.close_hlf_sync_gate(reason text, seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.close_hlf_sync_gate(reason text, seconds double precision) TO service_role;

REVOKE ALL ON FUNCTION public.confirm_hlf_sync_project(project_url text, question uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.confirm_hlf_sync_project(project_url text, question uuid) TO service_role;

REVOKE ALL ON FUNCTION public.find_hlf_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_hlf_break_glass_obstacles(attempt_ids uuid[], mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.finish_hlf_reconciliation(reader uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.finish_hlf_reconciliation(reader uuid) TO service_role;

REVOKE ALL ON FUNCTION public.follow_hlf_sync_request(mentor_id uuid, generation bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.follow_hlf_sync_request(mentor_id uuid, generation bigint) TO service_role;

REVOKE ALL ON FUNCTION public.get_hlf_break_glass_view(after_mentor_id uuid, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_hlf_break_glass_view(after_mentor_id uuid, page_size integer) TO authenticated;

REVOKE ALL ON FUNCTION public.get_hlf_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_hlf_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.get_hlf_organisations() FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_hlf_organisations() TO authenticated;

REVOKE ALL ON FUNCTION public.get_hlf_sync_audit_days(org_id uuid, from_date date, to_date date, days_each integer, of_mentor_id uuid, of_outcome public.hlf_sync_outcome) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_hlf_sync_audit_days(org_id uuid, from_date date, to_date date, days_each integer, of_mentor_id uuid, of_outcome public.hlf_sync_outcome) TO authenticated;
GRANT ALL ON FUNCTION public.get_hlf_sync_audit_days(org_id uuid, from_date date, to_date date, days_each integer, of_mentor_id uuid, of_outcome public.hlf_sync_outcome) TO service_role;

REVOKE ALL ON FUNCTION public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date) TO authenticated;
GRANT ALL ON FUNCTION public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date) TO service_role;

REVOKE ALL ON FUNCTION public.hand_back_hlf_sync_attempts(worker uuid, attempt_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.hand_back_hlf_sync_attempts(worker uuid, attempt_ids uuid[]) TO service_role;

REVOKE ALL ON FUNCTION public.import_hlf_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.import_hlf_break_glass(attempt_ids uuid[], mentor_ids uuid[], operations public.hlf_sync_operation[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) TO authenticated;

REVOKE ALL ON FUNCTION public.note_hlf_sync_health(is_well boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_hlf_sync_health(is_well boolean) TO service_role;

REVOKE ALL ON FUNCTION public.open_hlf_sync_gate(reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_hlf_sync_gate(reason text) TO service_role;

REVOKE ALL ON FUNCTION public.preview_hlf_sync(org_id uuid, mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.preview_hlf_sync(org_id uuid, mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.read_hlf_sync_news(org_id uuid, since timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.read_hlf_sync_news(org_id uuid, since timestamp with time zone) TO authenticated;

REVOKE ALL ON FUNCTION public.refuse_hlf_listings(reader uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.refuse_hlf_listings(reader uuid) TO service_role;

REVOKE ALL ON FUNCTION public.report_hlf_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.report_hlf_listings(reader uuid, published_mentor_ids uuid[], hidden_mentor_ids uuid[], lease_seconds integer, unaddressable_mentor_ids uuid[], unaddressable_count integer) TO service_role;

REVOKE ALL ON FUNCTION public.request_hlf_force_sync(mentor_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.request_hlf_force_sync(mentor_id uuid) TO authenticated;

REVOKE ALL ON FUNCTION public.requeue_hlf_dead_letters(org_id uuid, mentor_ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.requeue_hlf_dead_letters(org_id uuid, mentor_ids uuid[]) TO authenticated;

REVOKE ALL ON FUNCTION public.settle_hlf_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_hlf_break_glass(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[]) TO authenticated;

REVOKE ALL ON FUNCTION public.settle_hlf_sync_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_hlf_sync_attempts(attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes integer[], error_messages text[], retry_delays_seconds double precision[]) TO service_role;

REVOKE ALL ON FUNCTION public.verify_hlf_sync_audit(from_day date, to_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.verify_hlf_sync_audit(from_day date, to_day date) TO authenticated;
GRANT ALL ON FUNCTION public.verify_hlf_sync_audit(from_day date, to_day date) TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_audit_log TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(id) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(organisation_id) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(mentor_id) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(operation) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(dynamics_response_code) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(retry_count) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(outcome) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(error_message) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT INSERT(triggered_by_event) ON TABLE public.hlf_sync_audit_log TO service_role;

GRANT SELECT ON TABLE public.mentors TO authenticated;
GRANT ALL ON TABLE public.mentors TO service_role;

GRANT SELECT ON TABLE public.organisations TO authenticated;
GRANT ALL ON TABLE public.organisations TO service_role;

GRANT SELECT ON TABLE public.cert_expiry_reminders TO authenticated;
GRANT SELECT ON TABLE public.cert_expiry_reminders TO service_role;

GRANT SELECT ON TABLE public.hlf_certification_policies TO authenticated;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.hlf_certification_policies TO service_role;

GRANT SELECT ON TABLE public.hlf_coordinator_notifications TO authenticated;
GRANT SELECT ON TABLE public.hlf_coordinator_notifications TO service_role;

GRANT SELECT ON TABLE public.hlf_mentor_status_transitions TO authenticated;
GRANT SELECT ON TABLE public.hlf_mentor_status_transitions TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_alerts TO service_role;

GRANT SELECT(kind) ON TABLE public.hlf_sync_alerts TO authenticated;

GRANT SELECT(opened_at) ON TABLE public.hlf_sync_alerts TO authenticated;

GRANT SELECT(closed_at) ON TABLE public.hlf_sync_alerts TO authenticated;

GRANT SELECT ON TABLE public.hlf_sync_audit_seals TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_audit_seals TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_detached_partitions TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_detached_partitions TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_drifts TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_drifts TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_gate TO service_role;

GRANT SELECT(closed_until) ON TABLE public.hlf_sync_gate TO authenticated;

GRANT SELECT(reason) ON TABLE public.hlf_sync_gate TO authenticated;

GRANT SELECT ON TABLE public.hlf_sync_manual_actions TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_manual_actions TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_state TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_state TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_mentor_status TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_mentor_status TO service_role;

GRANT SELECT ON TABLE public.hlf_sync_switches TO authenticated;
GRANT SELECT ON TABLE public.hlf_sync_switches TO service_role;

GRANT SELECT ON TABLE public.organisation_members TO authenticated;
GRANT ALL ON TABLE public.organisation_members TO service_role;
