import { ChildProcess } from "../stack/machine/child_process.ts";
import { findFreePort } from "../stack/machine/ports.ts";
import { lastWords } from "../stack/machine/until_it_answers.ts";
import { signToken } from "../stack/rest/sign_token.ts";
import { BenchError } from "./errors.ts";

/** A PostgREST of our own, and the token with which it takes a caller for the function. */
export interface Postgrest {
  readonly url: string;
  readonly serviceToken: string;
  stop(): Promise<void>;
}

/** As a small hosted project has it. <https://supabase.com/docs/guides/platform/compute-and-disk> */
const POOL = 10;
/** Longer than it takes to read the schema. */
const START_SECONDS = 60;

/**
 * Starts the PostgREST of this path over a database, with the settings of a hosted project.
 * <https://docs.postgrest.org/en/stable/references/configuration.html>
 *
 * @throws {BenchError} `program_ended` with its last words, or `waited_in_vain`
 */
export async function startPostgrest(
  binary: string,
  databaseUrl: string,
  jwtSecret: string,
): Promise<Postgrest> {
  const [port, adminPort] = [findFreePort(), findFreePort()];
  const login = new URL(databaseUrl);
  // As hosted: a login that may do nothing until it has taken the caller's role.
  login.username = "authenticator";
  const process = new ChildProcess({
    name: "PostgREST",
    command: binary,
    args: [],
    environment: {
      PATH: Deno.env.get("PATH") ?? "",
      PGRST_DB_URI: login.href,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_EXTRA_SEARCH_PATH: "public, extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_POOL: String(POOL),
      PGRST_JWT_SECRET: jwtSecret,
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: String(port),
      PGRST_ADMIN_SERVER_PORT: String(adminPort),
      PGRST_LOG_LEVEL: "error",
    },
  });
  try {
    await untilReady(process, `http://127.0.0.1:${adminPort}/ready`);
  } catch (error) {
    await process.stop();
    throw error;
  }
  const hour = 3600;
  const exp = Math.floor(Date.now() / 1000) + 12 * hour;
  return {
    url: `http://127.0.0.1:${port}`,
    serviceToken: await signToken({ role: "service_role", exp }, jwtSecret),
    stop: () => process.stop(),
  };
}

/** It answers 503 until it has read the schema. <https://docs.postgrest.org/en/stable/references/admin_server.html> */
async function untilReady(process: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + START_SECONDS * 1000;
  while (performance.now() < deadline) {
    if (process.hasEnded) {
      await process.ended;
      throw new BenchError(`PostgREST did not start: ${lastWords(process)}`, "program_ended");
    }
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new BenchError(`PostgREST is not ready: ${lastWords(process)}`, "waited_in_vain");
}
