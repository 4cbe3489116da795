import type { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import type { Lock } from "./lock.ts";
import { servePlainConnections } from "./plain_connections.ts";

/** A client that went silent between two messages of one query gives the database back after this long. */
const ABANDONED_AFTER_MILLISECONDS = 5000;

/** Message types that only a query in several messages has: parse, bind, describe, execute, close, flush. */
const MORE_TO_COME = new Set(["P", "B", "D", "E", "C", "H"].map((letter) => letter.charCodeAt(0)));

/**
 * Lets psql and the like into a PGlite over TCP. All of them and the stack share its one connection: an open
 * transaction keeps everybody else waiting until it ends, and what a client sets for its session, it sets for all.
 * <https://pglite.dev/docs/pglite-socket>
 *
 * @returns the port, and how to stop
 */
export async function servePglite(
  pglite: PGlite,
  lock: Lock,
  port: number,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = new PGLiteSocketServer({
    db: guard(pglite, lock),
    host: "127.0.0.1",
    port: 0,
    maxConnections: 20,
  });
  await server.start();
  const front = servePlainConnections(port, Number(server.getServerConn().split(":").at(-1)));
  return {
    port: front.port,
    stop: async () => {
      await front.stop();
      await server.stop();
    },
  };
}

/**
 * The socket server knows only PGlite's own lock, which is free between the messages of one query and within a
 * transaction; there a REST request would slip in. So the stack's lock is held until the query, and the transaction, is
 * over.
 */
function guard(pglite: PGlite, lock: Lock): PGlite {
  let release: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveBack = () => {
    release?.();
    release = null;
  };
  return new Proxy(pglite, {
    get(target, property) {
      if (property === "runExclusive") {
        return async <T>(use: () => Promise<T>) => {
          clearTimeout(timer);
          release ??= await lock.acquire();
          return await target.runExclusive(use);
        };
      }
      if (property === "execProtocolRawStream") {
        return async (...[message, options]: Parameters<PGlite["execProtocolRawStream"]>) => {
          const type = message[0] ?? 0;
          try {
            return await target.execProtocolRawStream(message, options);
          } finally {
            if (MORE_TO_COME.has(type)) {
              timer = setTimeout(giveBack, ABANDONED_AFTER_MILLISECONDS);
              Deno.unrefTimer(timer);
            } else if (!target.isInTransaction()) giveBack();
          }
        };
      }
      if (property === "exec") {
        return async (...args: Parameters<PGlite["exec"]>) => {
          // The server's own rollback for a client that left within a transaction.
          try {
            return await target.exec(...args);
          } finally {
            giveBack();
          }
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
