import type { MessageSink } from "../background/message_sink.ts";
import type { RestAndAuth } from "./rest_and_auth.ts";
import type { RestFaults } from "./rest_fault.ts";

/** What stands behind the gateway. */
interface GatewayOptions {
  readonly restAndAuth: RestAndAuth;
  readonly restFaults: RestFaults;
  /** The address of the process to send a function's next request to, or null when none is up. */
  readonly functionAddress: (name: string) => string | null;
  readonly fetch?: typeof fetch;
  /**
   * Takes what is posted to `/messages`, and counts what comes to `/heartbeat`: no part of a project, but somewhere the
   * webhooks in Vault can lead to.
   */
  readonly messages?: MessageSink;
}

/**
 * One address for REST, Auth and Functions, as a project has it. Functions are passed every request, with or without a
 * key: `verify_jwt` is off, and they check their callers themselves.
 */
export function createGateway(options: GatewayOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const isLite = pathname.startsWith("/rest/v1/") || pathname.startsWith("/auth/v1/");
    if (isLite && request.headers.has("access-control-request-method")) return preflight(request);
    if (pathname.startsWith("/rest/v1/")) {
      const fault = await options.restFaults.apply(request);
      return fault ?? await options.restAndAuth(request);
    }
    if (pathname.startsWith("/auth/v1/")) return await callAuth(request, options.restAndAuth);
    const [, name] = pathname.match(/^\/functions\/v1\/([\w-]+)(?:\/|$)/) ?? [];
    if (name !== undefined) return await callFunction(request, name, options);
    if (pathname === "/messages" && options.messages) return await options.messages.handle(request);
    if (pathname === "/heartbeat" && options.messages) return options.messages.beat();
    return refuse(404, "NOT_FOUND", "Requested path was not found");
  };
}

const ANY_ORIGIN = { "access-control-allow-origin": "*" };

/** The hosted gateway lets pages of every origin in; of lite, Auth says nothing of them and REST knows only tables. */
function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      ...ANY_ORIGIN,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "",
    },
  });
}

async function callAuth(request: Request, restAndAuth: RestAndAuth): Promise<Response> {
  const response = await restAndAuth(request);
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ANY_ORIGIN)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

async function callFunction(
  request: Request,
  name: string,
  options: GatewayOptions,
): Promise<Response> {
  const address = options.functionAddress(name);
  if (address === null) return refuse(404, "NOT_FOUND", "Requested function was not found");
  // The hosted runtime, too, shows a function its own name as the root of the path.
  const { pathname, search } = new URL(request.url);
  const target = `${address}${pathname.slice("/functions/v1".length)}${search}`;
  const headers = new Headers(request.headers);
  for (const header of ["host", "connection", "content-length", "transfer-encoding"]) {
    headers.delete(header);
  }
  try {
    const response = await (options.fetch ?? fetch)(target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
    });
    return new Response(response.body, response);
  } catch {
    return refuse(503, "BOOT_ERROR", "Function failed to start (please check logs)");
  }
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: ANY_ORIGIN });
}
