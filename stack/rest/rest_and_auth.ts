import { App, InMemoryEmailDriver } from "@supabase/lite";
import type { ApiKeys } from "./api_keys.ts";
import type { StackDatabase } from "../database/database.ts";
import { StackError } from "../machine/errors.ts";
import { asRestError } from "./rest_errors.ts";

/** Answers `/rest/v1/…` and `/auth/v1/…`. */
export type RestAndAuth = (request: Request) => Promise<Response>;

/**
 * PostgREST's and GoTrue's part, played by `@supabase/lite`, over a database that has its migrations already: lite
 * reads the schema once. On a server of ours REST comes in as `authenticator`, with the timeouts that this role has.
 */
export function createRestAndAuth(database: StackDatabase, keys: ApiKeys): RestAndAuth {
  // The project's wish not to be counted; lite's CLI honours it, and so does anything it may come to run.
  Deno.env.set("DO_NOT_TRACK", "1");
  const { connection, restConnection } = database;
  const auth = createApp(connection, keys);
  if (restConnection === connection) {
    return (request) => database.exclusively(() => auth.fetch(request));
  }
  // `authenticator` sees nothing of the schema until it has taken a role; lite reads it once, before.
  restConnection.introspect = connection.introspect.bind(connection);
  const rest = createApp(restConnection, keys);
  return async (request) =>
    await (new URL(request.url).pathname.startsWith("/auth/") ? auth : rest).fetch(request);
}

function createApp(connection: StackDatabase["connection"], keys: ApiKeys): App {
  keepGrants(connection);
  connection.normalizeDbError = asRestError as typeof connection.normalizeDbError;
  return new App({
    connection,
    // Without this a malformed bearer token would be taken for none, and its sender for `anon`.
    api: { enabled: true, schemas: ["public"], max_rows: 1000, anonymous_enabled: false },
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      jwt_expiry: 3600,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      enable_signup: true,
      email: { enable_signup: true, enable_confirmations: false },
    },
    studio: { enabled: false },
    options: {
      server: { admin: false, disableStudio: true },
      drivers: { email: new InMemoryEmailDriver() },
    },
  });
}

/**
 * On its first request lite grants ALL on every table of each schema that has row level security to the API roles,
 * unless it believes to have done so. Told that it has, it grants nothing, and still acts as the caller's role.
 */
function keepGrants(connection: object): void {
  if (Reflect.get(connection, "rlsState") !== "unknown") {
    throw new StackError(
      "@supabase/lite has changed: its grants to the API roles can no longer be kept from happening",
      "unexpected_dependency",
    );
  }
  Reflect.set(connection, "rlsState", "active");
}
