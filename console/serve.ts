import { buildPage } from "./build.ts";

export interface ServeConsoleOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Address of the Supabase project. */
  readonly apiUrl: string;
  readonly publishableKey: string;
}

export interface ConsoleServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** What a meta element cannot say, and what a static host should send as well. */
const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-cache",
};

/**
 * Builds the page and serves it to this machine, as a static host would.
 *
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export async function serveConsole(options: ServeConsoleOptions): Promise<ConsoleServer> {
  const page = await buildPage({
    supabaseUrl: options.apiUrl,
    publishableKey: options.publishableKey,
  });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port, onListen: () => {} },
    (request) => answer(request, page),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}

function answer(request: Request, page: string): Response {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return respond("Only GET", 405, "text/plain", { allow: "GET, HEAD" });
  }
  const { pathname } = new URL(request.url);
  return pathname === "/" || pathname === "/index.html"
    ? respond(page, 200, "text/html")
    : respond("Not found", 404, "text/plain");
}

function respond(
  body: string,
  status: number,
  type: string,
  more: Record<string, string> = {},
): Response {
  return new Response(body, {
    status,
    headers: { ...HEADERS, "content-type": `${type}; charset=utf-8`, ...more },
  });
}
