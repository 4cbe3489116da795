import { buildFiles, compress } from "./build.ts";
import { parseConfig } from "./check_settings.ts";
import { isPassedOn, passOn } from "./pass_on.ts";
import type { Settings } from "./src/model/config.ts";

interface ServeConsoleOptions {
  /** 0 for any that is free. */
  readonly port: number;
  /** Address of the Supabase project. */
  readonly apiUrl: string;
  readonly publishableKey: string;
  /** What else is built into the page; see `src/model/config.ts`. */
  readonly settings?: Partial<Settings>;
}

interface ConsoleServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** What a meta element cannot say, and what a static host should send as well. */
export const HEADERS = {
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "cache-control": "no-cache",
};

/** The same for the service worker: what it asks for is the page, and nothing of anybody else. */
export const WORKER_HEADERS = {
  ...HEADERS,
  "content-security-policy": "default-src 'none'; connect-src 'self'",
};

/**
 * Builds the page and serves it to this machine, as a static host would.
 *
 * @throws {Deno.errors.AddrInUse} when the port is taken
 */
export async function serveConsole(options: ServeConsoleOptions): Promise<ConsoleServer> {
  const files = await buildFiles(parseConfig({
    ...options.settings,
    supabaseUrl: options.apiUrl,
    publishableKey: options.publishableKey,
  }));
  const page = await pack(files["index.html"], "text/html", HEADERS);
  const worker = await pack(files["worker.js"], "text/javascript", WORKER_HEADERS);
  const offered = new Map([["/", page], ["/index.html", page], ["/worker.js", worker]]);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port, onListen: () => {} },
    (request) => isPassedOn(request) ? passOn(request, options.apiUrl) : answer(request, offered),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}

/** A file as it travels, made once. */
interface Packed {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  /** Of the content, so that whoever comes again gets it only if it is another. */
  readonly tag: string;
  readonly headers: Record<string, string>;
}

async function pack(
  text: string,
  type: string,
  more: Record<string, string>,
): Promise<Packed> {
  const plain = new TextEncoder().encode(text);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", plain));
  const tag = digest.toHex().slice(0, 32);
  const headers = {
    ...more,
    "content-type": `${type}; charset=utf-8`,
    // Weak, as it is the same file whether it travels zipped or not.
    etag: `W/"${tag}"`,
    vary: "accept-encoding",
  };
  return { plain, zipped: await compress(text), tag, headers };
}

function answer(request: Request, offered: ReadonlyMap<string, Packed>): Response {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Only GET", { status: 405, headers: { ...HEADERS, allow: "GET, HEAD" } });
  }
  const file = offered.get(new URL(request.url).pathname);
  if (file === undefined) return new Response("Not found", { status: 404, headers: HEADERS });
  const { plain, zipped, tag, headers } = file;
  if (request.headers.get("if-none-match")?.includes(tag)) {
    return new Response(null, { status: 304, headers });
  }
  return /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")
    ? new Response(zipped, { headers: { ...headers, "content-encoding": "gzip" } })
    : new Response(plain, { headers });
}
