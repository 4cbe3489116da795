import postgres from "postgres";
import { ChildProcess } from "../machine/child_process.ts";
import { StackError } from "../machine/errors.ts";
import { PLATFORM_USER, REST_USER } from "../database/postgres_database.ts";
import { assertPortFree, findFreePort } from "../machine/ports.ts";
import { choosePostgresBinaries, type PostgresBinaries } from "./binaries.ts";
import { chooseServerUser, type ServerUser } from "./server_user.ts";

/** The one database of a server that pg_cron works in. */
const MAIN_DATABASE = "hlf_sync";
/** As `supabase start` has it: the server is thrown away, holds invented people, and listens on this machine only. */
const PASSWORD = "postgres";
/**
 * The logins of Supabase's own image: `postgres`, who runs the migrations and is no superuser, and whom REST comes in as.
 * Before version 16 CREATEROLE is the right to change every role; hosted, supautils protects the API roles from it.
 */
const LOGINS = `
  create role postgres login password '${PASSWORD}' nosuperuser createdb replication bypassrls;
  alter role postgres set statement_timeout = '2min';
  create role ${REST_USER} login noinherit password '${PASSWORD}';
`;

/** A throwaway PostgreSQL server. */
export interface PostgresServer {
  readonly port: number;
  /** URL of an empty database, as its owner `postgres`; pg_cron, where installed, can be created in this one. */
  readonly databaseUrl: string;
  /** Makes another database, empty or a copy of one that nobody is connected to, and returns its URL. */
  createDatabase(name: string, options?: { template?: string }): Promise<string>;
  /**
   * Ends the server and starts it anew on the same data: `fast` breaks off what clients are doing, `immediate` crashes
   * it, so that it has to recover.
   *
   * @throws {StackError} `server_failed`
   */
  restart(mode: "fast" | "immediate"): Promise<void>;
  /**
   * Starts a server on a copy of this one's files, as a base backup is: this one crashes for it, and both recover.
   *
   * @throws {StackError} `server_failed`
   */
  copy(): Promise<PostgresServer>;
  /** Ends the server and deletes its data; may be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a throwaway server from installed programs or npm's, with pg_cron loaded where its library is there. Nothing is
 * synced to disk. As root it runs as another user, since PostgreSQL refuses root.
 *
 * @param options With `isDurable` a crash of the server (not of the machine) loses no committed transaction. With
 * `keepsPlans` no statistics are gathered, which could tip the scales between two plans in the middle of a test. Without
 * `runsJobs` pg_cron keeps its jobs and starts none.
 *
 * @throws {StackError} `missing_program`, `port_taken`, `server_failed`
 */
export async function startPostgresServer(
  options: { port?: number; isDurable?: boolean; keepsPlans?: boolean; runsJobs?: boolean } = {},
): Promise<PostgresServer> {
  return await startOn(null, options);
}

/** @param original The directory of the server whose files are copied; null for a new one. */
async function startOn(
  original: string | null,
  options: { port?: number; isDurable?: boolean; keepsPlans?: boolean; runsJobs?: boolean },
): Promise<PostgresServer> {
  if (options.port !== undefined) assertPortFree(options.port, "database");
  const port = options.port ?? findFreePort();
  const user = chooseServerUser(Deno.uid(), await readPasswd());
  const directory = await Deno.makeTempDir({ prefix: "hlf-sync-postgres-" });
  let binaries: PostgresBinaries;
  let server: ChildProcess | undefined;
  const start = async () => {
    server = new ChildProcess({
      name: "PostgreSQL",
      command: binaries.postgres,
      args: serverArguments(`${directory}/data`, {
        port,
        withCron: binaries.hasPgCron,
        isDurable: options.isDurable ?? false,
        keepsPlans: options.keepsPlans ?? false,
        runsJobs: options.runsJobs ?? true,
      }),
      environment: { LC_ALL: "C.UTF-8", TZ: "UTC" },
      // Where we are may be a folder that the other user cannot enter.
      cwd: directory,
      ...user,
    });
    await untilItAnswers(server, port);
  };
  const restart = async (mode: "fast" | "immediate") => {
    await server?.stop(mode === "fast" ? "SIGINT" : "SIGQUIT", 10);
    await start();
  };
  const stop = async () => {
    // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    await server?.stop("SIGINT", 10);
    await Deno.remove(directory, { recursive: true }).catch(ignoreMissing);
  };
  try {
    binaries = await choosePostgresBinaries(`${directory}/programs`);
    await (original === null
      ? initialise(binaries, directory, user)
      : copyData(original, directory, user));
    await start();
    if (original === null) await administer(port, (sql) => sql.unsafe(LOGINS));
    const createDatabase = async (name: string, from: { template?: string } = {}) => {
      await administer(port, async (sql) => {
        await sql`create database ${sql(name)} owner postgres template ${
          sql(from.template ?? "template0")
        }`;
      });
      return urlOf(port, name);
    };
    const databaseUrl = original === null
      ? await createDatabase(MAIN_DATABASE)
      : urlOf(port, MAIN_DATABASE);
    const copy = async () => {
      await server?.stop("SIGQUIT", 10);
      const { port: _, ...likewise } = options;
      const copied = await startOn(directory, likewise);
      await start();
      return copied;
    };
    return { port, databaseUrl, createDatabase, restart, copy, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function initialise(
  binaries: PostgresBinaries,
  directory: string,
  user: ServerUser | null,
): Promise<void> {
  await Deno.writeTextFile(`${directory}/password`, PASSWORD);
  if (user !== null) {
    await Deno.chown(directory, user.uid, user.gid);
    await Deno.chown(`${directory}/password`, user.uid, user.gid);
  }
  const { success, stderr } = await new Deno.Command(binaries.initdb, {
    args: [
      `--pgdata=${directory}/data`,
      `--username=${PLATFORM_USER}`,
      `--pwfile=${directory}/password`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ],
    cwd: directory,
    stdout: "null",
    stderr: "piped",
    ...user,
  }).output();
  if (!success) {
    const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new StackError(`initdb failed: ${reason}`, "server_failed");
  }
}

async function copyData(from: string, to: string, user: ServerUser | null): Promise<void> {
  if (user !== null) await Deno.chown(to, user.uid, user.gid);
  const { success } = await new Deno.Command("cp", { args: ["-a", `${from}/data`, to] }).output();
  if (!success) throw new StackError("The server's files cannot be copied", "server_failed");
}

function serverArguments(
  data: string,
  { port, withCron, isDurable, keepsPlans, runsJobs }: {
    port: number;
    withCron: boolean;
    isDurable: boolean;
    keepsPlans: boolean;
    runsJobs: boolean;
  },
): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: "off",
    // A commit that is written but not synced outlives the server's own crash.
    synchronous_commit: isDurable ? "on" : "off",
    full_page_writes: "off",
    autovacuum: keepsPlans ? "off" : "on",
    wal_level: "minimal",
    max_wal_senders: 0,
    shared_buffers: "64MB",
    max_connections: 100,
    timezone: "UTC",
    log_timezone: "UTC",
    jit: "off",
    ...(withCron
      ? {
        shared_preload_libraries: "pg_cron",
        "cron.database_name": MAIN_DATABASE,
        max_worker_processes: 32,
        ...(runsJobs
          // Otherwise pg_cron would log in as a client, and need a password for it.
          ? { "cron.use_background_workers": "on" }
          // It has no switch for its launcher, and takes a limit of 0 jobs for 1: where it would log in, nobody listens.
          : {
            "cron.use_background_workers": "off",
            "cron.host": "/nowhere",
            "cron.log_run": "off",
          }),
      }
      : {}),
  };
  return [
    "-D",
    data,
    ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
  ];
}

async function untilItAnswers(server: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    if (server.hasEnded) break;
    try {
      await administer(port, (sql) => sql`select 1`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const reason = server.output.at(-1)?.line ?? "it does not answer";
  throw new StackError(`The PostgreSQL server did not start: ${reason}`, "server_failed");
}

async function administer<T>(port: number, use: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(urlOf(port, "postgres", PLATFORM_USER), { max: 1, onnotice: () => {} });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function urlOf(port: number, database: string, user = "postgres"): string {
  return `postgresql://${user}:${PASSWORD}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

async function readPasswd(): Promise<string> {
  return await Deno.readTextFile("/etc/passwd").catch(() => "");
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
