/** Walks through docs/guides/restoring.md with the scripts of the Supabase CLI, into a project that opens new tables to everyone. */
import { assertEquals, assertRejects } from "@std/assert";
import postgres from "postgres";
import { examine } from "../../operations/doctor/examine.ts";
import { guardsCheck } from "../../operations/doctor/guards_check.ts";
import { jobsCheck } from "../../operations/doctor/jobs_check.ts";
import { partitionsCheck, sealsCheck } from "../../operations/doctor/log_checks.ts";
import { versionCheck } from "../../operations/doctor/version_check.ts";
import { privilegesCheck } from "../../operations/doctor/privileges_check.ts";
import { projectCheck } from "../../operations/doctor/project_check.ts";
import { readCoreMigrations } from "../../operations/core_migrations.ts";
import { adapterCheck } from "../../operations/doctor/adapter_check.ts";
import { secretsCheck } from "../../operations/doctor/secrets_check.ts";
import { SUPABASE_CLI } from "../../tasks/supabase_cli.ts";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPostgresDatabase, PLATFORM_USER } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { readPrivileges } from "../../stack/database/privileges.ts";
import { printDumpScript, runShell } from "./cli_dump.ts";
import { readGuide } from "./guide.ts";
import { liveIn, mentorId } from "./lived_in_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { claim, forgetRequests, readJobs, readRequests, readRows, runJobs } from "./witness.ts";

const RESTORED_URL = "https://restored.supabase.co";
const RESTORED_FUNCTION = `${RESTORED_URL}/functions/v1/hlf-sync`;
const RESTORED_WEBHOOK = "https://hooks.slack.com/services/restored";

/** Of an extension pg_dump leaves out what is its own; what stands in for one has to seem part of one. */
const SEEM_EXTENSIONS = `
  alter extension plpgsql add schema stand_in;
  alter extension plpgsql add table stand_in.faults;
  alter extension plpgsql add function stand_in.is_out_of_order(text);
  alter extension plpgsql add table net.http_request_queue;
  alter extension plpgsql add table net._http_response;
  alter extension plpgsql add table cron.job;
  alter extension plpgsql add table cron.job_run_details;
  alter extension plpgsql add sequence cron.jobid_seq;
  alter extension plpgsql add sequence cron.runid_seq;
`;

/** The lines of a dumped schema except privileges, which are compared by themselves, and what stands between them. */
function withoutPrivileges(schema: string): string[] {
  return schema.split("\n").filter((line) =>
    !/^(ALTER DEFAULT PRIVILEGES .*|(GRANT|REVOKE) .*|)$/.test(line)
  );
}

/** All privileges, except what is given by default, and on the history, which the CLI makes. */
async function readGrants(database: StackDatabase): Promise<string[]> {
  const lines = await readPrivileges(database);
  return lines.filter((line) => !/^default | supabase_migrations\b/.test(line));
}

