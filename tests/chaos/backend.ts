import type { ApiKeys } from "../../stack/rest/api_keys.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { HttpDispatcher } from "../../stack/background/http_dispatcher.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { overPostgrest, type Postgrest, startNamedPostgrest } from "../../stack/rest/postgrest.ts";
import { createRestAndAuth, type RestAndAuth } from "../../stack/rest/rest_and_auth.ts";

/** The connection was taken away; whether the statement took effect is unknown. */
class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
  readonly code = "CONNECTION_CLOSED";
}

/** Whatever is connected to the database at one time. */
interface Connected {
  readonly database: StackDatabase;
  readonly rest: RestAndAuth;
  readonly dispatcher: HttpDispatcher;
  /** Rejects when the connections are given up. */
  readonly lost: PromiseWithResolvers<never>;
}

/**
 * What is connected to the database: the pool, REST on it, and pg_net's stand-in. When the server breaks its connections,
 * all of it is made anew, because the driver does not get over that: a connection whose backend died between two
 * statements of a transaction throws out of a timer, and never works again.
 * <https://github.com/porsager/postgres/issues/1208> A real PostgREST, where `POSTGREST` names one, connects anew by itself.
 */
export class Backend {
  readonly #url: string;
  readonly #keys: ApiKeys;
  readonly #postgrest: Postgrest | null;
  #connected: Connected;

  private constructor(
    url: string,
    keys: ApiKeys,
    postgrest: Postgrest | null,
    connected: Connected,
  ) {
    this.#url = url;
    this.#keys = keys;
    this.#postgrest = postgrest;
    this.#connected = connected;
  }

  static async open(url: string, keys: ApiKeys): Promise<Backend> {
    const postgrest = await startNamedPostgrest(Deno.env.get("POSTGREST"), url, keys.jwtSecret);
    return new Backend(url, keys, postgrest, await connect(url, keys, postgrest));
  }

  /** One statement as the owner. */
  async sql<T>(text: string, parameters: readonly unknown[] = []): Promise<T[]> {
    const { database, lost } = this.#connected;
    return await Promise.race([database.query<T>(text, parameters), lost.promise]);
  }

  /** One request to REST; 503 when the connections are lost over it. */
  async rest(request: Request): Promise<Response> {
    const { rest, lost } = this.#connected;
    return await Promise.race([rest(request), lost.promise]).catch(unavailable);
  }

  /** Drops all connections and opens new ones; call it when the server has broken them. */
  async reopen(): Promise<void> {
    const former = this.#connected;
    this.#connected = await connect(this.#url, this.#keys, this.#postgrest);
    giveUp(former);
  }

  async close(): Promise<void> {
    await this.#connected.dispatcher.stop();
    await this.#connected.database.close();
    await this.#postgrest?.stop();
  }
}

async function connect(
  url: string,
  keys: ApiKeys,
  postgrest: Postgrest | null,
): Promise<Connected> {
  const database = await openPostgresDatabase(url);
  const dispatcher = new HttpDispatcher({ database });
  await dispatcher.start();
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  const rest = overPostgrest(createRestAndAuth(database, keys), postgrest, keys);
  return { database, rest, dispatcher, lost };
}

function giveUp({ database, dispatcher, lost }: Connected): void {
  lost.reject(new ConnectionLostError("The connection was given up"));
  // Neither may ever end; nobody waits for them.
  dispatcher.stop().catch(() => {});
  database.close().catch(() => {});
}

function unavailable(): Response {
  const message = "Database connection error. Retrying the connection.";
  return Response.json({ code: "PGRST000", message, details: null, hint: null }, { status: 503 });
}

/**
 * Keeps the driver's faults above from ending the process: what it throws out of an immediate, and its own attempts to listen
 * again on connections that were given up. An immediate is wrapped, because one that throws leaves Deno's list of them broken:
 * the next ones are never run, or end the process.
 */
export function surviveLostConnections(): void {
  const original = globalThis.setImmediate;
  const wrapped = (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    original(() => {
      try {
        callback(...args);
      } catch (error) {
        const stack = error instanceof Error ? error.stack ?? "" : "";
        if (!/nextWrite[^]*postgres[^]*connection\.js/.test(stack)) throw error;
      }
    });
  globalThis.setImmediate = Object.assign(wrapped, original);
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (isConnectionLost(event.reason)) event.preventDefault();
  });
}

/** Classes 08 and 57 of SQLSTATE, and what driver and system call it. */
export function isConnectionLost(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(08|57P)/.test(code) || /^(CONNECTION_|CONNECT_|ECONN|EPIPE)/.test(code);
}
