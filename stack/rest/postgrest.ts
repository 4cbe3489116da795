import { REST_USER } from "../database/postgres_database.ts";
import { ChildProcess } from "../machine/child_process.ts";
import { findFreePort } from "../machine/ports.ts";
import { untilItAnswers } from "../machine/until_it_answers.ts";
import type { ApiKeys } from "./api_keys.ts";
import type { RestAndAuth } from "./rest_and_auth.ts";
import { signToken } from "./sign_token.ts";

/** A PostgREST of our own, and the token with which it takes a caller for the function. */
export interface Postgrest {
  readonly url: string;
  readonly serviceToken: string;
  stop(): Promise<void>;
}

/** As a small hosted project has it. <https://supabase.com/docs/guides/platform/compute-and-disk> */
const POOL = 10;
/** Longer than any test or bench. */
const TOKEN_SECONDS = 43_200;

/**
 * Starts the PostgREST of this path over a database, with the settings of a hosted project.
 * <https://docs.postgrest.org/en/stable/references/configuration.html>
 *
 * @throws {StackError} `process_ended` with its last words, or `process_silent`
 */
export async function startPostgrest(
  binary: string,
  databaseUrl: string,
  jwtSecret: string,
): Promise<Postgrest> {
  const [port, adminPort] = [findFreePort(), findFreePort()];
  const login = new URL(databaseUrl);
  // As hosted: a login that may do nothing until it has taken the caller's role.
  login.username = REST_USER;
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
      PGRST_DB_MAX_ROWS: "1000",
      PGRST_JWT_SECRET: jwtSecret,
      PGRST_SERVER_HOST: "127.0.0.1",
      PGRST_SERVER_PORT: String(port),
      PGRST_ADMIN_SERVER_PORT: String(adminPort),
      PGRST_LOG_LEVEL: "error",
    },
  });
  try {
    // 503 until it has read the schema. <https://docs.postgrest.org/en/stable/references/admin_server.html>
    await untilItAnswers(process, `http://127.0.0.1:${adminPort}/ready`, ({ ok }) => ok);
  } catch (error) {
    await process.stop();
    throw error;
  }
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
  return {
    url: `http://127.0.0.1:${port}`,
    serviceToken: await signToken({ role: "service_role", exp }, jwtSecret),
    stop: () => process.stop(),
  };
}

/** The same where a program is named, as by the environment's `POSTGREST`; null where none is. */
export async function startNamedPostgrest(
  binary: string | undefined,
  databaseUrl: string,
  jwtSecret: string,
): Promise<Postgrest | null> {
  return binary === undefined ? null : await startPostgrest(binary, databaseUrl, jwtSecret);
}

/** Hop by hop, or made anew by whoever passes a request on. */
const OF_THE_CONNECTION = ["host", "connection", "content-length", "transfer-encoding"];

/**
 * Answers `/rest/v1/…` by a PostgREST, where there is one, and the rest as before. Its part of Supabase's gateway is here: it asks for one of the
 * project's keys, and where no token of a user comes with it, the key's role is the caller's.
 * <https://supabase.com/docs/guides/api/api-keys>
 */
export function overPostgrest(
  others: RestAndAuth,
  postgrest: Postgrest | null,
  { secretKey, publishableKey }: ApiKeys,
): RestAndAuth {
  if (postgrest === null) return others;
  const { url: postgrestUrl, serviceToken } = postgrest;
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    if (!pathname.startsWith("/rest/v1/")) return await others(request);
    const headers = new Headers(request.headers);
    const bearer = headers.get("authorization")?.replace(/^Bearer /i, "");
    const key = headers.get("apikey");
    if (key !== secretKey && key !== publishableKey) {
      return Response.json({ message: "Invalid API key" }, { status: 401 });
    }
    if (bearer === undefined || bearer === key) {
      if (key === secretKey) headers.set("authorization", `Bearer ${serviceToken}`);
      else headers.delete("authorization");
    }
    for (const name of OF_THE_CONNECTION) headers.delete(name);
    const { method, body } = request;
    const target = `${postgrestUrl}/${pathname.slice("/rest/v1/".length)}${search}`;
    return await fetch(target, { method, headers, body, redirect: "manual" });
  };
}