Deno.test("a database restored as the guide says is the one that was backed up", async (t) => {
  const guide = await readGuide("docs/guides/restoring.md", "Restoring a logical backup");
  const commands = guide.filter(({ language }) => language === "sh").map(({ code }) => code);
  const statements = guide.filter(({ language }) => language === "sql")
    .map(({ code }) => code.replaceAll("<ref>", "restored").replaceAll("…", "restored"));
  assertEquals([commands.length, statements.length], [3, 3]);
  const [dump = "", restore = "", repair = ""] = commands;
  const [vaultAndJobs = "", ownProject = "", check = ""] = statements;

  const server = await startPostgresServer();
  const directory = await Deno.makeTempDir();
  const opened: StackDatabase[] = [];
  const open = async (name: string) => {
    const url = await server.createDatabase(name);
    const database = await openPostgresDatabase(url);
    opened.push(database);
    return { url, database };
  };
  try {
    const { url: oldUrl, database: original } = await open("original");
    await prepareDatabase(original);
    await original.runAsPlatform(SEEM_EXTENSIONS);
    const inFlight = await liveIn(original);
    const rows = await readRows(original);
    assertEquals(rows.get("public.hlf_sync_audit_log")?.count, 88);

    const { url: newUrl, database: restored } = await open("restored");
    await bootstrapDatabase(restored, { defaultPrivileges: "open" });
    await restored.runAsPlatform(SEEM_EXTENSIONS);

    await t.step("the dump scripts of the CLI run, and what they wrote restores", async () => {
      const dumps = dump.trim().split("\n").map(async (line) => {
        const { file, script } = await printDumpScript(line, { OLD_DB_URL: oldUrl });
        await Deno.writeTextFile(`${directory}/${file}`, await runShell(script));
        return script;
      });
      const [, schemaScript = ""] = await Promise.all(dumps);
      // Hosted, supautils lets `postgres` set a reserved role's timeouts; here only the platform can.
      const platformUrl = new URL(newUrl);
      platformUrl.username = PLATFORM_USER;
      await runShell(`psql --set ON_ERROR_STOP=1 --file roles.sql "${platformUrl}"`, {}, directory);
      await Deno.writeTextFile(`${directory}/roles.sql`, "");
      await runShell(restore, { NEW_DB_URL: newUrl }, directory);

      assertEquals(
        withoutPrivileges(await runShell(schemaScript.replace(`"original"`, `"restored"`))),
        withoutPrivileges(await Deno.readTextFile(`${directory}/schema.sql`)),
      );
    });

    await t.step("every row of every table is the same, byte for byte", async () => {
      assertEquals(await readRows(restored), rows);
    });

    await t.step("the history says that nothing is left to migrate", async () => {
      await runShell(repair, { NEW_DB_URL: newUrl });
      await runShell(`npx ${SUPABASE_CLI} db push --remote="$NEW_DB_URL"`, { NEW_DB_URL: newUrl });
      const read = (database: StackDatabase) =>
        database.query(
          "select version, name from supabase_migrations.schema_migrations order by 1",
        );
      assertEquals(await read(restored), await read(original));
    });

    await t.step("everything that is granted is the same", async () => {
      assertEquals(await readGrants(restored), await readGrants(original));
    });

    await t.step("also where new tables are closed", async () => {
      const { url, database } = await open("closed");
      await bootstrapDatabase(database);
      await database.runAsPlatform(SEEM_EXTENSIONS);
      await runShell(restore, { NEW_DB_URL: url }, directory);
      assertEquals(await readGrants(database), await readGrants(restored));
    });

    await t.step("so are the jobs", async () => {
      assertEquals(await readJobs(restored), []);
      await restored.run(vaultAndJobs);
      const jobs = await readJobs(restored);
      assertEquals(jobs, await readJobs(original));
      assertEquals(jobs.length, 7);
    });

    await t.step("the log is append-only, to its owner and a replica's session, too", async () => {
      const changes = [
        "update public.hlf_sync_audit_log set retry_count = 1 where true",
        "delete from public.hlf_sync_audit_seals where true",
        "truncate hlf_sync.audit_log_2025",
      ];
      for (const change of changes) {
        for (const role of ["origin", "replica"]) {
          const changing = restored.run(`set local session_replication_role = ${role}; ${change}`);
          const error = await assertRejects(() => changing, Error, "it is append-only");
          assertEquals(Reflect.get(error, "code"), "42501", change);
        }
      }
    });

    await t.step(
      "until it is told, it claims nothing and sends nothing but its question",
      async () => {
        await restored.query(
          "update public.mentors set status = 'paused' where id = $1::text::uuid",
          [
            mentorId("b2"),
          ],
        );
        await runJobs(restored);
        await restored.run("select hlf_sync.raise_alert('gate_stuck')");
        assertEquals(await readRequests(restored), [[RESTORED_FUNCTION, "identify"]]);
        assertEquals(await claim(restored, RESTORED_URL), []);
      },
    );

    await t.step("once it is told, it does both", async () => {
      await forgetRequests(restored);
      await restored.run(ownProject);
      await runJobs(restored);
      const requests = await readRequests(restored);
      assertEquals([...new Set(requests.map(([url]) => url))], [
        RESTORED_WEBHOOK,
        RESTORED_FUNCTION,
      ]);
      assertEquals(await claim(restored, RESTORED_URL), [mentorId("b2")]);
    });

    await t.step(
      "the attempt that was in flight has ended once, and every attempt has one row",
      async () => {
        // Its lease and the wait after it run out.
        await restored.query(
          "update hlf_sync.attempts set lease_expires_at = now() where attempt_id = $1::text::uuid",
          [inFlight],
        );
        for (let round = 0; round < 2; round++) {
          await runJobs(restored);
          await restored.run("select hlf_sync.fill_audit_gaps('0 seconds')");
        }
        assertEquals(
          await restored.query(
            "select outcome::text, error_message from public.hlf_sync_audit_log where id = $1::text::uuid",
            [inFlight],
          ),
          [{ outcome: "failure", error_message: "interrupted" }],
        );
        assertEquals(
          await restored.query(
            "select count(*)::integer, count(distinct id)::integer as ids from public.hlf_sync_audit_log",
          ),
          [{ count: 90, ids: 90 }],
        );
        await restored.run("update public.hlf_sync_state set due_at = now() where due_at > now()");
        assertEquals(await claim(restored, RESTORED_URL), [mentorId("a3")]);
      },
    );

    await t.step("the log matches its seals", async () => {
      await restored.run(check);
      assertEquals(
        await restored.query(
          "select is_intact, reason from public.verify_hlf_sync_audit('2024-01-01', current_date)",
        ),
        [{ is_intact: true, reason: null }],
      );
      const seal = "select digest from public.hlf_sync_audit_seals where day = '2025-01-31'";
      assertEquals(await restored.query(seal), await original.query(seal));
    });

    await t.step("the doctor finds nothing that is missing", async () => {
      const sql = postgres(newUrl, { max: 1, onnotice: () => {} });
      try {
        const told: string[] = [];
        const summary = await examine([
          versionCheck(sql),
          adapterCheck(sql),
          privilegesCheck(sql),
          guardsCheck(sql, await readCoreMigrations()),
          secretsCheck(sql),
          projectCheck(sql, newUrl),
          jobsCheck(sql),
          partitionsCheck(sql),
          sealsCheck(sql),
        ], (line) => told.push(line));
        // Jobs that pg_cron has not run yet are not seen to be well, but nothing is seen to be wrong.
        assertEquals(summary.wrong, [], told.join("\n"));
        assertEquals(summary.well.length >= 8, true, told.join("\n"));
      } finally {
        await sql.end({ timeout: 5 });
      }
    });
  } finally {
    await Promise.all(opened.map((database) => database.close()));
    await server.stop();
    await Deno.remove(directory, { recursive: true });
  }
});
