import { assert, assertEquals, assertRejects } from "@std/assert";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { StackError } from "../../stack/machine/errors.ts";
import { eventually } from "../../stack/observe.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { choosePostgresBinaries, findPostgresBinaries } from "../../stack/postgres/binaries.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

Deno.test("startPostgresServer() has pg_cron in its main database, and makes copies", async () => {
  const server = await startPostgresServer();
  try {
    const main = await openPostgresDatabase(server.databaseUrl);
    await bootstrapDatabase(main);
    const extension = "select extname from pg_extension where extname = 'pg_cron'";
    assertEquals(await main.query(extension), [{ extname: "pg_cron" }]);
    await main.close();

    const url = await server.createDatabase("template_of_mine");
    const template = await openPostgresDatabase(url);
    await bootstrapDatabase(template);
    assertEquals(await template.query(extension), []);
    await template.run("create table copied (id int)");
    await template.close();
    const copyUrl = await server.createDatabase("copy", { template: "template_of_mine" });
    const copy = await openPostgresDatabase(copyUrl);
    assertEquals(await copy.query("select from copied"), []);
    assertEquals(await copy.query("select jobid from cron.job"), []);
    await copy.close();
  } finally {
    await server.stop();
  }
});

/** Begins anew with a job that pg_cron runs as it begins. */
async function withRebootJob(runsJobs: boolean): Promise<{
  hasRun(): Promise<boolean>;
  stop(): Promise<void>;
}> {
  const server = await startPostgresServer({ runsJobs, isDurable: true });
  const use = async <T>(query: string): Promise<T[]> => {
    const database = await openPostgresDatabase(server.databaseUrl);
    try {
      return await database.query<T>(query);
    } finally {
      await database.close();
    }
  };
  const database = await openPostgresDatabase(server.databaseUrl);
  await bootstrapDatabase(database);
  await database.run(`
    create table public.runs ();
    select cron.schedule('reboot', '@reboot', 'insert into public.runs default values');`);
  await database.close();
  await server.restart("fast");
  return {
    hasRun: async () => (await use("select from public.runs")).length > 0,
    stop: () => server.stop(),
  };
}

Deno.test("startPostgresServer() without jobs has pg_cron start none", async () => {
  const without = await withRebootJob(false);
  const withJobs = await withRebootJob(true);
  try {
    // The other began later, so by then this one would have run its job, too.
    await eventually("the job runs where jobs are run", () => withJobs.hasRun());
    assertEquals(await without.hasRun(), false);
  } finally {
    await Promise.all([without.stop(), withJobs.stop()]);
  }
});

Deno.test("startPostgresServer() starts in a folder that only we may enter", async () => {
  // As root, in a clone below its home: the server runs as another user.
  const closed = await Deno.makeTempDir();
  await Deno.chmod(closed, 0o700);
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", "-A", projectPath("tests/postgres/start_and_stop.ts")],
      cwd: closed,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(closed);
  }
});

Deno.test("PostgresServer.stop() ends the server though clients are connected", async () => {
  const server = await startPostgresServer();
  const client = await openPostgresDatabase(server.databaseUrl);
  await server.stop();
  await server.stop();
  await assertRejects(() => client.query("select 1"));
  await client.close();
});

Deno.test("PostgresServer.restart() keeps what was committed, even over a crash", async () => {
  const server = await startPostgresServer({ isDurable: true });
  try {
    for (const mode of ["fast", "immediate"] as const) {
      const before = await openPostgresDatabase(server.databaseUrl);
      await before.query("create table if not exists kept (mode text)");
      await before.query("insert into kept values ($1)", [mode]);
      await before.close();
      await server.restart(mode);
    }
    const after = await openPostgresDatabase(server.databaseUrl);
    assertEquals(await after.query("select mode from kept"), [
      { mode: "fast" },
      { mode: "immediate" },
    ]);
    await after.close();
  } finally {
    await server.stop();
  }
});

Deno.test("findPostgresBinaries() finds nothing where nothing is installed", async () => {
  assertEquals(await findPostgresBinaries("/nonexistent", "/nonexistent"), null);
});

Deno.test("choosePostgresBinaries() refuses a setting it cannot read", async () => {
  const error = await assertRejects(() => choosePostgresBinaries("/nonexistent", "17"), StackError);
  assertEquals(error.code, "bad_setting");
});

Deno.test("choosePostgresBinaries() has a PostgreSQL 17 of npm, and one user of it needs no cache of ours", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const { initdb, postgres } = await choosePostgresBinaries(`${directory}/programs`, "npm");
    const { stdout } = await new Deno.Command(postgres, { args: ["--version"] }).output();
    assert(new TextDecoder().decode(stdout).startsWith("postgres (PostgreSQL) 17."));
    for (const path of [initdb, postgres]) {
      assert((await Deno.realPath(path)).startsWith(await Deno.realPath(directory)));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
