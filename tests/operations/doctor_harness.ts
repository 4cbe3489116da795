import type postgres from "postgres";
import { assertEquals } from "@std/assert";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { dynamicsEnvironment } from "../../stack/functions/function_environment.ts";
import { eventually, untilIdle } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { allChecks } from "../../operations/doctor/checks.ts";
import { examine, exitCode, summarise, type Summary } from "../../operations/doctor/examine.ts";
import type { Check } from "../../operations/doctor/finding.ts";
import { readCoreMigrations } from "../../operations/core_migrations.ts";
import { openDatabase } from "../../operations/cli/open_database.ts";

/** What the doctor said. */
interface Report extends Summary {
  readonly text: string;
  readonly last: string;
  readonly code: number;
}

interface LookOptions {
  readonly title?: string;
  readonly testAlert?: boolean;
  /** How many seconds the operator's clock is ahead. */
  readonly ahead?: number;
  /** What the operator says the database's URL is. */
  readonly databaseUrl?: string;
}

export interface Doctor {
  readonly stack: Stack;
  /** The settings that an operator's shell has. */
  readonly environment: Readonly<Record<string, string>>;
  /** Looks at everything, or at the one check of this title; as the command does, but in this process. */
  look(options?: LookOptions): Promise<Report>;
  /** Runs each statement that a report names as a remedy. */
  follow(report: Report): Promise<void>;
}

/** A stack on which everything was seen to work once: mentors, each job, a night, the watchdog. */
export async function withDoctor(use: (doctor: Doctor) => Promise<void>): Promise<void> {
  const stack = await startConfiguredStack({ cron: false, websiteCacheSeconds: 0 });
  const sql = openDatabase(stack.databaseUrl);
  const migrations = await readCoreMigrations();
  const environment = dynamicsEnvironment(stack);
  try {
    await untilIdle(stack);
    await runJobs(stack, sql);
    await use({
      stack,
      environment,
      look: async (
        { title, testAlert = false, ahead = 0, databaseUrl = stack.databaseUrl } = {},
      ) => {
        const checks = allChecks({
          sql,
          databaseUrl,
          migrations,
          environment,
          args: { testAlert },
          now: () => Date.now() + ahead * 1000,
          waiting: {
            sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
          },
        }).filter((check) => title === undefined || check.title === title);
        // pg_net waits five seconds, in which a busy machine may not get to answering.
        return await eventually("the function answers in time", async () => {
          const report = await inspect(stack, checks);
          return !report.text.includes("no answer within 5 seconds") && report;
        });
      },
      follow: async ({ text }) => {
        const statements = [...text.matchAll(/→ in SQL: (.+)$/gm)].map(([, sql = ""]) => sql);
        assertEquals(statements.length > 0, true, text);
        for (const statement of statements) await sql.unsafe(statement);
      },
    });
  } finally {
    await sql.end({ timeout: 1 });
    await stack.stop();
    // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
    Deno.exitCode = 0;
  }
}

async function inspect(stack: Stack, checks: readonly Check[]): Promise<Report> {
  await keepJobsRecent(stack);
  const lines: string[] = [];
  const summary = await examine(checks, (line) => lines.push(line));
  const last = summarise(summary);
  return { ...summary, text: lines.join("\n"), last, code: exitCode(summary) };
}

/** Runs each job once, as pg_cron does, and waits until the night is over. */
async function runJobs(stack: Stack, sql: postgres.Sql): Promise<void> {
  // Where pg_cron is real a stack without cron has switched its jobs off; ended in this way, it does not come back.
  await stack.runAsPlatform(
    "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'pg_cron launcher'",
  );
  await stack.sql("select cron.alter_job(jobid, active := true) from cron.job");
  for (const { command } of await stack.sql<{ command: string }>("select command from cron.job")) {
    await sql.unsafe(command);
  }
  await stack.runAsPlatform(
    `insert into cron.job_run_details
      (jobid, runid, database, username, command, status, start_time, end_time)
    select jobid, 900000 + jobid, database, username, command, 'succeeded', now(), now() from cron.job`,
  );
  await eventually("the night is over", async () => {
    const nights = await stack.sql(
      "select from public.hlf_nightly_runs where finished_at is not null",
    );
    return nights.length > 0;
  });
  await untilIdle(stack);
}

/** As if they ran every minute: a machine may take longer for a test than a job may for its next run. */
async function keepJobsRecent(stack: Stack): Promise<void> {
  await stack.runAsPlatform(
    `update cron.job_run_details set end_time = now() where status = 'succeeded';
    update hlf_sync.steps set succeeded_at = now() where succeeded_at is not null`,
  );
}
