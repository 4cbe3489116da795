import { SimulatorClient } from "../simulator/simulator_client.ts";
import { generateApiKeys } from "./rest/api_keys.ts";
import { startBackgroundWorkers } from "./background/background_workers.ts";
import { BUNDLED_APP, type StackApp } from "./database/bundled_app.ts";
import { FUNCTION_BUNDLE } from "./functions/bundle.ts";
import type { OutputLine } from "./machine/child_process.ts";
import { signUpCoordinators } from "./coordinators.ts";
import type { StackDatabase } from "./database/database.ts";
import { StackError } from "./machine/errors.ts";
import { functionEnvironment } from "./functions/function_environment.ts";
import { FunctionPool } from "./functions/function_pool.ts";
import { createGateway } from "./rest/gateway.ts";
import { overPostgrest, startNamedPostgrest } from "./rest/postgrest.ts";
import { MessageSink } from "./background/message_sink.ts";
import { preparePrograms } from "./packages.ts";
import { openPgliteDatabase } from "./database/pglite_database.ts";
import { openPreparedPglite } from "./database/prepared_pglite.ts";
import { assertPortFree, findFreePort } from "./machine/ports.ts";
import { openPostgresDatabase } from "./database/postgres_database.ts";
import { seedDatabase } from "./database/prepare_database.ts";
import { readPrivileges } from "./database/privileges.ts";
import { readListings } from "./read_listings.ts";
import { createRestAndAuth, type RestAndAuth } from "./rest/rest_and_auth.ts";
import { RestFaults } from "./rest/rest_fault.ts";
import { startSimulatorProcess } from "./simulator_process.ts";
import { DEFAULT_PORTS, type Stack, type StackOptions } from "./stack_types.ts";
import { Traffic } from "./traffic.ts";

/** How many of the function's output lines are kept. */
const KEPT_LINES = 10_000;

/**
 * Starts the whole stack on this machine, with the schema and the seed, and waits until every part answers. Whatever was
 * started is ended again if any part fails.
 *
 * @throws {StackError} with one line for the person at the terminal
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const started = new AsyncDisposableStack();
  try {
    return await assemble(options, started);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

async function assemble(options: StackOptions, started: AsyncDisposableStack): Promise<Stack> {
  const progress = options.progress ?? (() => {});
  const ports = choosePorts(options);
  await preparePrograms({ tell: progress });
  // Deno takes a while to start, so the simulator does it while the database is made.
  const simulatorStarting = startSimulatorProcess(ports.simulator);
  simulatorStarting.catch(() => {});
  started.defer(async () => {
    await simulatorStarting.then(({ process }) => process.stop(), () => {});
  });

  progress("Making the database");
  const { app = BUNDLED_APP } = options;
  let database = await openDatabase(options, app);
  started.defer(() => database.close());
  database = await database.withCurrentTypes();

  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const functionUrl = `${apiUrl}/functions/v1/hlf-sync`;
  const keys = await generateApiKeys();
  await seedDatabase(database, {
    hlf_sync_function_url: functionUrl,
    hlf_sync_secret_key: keys.secretKey,
    hlf_sync_alert_webhook_url: `${apiUrl}/messages`,
  }, app.seedPath);
  const exposed = await database.expose(ports.database);
  started.defer(() => exposed.stop());

  progress("Starting REST and Auth");
  const standIn = createRestAndAuth(database, keys);
  const postgrest = options.database?.kind === "postgres"
    ? await startNamedPostgrest(options.database.postgrest, options.database.url, keys.jwtSecret)
    : null;
  started.defer(() => postgrest?.stop());
  const restAndAuth = overPostgrest(standIn, postgrest, keys);
  await assertPrivilegesKept(database, restAndAuth, keys.secretKey);
  const coordinators = await signUpCoordinators(restAndAuth, keys.publishableKey, database, {
    admit: app.admit,
  });

  progress("Starting the Dataverse simulator");
  const simulatorUrl = (await simulatorStarting).url;
  const simulator = new SimulatorClient(simulatorUrl);
  if (options.websiteCacheSeconds !== undefined) {
    await simulator.setWebsite({ cacheSeconds: options.websiteCacheSeconds });
  }
  await simulator.seed(await readListings(database));

  progress("Starting the function");
  const functionOutput: OutputLine[] = [];
  const functions = new FunctionPool({
    name: "hlf-sync",
    program: FUNCTION_BUNDLE,
    processes: options.functionProcesses ?? 1,
    environment: {
      ...functionEnvironment({ apiUrl, simulatorUrl }, keys),
      ...options.functionEnvironment,
    },
    onLine: ({ line, stream }) => {
      functionOutput.push({ line, stream });
      if (functionOutput.length > KEPT_LINES) functionOutput.shift();
      options.onFunctionOutput?.(line, stream);
    },
  });
  const restFaults = new RestFaults();
  const messages = new MessageSink();
  const traffic = new Traffic();
  const gateway = Deno.serve(
    { hostname: "127.0.0.1", port: ports.api, onListen: () => {} },
    traffic.counted(createGateway({
      restAndAuth,
      restFaults,
      messages,
      functionAddress: (name) => name === functions.name ? functions.nextAddress() : null,
    })),
  );
  started.defer(() => gateway.shutdown());
  started.defer(() => functions.stop());
  await functions.start();
  const workers = await startBackgroundWorkers(database, { cron: options.cron ?? true });
  started.defer(() => workers.stop());

  return {
    apiUrl,
    functionUrl,
    simulatorUrl,
    websiteUrl: `${simulatorUrl}/website`,
    databaseUrl: exposed.url,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    jwtSecret: keys.jwtSecret,
    coordinators,
    simulator,
    functionOutput,
    messages,
    sql: (text, parameters) => database.query(text, parameters),
    run: (script) => database.run(script),
    runAsPlatform: (script) => database.runAsPlatform(script),
    traffic,
    pgNet: workers.pgNet,
    setRestFault: (fault) => restFaults.set(fault),
    restartFunction: (environment) => functions.restart(environment),
    killFunction: (signal) => functions.signal(signal),
    stop: () => started.disposeAsync(),
  };
}

function choosePorts(options: StackOptions): { api: number; database: number; simulator: number } {
  if (options.ports !== "default") {
    return { api: findFreePort(), database: findFreePort(), simulator: findFreePort() };
  }
  assertPortFree(DEFAULT_PORTS.api, "API");
  if (options.database?.kind !== "postgres") assertPortFree(DEFAULT_PORTS.database, "database");
  assertPortFree(DEFAULT_PORTS.simulator, "Dataverse simulator");
  return DEFAULT_PORTS;
}

async function openDatabase(options: StackOptions, app: StackApp): Promise<StackDatabase> {
  const { database: chosen } = options;
  if (chosen?.kind !== "postgres" && app === BUNDLED_APP) return await openPreparedPglite();
  const database =
    await (chosen?.kind === "postgres" ? openPostgresDatabase(chosen.url) : openPgliteDatabase());
  try {
    await app.prepare(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** The first request is where lite would hand out grants. */
async function assertPrivilegesKept(
  database: StackDatabase,
  restAndAuth: RestAndAuth,
  secretKey: string,
): Promise<void> {
  const before = await readPrivileges(database);
  const response = await restAndAuth(
    new Request("http://localhost/rest/v1/hlf_sync_switches?select=organisation_id&limit=1", {
      headers: { apikey: secretKey },
    }),
  );
  await response.body?.cancel();
  const after = await readPrivileges(database);
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  throw new StackError(
    "@supabase/lite has changed what is granted in the database; nothing tested on it would hold",
    "privileges_changed",
  );
}
