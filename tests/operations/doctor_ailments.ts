import { RELEASE } from "../../supabase/functions/_shared/release.ts";

/** What somebody breaks (as the platform, which may break anything), and what the doctor must say of it. */
interface Ailment {
  readonly sql: string;
  /** The one check that finds it. */
  readonly title: string;
  readonly says: string;
  /** Where the remedy that is named cannot be run here, or has a gap that a person fills in. */
  readonly mend?: string;
}

const VERSION = "The schema is that of this release, and its history is kept";
const ADAPTER = "The app's adapter keeps its contract";
const PRIVILEGES = "Everybody has the privileges that they are to have, and no others";
const GUARDS = "Triggers, policies and row level security are there and switched on";
const SECRETS = "Vault holds what the database calls with, without white space";
const JOBS = "Each job is scheduled as it has to be, and has succeeded in its time";

/** Changes the name of a secret. */
function renamed(name: string, to: string): string {
  return `select vault.update_secret(id, new_name := '${to}') from vault.secrets where name = '${name}'`;
}

/** Changes a secret by what is put around it, or takes that away again. */
function reworked(name: string, expression: string): string {
  return `select vault.update_secret(id, ${expression}) from vault.decrypted_secrets where name = '${name}'`;
}

export const AILMENTS: readonly Ailment[] = [
  {
    title: VERSION,
    sql: "alter table supabase_migrations.schema_migrations rename to lost",
    says: "→ run: npx supabase@3.1.0 migration repair --status applied --remote",
    mend: "alter table supabase_migrations.lost rename to schema_migrations",
  },
  {
    title: VERSION,
    sql: "alter function hlf_sync.version() rename to former_version",
    says: "hlf-sync's migrations are not, or not all, applied.",
    mend: "alter function hlf_sync.former_version() rename to version",
  },
  {
    title: VERSION,
    sql:
      "create or replace function hlf_sync.version() returns text language sql immutable set search_path = '' as $$ select '0.9.0' $$",
    says: "The schema is of release 0.9.0, and this doctor of ",
    mend: `create or replace function hlf_sync.version() returns text
      language sql immutable set search_path = '' as $$ select '${RELEASE}' $$`,
  },
  {
    title: ADAPTER,
    sql: "alter table public.mentors disable trigger hlf_sync_update",
    says: "public.mentors has no enabled trigger for update",
    mend: "alter table public.mentors enable trigger hlf_sync_update",
  },
  {
    title: ADAPTER,
    sql: "drop trigger hlf_sync_delete on public.mentors",
    says: "public.mentors has no enabled trigger for delete",
    mend: "select hlf_sync.track_table('public.mentors', 'id', 'status', 'organisation_id')",
  },
  {
    title: ADAPTER,
    sql: "insert into hlf_sync.silent_sources values ('public.nowhere', 'gone')",
    says: "What is listed as silent is there. Not so: public.nowhere.",
    mend: "delete from hlf_sync.silent_sources where source = 'public.nowhere'",
  },
  {
    title: PRIVILEGES,
    sql: "grant delete on public.hlf_sync_audit_log to service_role",
    says: "service_role may delete public.hlf_sync_audit_log, and must not.",
  },
  {
    title: PRIVILEGES,
    sql: "grant insert (created_at) on public.hlf_sync_audit_log to service_role",
    says: "service_role may insert public.hlf_sync_audit_log(created_at), and must not.",
  },
  {
    title: PRIVILEGES,
    sql: "grant select on hlf_sync.audit_log_2027 to authenticated",
    says: "authenticated may select hlf_sync.audit_log_2027, and must not.",
  },
  {
    title: PRIVILEGES,
    sql: "grant execute on function hlf_sync.seal_audit_log to public",
    says: "everybody may execute hlf_sync.seal_audit_log(until date), and must not.",
  },
  {
    title: PRIVILEGES,
    sql: "grant usage on schema hlf_sync to anon",
    says: "anon may usage hlf_sync, and must not.",
  },
  {
    title: PRIVILEGES,
    sql: "revoke execute on function public.admit_hlf_sync_request from service_role",
    says: "service_role may no longer execute public.admit_hlf_sync_request().",
  },
  {
    title: PRIVILEGES,
    sql: "grant all on all tables in schema public to anon, authenticated",
    says: "more of the kind.",
  },
  {
    title: GUARDS,
    sql: "alter table hlf_sync.audit_log_2027 disable trigger refuse_change",
    says: 'The trigger "refuse_change" of hlf_sync.audit_log_2027 is switched off.',
  },
  {
    title: GUARDS,
    sql: "alter table public.hlf_sync_audit_seals enable trigger refuse_change",
    says:
      'The trigger "refuse_change" of public.hlf_sync_audit_seals is silenced by session_replication_role.',
  },
  {
    title: GUARDS,
    sql: "drop trigger refuse_change on hlf_sync.audit_log_2028",
    says: 'hlf_sync.audit_log_2028 has no trigger "refuse_change".',
  },
  {
    title: GUARDS,
    sql: "drop trigger keep_attempt_unique on public.hlf_sync_audit_log",
    says: 'public.hlf_sync_audit_log has no trigger "keep_attempt_unique".',
  },
  {
    title: GUARDS,
    sql: "alter table hlf_sync.audit_log_2026 disable trigger keep_attempt_unique",
    says: 'The trigger "keep_attempt_unique" of hlf_sync.audit_log_2026 is switched off.',
  },
  {
    title: GUARDS,
    sql: "alter table public.hlf_sync_audit_log no force row level security",
    says: "Row level security of public.hlf_sync_audit_log is not enabled and forced.",
  },
  {
    title: GUARDS,
    sql: "alter table public.hlf_sync_state disable row level security",
    says: "Row level security of public.hlf_sync_state is not enabled.",
  },
  {
    title: GUARDS,
    sql: `drop policy "Coordinators read the gate" on public.hlf_sync_gate`,
    says: 'public.hlf_sync_gate has no policy "Coordinators read the gate".',
  },
  {
    title: GUARDS,
    sql: `create policy "Everybody" on public.hlf_sync_audit_log for select to anon using (true)`,
    says: 'public.hlf_sync_audit_log has a policy "Everybody", which no migration makes.',
  },
  {
    title: SECRETS,
    sql: renamed("hlf_sync_alert_webhook_url", "elsewhere"),
    says: "hlf_sync_alert_webhook_url is missing.",
    mend: renamed("elsewhere", "hlf_sync_alert_webhook_url"),
  },
  {
    title: SECRETS,
    sql: reworked("hlf_sync_alert_webhook_url", "'hooks.example.org/' || decrypted_secret"),
    says: "hlf_sync_alert_webhook_url is no URL that pg_net takes.",
    mend: reworked("hlf_sync_alert_webhook_url", "substr(decrypted_secret, 19)"),
  },
  {
    title: SECRETS,
    sql: reworked("hlf_sync_function_url", "decrypted_secret || e'\\n'"),
    says: "hlf_sync_function_url has white space around it.",
  },
  {
    title: SECRETS,
    sql: reworked("hlf_sync_secret_key", "e' ' || decrypted_secret || e'\\r\\n'"),
    says: "hlf_sync_secret_key has white space around it.",
  },
  {
    title: SECRETS,
    sql: "update stand_in.faults set is_out_of_order = true where part = 'vault'",
    says: "hlf_sync_secret_key cannot be decrypted.",
    mend: "update stand_in.faults set is_out_of_order = false where part = 'vault'",
  },
  {
    title: "The database reaches the function, and the function Dynamics",
    sql: "update stand_in.faults set is_out_of_order = true where part = 'pg_net'",
    says: "pg_net does not take the request.",
    mend: "update stand_in.faults set is_out_of_order = false where part = 'pg_net'",
  },
  {
    title: "The function that the database calls is that of its own project",
    sql: "update hlf_sync.project set url = 'https://other.example', is_foreign = true where true",
    says: "This database is a copy of another project's, so it sends nothing.",
    mend: "update hlf_sync.project set url = null, is_foreign = false where true",
  },
  {
    title: JOBS,
    sql: "delete from cron.job where jobname = 'hlf_sync_watchdog'",
    says: "The cron job hlf_sync_watchdog is missing.",
  },
  {
    title: JOBS,
    sql: "update cron.job set schedule = '0 0 1 1 *' where jobname = 'hlf_sync_sweep'",
    says: "The cron job hlf_sync_sweep has another schedule or another command",
  },
  {
    title: JOBS,
    sql: "update cron.job set command = 'select 1' where jobname = 'hlf_sync_verify'",
    says: "The cron job hlf_sync_verify has another schedule or another command",
  },
  {
    title: JOBS,
    sql: "update cron.job set active = false where jobname = 'hlf_sync_seal'",
    says: "The cron job hlf_sync_seal is switched off.",
  },
  {
    title: JOBS,
    sql:
      `insert into cron.job_run_details (runid, username, command, status, return_message, start_time, end_time)
      select 990000, username, command, 'failed', e'ERROR: cannot\\nDETAIL: hemmelig', now(), now() + interval '1 hour'
      from cron.job where jobname = 'hlf_sync_sweep'`,
    says: "The cron job hlf_sync_sweep failed when it last ran: ERROR: cannot",
    mend: "delete from cron.job_run_details where status = 'failed'",
  },
  {
    title: JOBS,
    sql: `with earlier as (
        update hlf_sync.pulse set jobs_scheduled_at = now() - interval '1 day' where true returning id
      )
      update cron.job_run_details set command = 'gone' || command
      from earlier where command = 'select hlf_sync.sweep()'`,
    says: "The cron job hlf_sync_sweep has not succeeded in 5 minutes.",
    mend: "update cron.job_run_details set command = substr(command, 5) where command like 'gone%'",
  },
  {
    title: "Each step of sweep, night and watchdog succeeded when it last ran",
    sql:
      `select hlf_sync.note_step('state of mentors', '23514'), hlf_sync.note_step('watch: gate', '57014'),
      hlf_sync.note_step('verification of the audit log', '57014'), hlf_sync.note_step('compensation query', '40001')`,
    says: 'The step "state of mentors" failed (23514).',
  },
  {
    title: "A night has finished in the last 26 hours",
    sql: `with earlier as (
        update public.hlf_sync_gate set installed_at = now() - interval '9 days' where true returning id
      )
      delete from public.hlf_nightly_runs using earlier where true`,
    says: "No night has finished: what changed by hand in Dynamics is not noticed.",
  },
  {
    title: "The gate to Dynamics is open",
    sql: `update public.hlf_sync_gate
      set closed_until = now() + interval '1 hour', closed_at = now(), reason = 'throttled' where true`,
    says: "It is closed: throttled.",
    mend: "select hlf_sync.open_gate('throttled')",
  },
  {
    title: "The watchdog looks, and no alert is open",
    sql: "insert into public.hlf_sync_alerts (kind) values ('gate_stuck')",
    says: "The alert gate_stuck is open.",
    mend: "delete from public.hlf_sync_alerts where kind = 'gate_stuck'",
  },
  {
    title: "No message is waiting for somebody to take it",
    sql: `insert into hlf_sync.messages
        (subject, secret_name, state, message, details, written_at, tries, last_status)
      values ('alert gate_stuck', 'hlf_sync_alert_webhook_url', 'open', '', '{}', now() - interval '5 minutes', 3, 404)`,
    says: 'about "alert gate_stuck" has been on its way for 5 minutes; the answer was 404.',
    mend: "delete from hlf_sync.messages where subject = 'alert gate_stuck'",
  },
];
