import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Outcome, Reply, ReplyHeaders, SimulatorRequest } from "./messages.ts";

/** Answers requests. */
export type Handler = (request: SimulatorRequest) => Outcome | Promise<Outcome>;

/** A server that listens. */
interface HttpServer {
  readonly port: number;
  /** Cuts all connections and stops listening. */
  stop(): Promise<void>;
}

/** The port is taken by another process. */
export class PortTakenError extends Error {
  readonly code = "port_taken";
  override readonly name = "PortTakenError";
}

/**
 * Serves the handler over HTTP/1.1. It stands on `node:http` because that gives access to the
 * socket: `Deno.serve` can only answer, never break a connection off without an answer.
 *
 * @param port 0 takes any free port.
 * @throws {PortTakenError} when the port is taken.
 */
export async function serveHttp(
  handler: Handler,
  port: number,
  hostname: string,
): Promise<HttpServer> {
  const server = createServer((incoming, response) => {
    respond(handler, incoming, response).catch((error: unknown) => {
      console.error("The simulator failed on a request:", error);
      incoming.socket.destroy();
    });
  });
  // A server that drops idle connections would give clients resets that nobody asked for.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(port, hostname);
  try {
    await once(server, "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new PortTakenError(`Cannot listen on ${hostname}:${port}: the port is taken`, {
        cause: error,
      });
    }
    throw error;
  }
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async stop(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  handler: Handler,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === null) return;
  const outcome = await handler(toRequest(incoming, response, body));
  if (response.destroyed) return;
  if (outcome === "reset") incoming.socket.resetAndDestroy();
  else await send(outcome, response);
}

async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of incoming) pieces.push(Buffer.from(piece));
  } catch {
    // The client went away in the middle of its request.
    return null;
  }
  return Buffer.concat(pieces).toString("utf8");
}

function toRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  body: string,
): SimulatorRequest {
  const target = incoming.url ?? "/";
  const query = target.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: query < 0 ? target : target.slice(0, query),
    search: query < 0 ? "" : target.slice(query),
    origin: `http://${incoming.headers.host ?? "localhost"}`,
    body,
    header(name: string): string | undefined {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    onHangUp(callback: () => void): void {
      response.once("close", () => {
        if (!response.writableFinished) callback();
      });
    },
  };
}

async function send(reply: Reply, response: ServerResponse): Promise<void> {
  const { status, headers, body } = reply;
  if (typeof body === "string") {
    const length = status === 204 || status === 304
      ? {}
      : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...copied(headers), ...length });
    response.end(body === "" ? undefined : body);
    return;
  }
  response.writeHead(status, copied(headers));
  for (const piece of body) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

function copied(headers: ReplyHeaders): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map((
      [name, value],
    ) => [name, typeof value === "string" ? value : [...value]]),
  );
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
