import postgres from "postgres";
import { z } from "zod";
import { SimulatorClient } from "../simulator/simulator_client.ts";
import { signUpCoordinators } from "./coordinators.ts";
import { StackError } from "./machine/errors.ts";
import { MessageSink } from "./background/message_sink.ts";
import { readListings } from "./read_listings.ts";
import type { ReachableStack } from "./stack_types.ts";

/** The names under which `supabase status -o env` tells a stack's addresses and keys, and two of our own. */
const settings = z.object({
  API_URL: z.url(),
  DB_URL: z.string().regex(/^postgres(ql)?:\/\//),
  PUBLISHABLE_KEY: z.string().min(1),
  SECRET_KEY: z.string().min(1),
  /** The Dataverse simulator that the function has been told of. */
  SIMULATOR_URL: z.url().default("http://127.0.0.1:54390"),
  /** This machine, as the database calls it: from within a container it is another name. */
  HOST_FROM_DATABASE: z.string().regex(/^[\w.-]+$/).default("host.docker.internal"),
});

/**
 * Makes a stack that somebody else has started, such as `supabase start`, ready to be played on: with seed and function, but
 * nothing done yet. Vault is filled, cron jobs are paused, coordinators signed up, and the simulator gets the listings.
 *
 * @throws {StackError} `bad_setting`, `sign_up_failed`
 */
export async function connectGivenStack(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ReachableStack> {
  const given = readGiven(environment);
  const messages = new MessageSink();
  // Reached from within a container, so on every address.
  const sink = Deno.serve(
    { hostname: "0.0.0.0", port: 0, onListen: () => {} },
    (request) => messages.handle(request),
  );
  // One connection: an embedded database has no more.
  const sql = postgres(given.DB_URL, { max: 1, onnotice: () => {} });
  const stop = async () => {
    await sql.end({ timeout: 5 });
    await sink.shutdown();
  };
  const database = {
    query: async <T>(text: string, parameters: readonly unknown[] = []): Promise<T[]> =>
      [...await sql.unsafe(text, [...parameters] as never[])] as T[],
  };
  try {
    const atHost = (url: string) => {
      const { port, pathname } = new URL(url);
      return `http://${given.HOST_FROM_DATABASE}:${port}${pathname}`;
    };
    const functionUrl = `${given.API_URL}/functions/v1/hlf-sync`;
    await fillVault(database, {
      hlf_sync_function_url: atHost(functionUrl),
      hlf_sync_secret_key: given.SECRET_KEY,
      hlf_sync_alert_webhook_url: atHost(`http://127.0.0.1:${sink.addr.port}/messages`),
    });
    await database.query("select cron.alter_job(jobid, active := false) from cron.job");
    const simulator = new SimulatorClient(given.SIMULATOR_URL);
    await simulator.setWebsite({ cacheSeconds: 0 });
    await simulator.seed(await readListings(database));
    const coordinators = await signUpCoordinators(
      (request) => fetch(onStack(request, given.API_URL)),
      given.PUBLISHABLE_KEY,
      database,
      { tag: `-${crypto.randomUUID().slice(0, 8)}` },
    );
    return {
      apiUrl: given.API_URL,
      functionUrl,
      publishableKey: given.PUBLISHABLE_KEY,
      secretKey: given.SECRET_KEY,
      coordinators,
      simulator,
      sql: database.query,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readGiven(
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<typeof settings> {
  const read = settings.safeParse(environment);
  if (read.success) return read.data;
  const names = [...new Set(read.error.issues.map(({ path }) => path.join(".")))];
  throw new StackError(
    `Missing, or not of the right form: ${names.join(", ")}; \`supabase status -o env\` tells them`,
    "bad_setting",
  );
}

async function fillVault(
  database: { query(text: string, parameters: readonly unknown[]): Promise<unknown[]> },
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries(secrets)) {
    const changed = await database.query(
      "select vault.update_secret(id, $1) from vault.secrets where name = $2",
      [value, name],
    );
    if (changed.length === 0) {
      await database.query("select vault.create_secret($1, $2)", [value, name]);
    }
  }
}

function onStack(request: Request, apiUrl: string): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(`${apiUrl}${pathname}${search}`, request);
}
