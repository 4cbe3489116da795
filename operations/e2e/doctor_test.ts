import { assertEquals, assertStringIncludes } from "@std/assert";
import { startConfiguredStack } from "../../local/stack/configured_stack.ts";
import {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  DEFAULT_TENANT_ID,
} from "../../local/dataverse/defaults.ts";
import { settled } from "../../local/stack/observe.ts";
import { runCommand } from "./run_command.ts";

/** What somebody breaks, what the doctor must say, and how it is mended. */
const AILMENTS: readonly { sql: string; says: string; mend: string }[] = [
  {
    sql: "delete from supabase_migrations.schema_migrations where version = '20261101003000'",
    says: "Migration 20261101003000 is not applied.",
    mend: "insert into supabase_migrations.schema_migrations (version) values ('20261101003000')",
  },
  {
    sql:
      "select vault.update_secret(id, new_name := 'elsewhere') from vault.secrets where name = 'hlf_sync_alert_webhook_url'",
    says: "hlf_sync_alert_webhook_url is missing or empty.",
    mend:
      "select vault.update_secret(id, new_name := 'hlf_sync_alert_webhook_url') from vault.secrets where name = 'elsewhere'",
  },
  {
    sql: "select cron.unschedule('hlf_sync_watchdog')",
    says: "The cron job hlf_sync_watchdog is missing or switched off.",
    mend:
      "select cron.schedule('hlf_sync_watchdog', '*/5 * * * *', 'select private.watch_hlf_sync()')",
  },
  {
    sql: "grant delete on public.hlf_sync_audit_log to service_role",
    says: "service_role may delete hlf_sync_audit_log.",
    mend: "revoke delete on public.hlf_sync_audit_log from service_role",
  },
  {
    sql: "alter table private.hlf_sync_audit_log_2027 disable trigger refuse_change",
    says: "private.hlf_sync_audit_log_2027 has no enabled trigger refuse_change.",
    mend: "alter table private.hlf_sync_audit_log_2027 enable always trigger refuse_change",
  },
  {
    sql: "alter table public.hlf_sync_audit_log no force row level security",
    says: "Row level security of hlf_sync_audit_log is not enabled and forced.",
    mend: "alter table public.hlf_sync_audit_log force row level security",
  },
  {
    sql: "insert into public.hlf_sync_alerts (kind) values ('gate_stuck')",
    says: "The alert gate_stuck is open.",
    mend: "delete from public.hlf_sync_alerts where kind = 'gate_stuck'",
  },
];

Deno.test({
  name: "doctor is green on a deployment that works, and names what is broken",
  sanitizeExit: false,
  async fn() {
    const stack = await startConfiguredStack({ cron: false, websiteCacheSeconds: 0 });
    const examine = () =>
      runCommand("doctor/main.ts", [], {
        environment: {
          DATABASE_URL: stack.databaseUrl,
          DYNAMICS_URL: stack.simulatorUrl,
          DYNAMICS_AUTHORITY_HOST: stack.simulatorUrl,
          DYNAMICS_TENANT_ID: DEFAULT_TENANT_ID,
          DYNAMICS_CLIENT_ID: DEFAULT_CLIENT_ID,
          DYNAMICS_CLIENT_SECRET: DEFAULT_CLIENT_SECRET,
        },
      });
    try {
      await settled(stack);
      // A stack without cron has switched the jobs off.
      await stack.sql("select cron.alter_job(jobid, active := true) from cron.job");
      await stack.sql("select private.watch_jobs()");
      const well = await examine();
      assertEquals([well.code, well.stderr], [0, ""], well.stdout);

      for (const { sql, says, mend } of AILMENTS) {
        await stack.sql(sql);
        const ill = await examine();
        assertEquals(ill.code, 1, sql);
        assertStringIncludes(ill.stdout, says);
        assertEquals(ill.stdout.match(/^WRONG/gm)?.length, 1, ill.stdout);
        await stack.sql(mend);
      }

      await stack.simulator.setCredentials({ applicationUser: false });
      assertStringIncludes((await examine()).stdout, "Dynamics does not: credentials_rejected.");
      await stack.simulator.setCredentials({ applicationUser: true });
      stack.killFunction("SIGKILL");
      assertStringIncludes((await examine()).stdout, "The function answers 50");
      await stack.restartFunction();
      await stack.sql(
        "select vault.update_secret(id, new_name := 'elsewhere') from vault.secrets where name = 'hlf_sync_function_url'",
      );
      assertStringIncludes((await examine()).stdout, "The function was not asked");
      await stack.sql(
        "select vault.update_secret(id, new_name := 'hlf_sync_function_url') from vault.secrets where name = 'elsewhere'",
      );
      const [key] = await stack.sql<{ id: string }>(
        "select id from vault.secrets where name = 'hlf_sync_secret_key'",
      );
      await stack.sql("select vault.update_secret($1::text::uuid, 'sb_secret_wrong')", [key?.id]);
      const keyless = await examine();
      assertStringIncludes(keyless.stdout, "does not accept the key in Vault");
      assertEquals(keyless.stdout.includes(stack.secretKey), false);
    } finally {
      await stack.stop();
      Deno.exitCode = 0;
    }
  },
});

Deno.test("doctor says in one line what it needs", async () => {
  const without = await runCommand("doctor/main.ts", [], { environment: { DATABASE_URL: "" } });
  assertEquals([without.code, without.stderr.trim().split("\n").length], [2, 1]);
});
