import { assertEquals } from "@std/assert";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import { CronRunner, nextRun } from "../../stack/background/cron_runner.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";

Deno.test("nextRun() reads cron expressions in UTC, intervals of seconds and macros", () => {
  const since = new Date("2026-03-29T01:30:15Z");
  assertEquals(nextRun("* * * * *", since)?.toISOString(), "2026-03-29T01:31:00.000Z");
  assertEquals(nextRun("0 2 * * *", since)?.toISOString(), "2026-03-29T02:00:00.000Z");
  assertEquals(nextRun("30 1 1 * *", since)?.toISOString(), "2026-04-01T01:30:00.000Z");
  assertEquals(nextRun("10 seconds", since)?.toISOString(), "2026-03-29T01:30:25.000Z");
  assertEquals(nextRun("@hourly", since)?.toISOString(), "2026-03-29T02:00:00.000Z");
  assertEquals(nextRun("sometimes", since), null);
});

Deno.test("CronRunner.runDue() runs what fell due once, and notes how it went", async () => {
  const database = await openPgliteDatabase();
  try {
    await bootstrapDatabase(database);
    await database.run(`
      create table ran (at text);
      select cron.schedule('minutely', '* * * * *', $$insert into ran values ('minutely')$$);
      select cron.schedule('failing', '* * * * *', 'select 1/0');
      select cron.schedule('later', '0 2 * * *', $$insert into ran values ('later')$$);
      select cron.schedule('off', '* * * * *', $$insert into ran values ('off')$$);
      select cron.alter_job(jobid, active := false) from cron.job where jobname = 'off';
    `);
    let now = new Date("2026-01-01T00:00:30Z");
    const runner = new CronRunner({ database, now: () => now });
    await runner.runDue();
    assertEquals(await database.query("select at from ran"), []);
    now = new Date("2026-01-01T00:05:00Z");
    await runner.runDue();
    await runner.runDue();
    assertEquals(await database.query("select at from ran"), [{ at: "minutely" }]);
    assertEquals(
      await database.query(
        "select jobname, status, return_message from cron.job_run_details join cron.job using (jobid) order by jobid",
      ),
      [
        { jobname: "minutely", status: "succeeded", return_message: "1 row" },
        { jobname: "failing", status: "failed", return_message: "division by zero" },
      ],
    );
  } finally {
    await database.close();
  }
});

Deno.test("cron.schedule() replaces a job of the same name and refuses what it cannot read", async () => {
  const database = await openPgliteDatabase();
  try {
    await bootstrapDatabase(database);
    await database.run("select cron.schedule('job', '* * * * *', 'select 1')");
    await database.run("select cron.schedule('job', '0 2 * * *', 'select 2')");
    assertEquals(await database.query("select jobname, schedule, command from cron.job"), [
      { jobname: "job", schedule: "0 2 * * *", command: "select 2" },
    ]);
    const refusal = await database.run("select cron.schedule('job', 'sometimes', 'select 1')")
      .catch((
        error,
      ) => error.message);
    assertEquals(refusal, "invalid schedule: sometimes");
    await database.run("select cron.unschedule('job')");
    assertEquals(await database.query("select from cron.job"), []);
  } finally {
    await database.close();
  }
});
