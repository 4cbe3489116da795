import { SimulatorClient } from "../../simulator/simulator_client.ts";
import { type PostgresServer, startPostgresServer } from "../../stack/postgres/server.ts";
import { type ApiKeys, generateApiKeys } from "../../stack/rest/api_keys.ts";
import { functionEnvironment } from "../../stack/functions/function_environment.ts";
import { findFreePort } from "../../stack/machine/ports.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase, seedDatabase } from "../../stack/database/prepare_database.ts";
import { startSimulatorProcess } from "../../stack/simulator_process.ts";
import { Backend, isConnectionLost } from "./backend.ts";
import { FrontDoor } from "./front_door.ts";
import { Interruptions } from "./interruptions.ts";
import { Worker } from "./worker.ts";

/**
 * Seconds in place of minutes and hours. A request has far more time than it takes on a busy machine, or it would end in
 * faults that nobody played; a lease is as long as a request that is answered late needs, and short because whatever a killed
 * worker held waits for its end.
 */
const SETTINGS = {
  HLF_SYNC_BACKOFF_SECONDS: "0.05,0.1,0.2",
  HLF_SYNC_REQUEST_TIMEOUT_SECONDS: "2",
  HLF_SYNC_LEASE_SECONDS: "4",
  HLF_SYNC_CONCURRENCY: "3",
  HLF_SYNC_TIME_BUDGET_SECONDS: "10",
};

/** The database answers again long before this, even on a machine where a restart takes many seconds. */
const PATIENCE_MILLISECONDS = 120_000;

/** Everything schedules are played on: a server, REST, Dynamics, and workers that can be killed. */
export class ChaosStack {
  readonly keys: ApiKeys;
  readonly simulator: SimulatorClient;
  readonly frontDoor: FrontDoor;
  readonly interruptions = new Interruptions();
  readonly workers: readonly Worker[];
  /** What workers printed, oldest first. */
  readonly output: string[] = [];
  readonly #server: PostgresServer;
  readonly #started: AsyncDisposableStack;
  #backend: Backend | null = null;

  private constructor(
    workerCount: number,
    started: AsyncDisposableStack,
    { server, simulatorUrl, keys }: {
      server: PostgresServer;
      simulatorUrl: string;
      keys: ApiKeys;
    },
  ) {
    this.#started = started;
    this.#server = server;
    this.keys = keys;
    this.simulator = new SimulatorClient(simulatorUrl);
    this.workers = Array.from({ length: workerCount }, (_, index) =>
      new Worker({
        index,
        rest: (request) => this.rest(request),
        environment: { ...functionEnvironment({ apiUrl: "", simulatorUrl }, keys), ...SETTINGS },
        interruptions: this.interruptions,
        onLine: ({ line }) => this.output.push(line),
      }));
    this.frontDoor = new FrontDoor(() => this.workers.map((worker) => worker.address));
  }

  static async start(workerCount: number): Promise<ChaosStack> {
    const started = new AsyncDisposableStack();
    try {
      const [server, simulator, keys] = await Promise.all([
        startPostgresServer({ isDurable: true }),
        startSimulatorProcess(findFreePort()),
        generateApiKeys(),
      ]);
      started.defer(() => server.stop());
      started.defer(() => simulator.process.stop());
      const parts = { server, simulatorUrl: simulator.url, keys };
      const chaosStack = new ChaosStack(workerCount, started, parts);
      await chaosStack.#start();
      return chaosStack;
    } catch (error) {
      await started.disposeAsync();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const database = await openPostgresDatabase(this.#server.databaseUrl);
    await prepareDatabase(database);
    await seedDatabase(database, {
      hlf_sync_function_url: this.frontDoor.url,
      hlf_sync_secret_key: this.keys.secretKey,
      hlf_sync_alert_webhook_url: this.frontDoor.messagesUrl,
    });
    // Schedules sweep when they say so.
    await database.query("select cron.alter_job(jobid, active := false) from cron.job");
    await database.close();

    const backend = await Backend.open(this.#server.databaseUrl, this.keys);
    this.#backend = backend;
    this.#started.defer(() => backend.close());
    this.#started.defer(() => this.frontDoor.stop());
    for (const worker of this.workers) this.#started.defer(() => worker.stop());
    await Promise.all(this.workers.map((worker) => worker.start()));
    await this.simulator.setWebsite({ cacheSeconds: 0 });
  }

  /** As the owner, again until the database answers. */
  async sql<T>(text: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    while (true) {
      try {
        return await this.#connected.sql<T>(text, parameters);
      } catch (error) {
        if (!mayBeTriedAgain(error, text) || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async rest(request: Request): Promise<Response> {
    return await this.#connected.rest(request);
  }

  /** Restarts the server, or breaks all connections to it. */
  async breakDatabase(how: "fast" | "immediate" | "terminate"): Promise<void> {
    if (how === "terminate") {
      await this.sql(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
    } else {
      await this.#server.restart(how);
    }
    await this.#connected.reopen();
  }

  async stop(): Promise<void> {
    await this.#started.disposeAsync();
  }

  get #connected(): Backend {
    if (this.#backend === null) throw new Error("The chaosStack has not started");
    return this.#backend;
  }
}

/**
 * Bulk changes of the mentors may meet in a deadlock, which the app then tries again; one that the app met in anything of
 * this project is a fault.
 */
function mayBeTriedAgain(error: unknown, statement: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, where = "" } = error as { code?: unknown; where?: unknown };
  const isAppsOwn = statement.includes("public.mentors") && !String(where).includes("hlf_sync.");
  return code === "40P01" && isAppsOwn || isConnectionLost(error);
}
