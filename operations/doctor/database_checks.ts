import type postgres from "postgres";
import { z } from "zod";
import type { Check, Finding } from "./finding.ts";

export const SECRET_NAMES = [
  "hlf_sync_function_url",
  "hlf_sync_secret_key",
  "hlf_sync_alert_webhook_url",
] as const;

/** The jobs that the migrations schedule. */
const JOBS = [
  "hlf_sync_sweep",
  "hlf_sync_nightly",
  "hlf_sync_watchdog",
  "hlf_sync_seal",
  "hlf_sync_verify",
  "hlf_sync_partitions",
  "hlf_sync_prune_cron_history",
];

const names = z.array(z.object({ name: z.string() }));

/** What the database itself can be asked. `sql` is connected as its owner. */
export function databaseChecks(sql: postgres.Sql, migrations: readonly string[]): Check[] {
  const missingFrom = async (wanted: readonly string[], query: Promise<unknown>) => {
    const found = new Set(names.parse([...await query as unknown[]]).map(({ name }) => name));
    return wanted.filter((name) => !found.has(name));
  };

  return [
    {
      title: "All migrations are applied",
      run: async () => {
        const missing = await missingFrom(
          migrations,
          sql`select version as name from supabase_migrations.schema_migrations`,
        );
        return missing.map((version) => ({
          problem: `Migration ${version} is not applied.`,
          remedy: "npx supabase@3.1.0 db push --remote",
        }));
      },
    },
    {
      title: "Vault holds the three secrets",
      run: async () => {
        const missing = await missingFrom(
          SECRET_NAMES,
          sql`select name from vault.decrypted_secrets where coalesce(decrypted_secret, '') <> ''`,
        );
        return missing.map((name) => ({
          problem: `${name} is missing or empty.`,
          remedy: `select vault.create_secret('…', '${name}'); see docs/deploying.md, 3.`,
        }));
      },
    },
    {
      title: "All jobs are scheduled and active",
      run: async () => {
        const missing = await missingFrom(
          JOBS,
          sql`select jobname as name from cron.job where active`,
        );
        return missing.map((name) => ({
          problem: `The cron job ${name} is missing or switched off.`,
          remedy: "Schedule it again as the migration schedule_hlf_sync_jobs does.",
        }));
      },
    },
    {
      title: "The log is append-only, for everyone",
      run: () => appendOnly(sql),
    },
    {
      title: "The log has its partitions for this year and the next",
      run: async () => {
        const missing = names.parse([
          ...await sql`
            select year::text as name
            from generate_series(extract(year from now())::integer, extract(year from now())::integer + 1) as year
            where to_regclass(format('private.hlf_sync_audit_log_%s', year)) is null`,
        ]);
        return missing.map(({ name }) => ({
          problem: `There is no partition for ${name}.`,
          remedy: `select private.ensure_hlf_sync_audit_log_partitions(${name}, ${name})`,
        }));
      },
    },
    {
      title: "The log of the last thirty days matches its seals",
      run: async () => {
        const bad = z.array(z.object({ day: z.string(), reason: z.string() })).parse([
          ...await sql`
            select to_char(first_bad_day, 'YYYY-MM-DD') as day, reason
            from private.verify_hlf_sync_audit(current_date - 30, current_date)
            where not is_intact`,
        ]);
        return bad.map(({ day, reason }) => ({
          problem: `${day}: ${reason}.`,
          remedy: "Treat it as an incident; see docs/operations.md.",
        }));
      },
    },
    {
      title: "No alert is open",
      run: async () => {
        const open = names.parse([
          ...await sql`select kind as name from public.hlf_sync_alerts where closed_at is null`,
        ]);
        return open.map(({ name }) => ({
          problem: `The alert ${name} is open.`,
          remedy: "docs/operations.md says what each means and what to do.",
        }));
      },
    },
  ];
}

async function appendOnly(sql: postgres.Sql): Promise<Finding[]> {
  const granted = names.parse([
    ...await sql`
      select format('%s may %s %s', role, lower(privilege), c.oid::regclass) as name
      from pg_class as c
      cross join unnest(array['anon', 'authenticated', 'service_role']) as role
      cross join unnest(array['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) as privilege
      where (c.oid = 'public.hlf_sync_audit_log'::regclass
          or c.oid in (select inhrelid from pg_inherits where inhparent = 'public.hlf_sync_audit_log'::regclass))
        and has_table_privilege(role, c.oid, privilege)
      order by 1`,
  ]);
  const unguarded = names.parse([
    ...await sql`
      select c.oid::regclass::text as name
      from pg_class as c
      where (c.oid = 'public.hlf_sync_audit_log'::regclass
          or c.oid in (select inhrelid from pg_inherits where inhparent = 'public.hlf_sync_audit_log'::regclass))
        and not exists (
          select from pg_trigger as t
          where t.tgrelid = c.oid and t.tgname = 'refuse_change' and t.tgenabled = 'A'
        )
      order by 1`,
  ]);
  const open = names.parse([
    ...await sql`
      select relname as name from pg_class
      where oid = 'public.hlf_sync_audit_log'::regclass
        and not (relrowsecurity and relforcerowsecurity)`,
  ]);
  return [
    ...granted.map(({ name }) => ({
      problem: `${name}.`,
      remedy: "Revoke it, as the migrations of the log do; find out who granted it.",
    })),
    ...unguarded.map(({ name }) => ({
      problem: `${name} has no enabled trigger refuse_change.`,
      remedy: `select private.make_append_only('${name}'); find out who took it away.`,
    })),
    ...open.map(({ name }) => ({
      problem: `Row level security of ${name} is not enabled and forced.`,
      remedy: `alter table public.${name} enable row level security, force row level security`,
    })),
  ];
}
