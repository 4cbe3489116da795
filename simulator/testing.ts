/**
 * What the tests beside the code share.
 *
 * @module
 */
import { z } from "zod";
import { DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TENANT_ID } from "./defaults.ts";
import type { SimulatorRequest } from "./messages.ts";
import { type SimulatorOptions, startSimulator } from "./simulator.ts";
import { SimulatorClient } from "./simulator_client.ts";

/** A mentor's id that differs in its last digits. */
export function mentorId(number: number): string {
  return `11111111-1111-4111-8111-${String(number).padStart(12, "0")}`;
}

/** Randomness that is the same in every run. */
export function createSeededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** A clock that only moves when told to. */
export function createFakeClock(start = Date.UTC(2030, 0, 1)): {
  now: () => number;
  advance: (seconds: number) => void;
} {
  let time = start;
  return {
    now: () => time,
    advance: (seconds) => {
      time += seconds * 1_000;
    },
  };
}

/** A request that no client sent. */
export function createRequest(
  { headers = {}, ...parts }:
    & Partial<Omit<SimulatorRequest, "header" | "onHangUp">>
    & { headers?: Readonly<Record<string, string>> } = {},
): SimulatorRequest {
  return {
    method: "GET",
    path: "/",
    search: "",
    origin: "http://simulator.test",
    body: "",
    header: (name) => headers[name],
    onHangUp: () => {},
    ...parts,
  };
}

/** A running simulator with everything a test wants at hand. */
export interface RunningSimulator {
  readonly url: string;
  readonly client: SimulatorClient;
  /** Gets a token with the default credentials. */
  token(): Promise<string>;
  /** Calls the Web API with the given token. */
  call(token: string, path: string, init?: RequestInit): Promise<Response>;
  /** PATCHes one mentor's `hlf_published` with `If-Match: *`. */
  patch(token: string, mentorId: string, published: boolean, init?: RequestInit): Promise<Response>;
}

/** Starts a simulator on a free port for one test, and stops it afterwards. */
export async function withSimulator(
  test: (running: RunningSimulator) => Promise<void>,
  options: Partial<SimulatorOptions> = {},
): Promise<void> {
  const simulator = await startSimulator({ port: 0, ...options });
  try {
    await test(describe(simulator.url));
  } finally {
    await simulator.stop();
  }
}

/** The form of a token request that succeeds. */
export function tokenForm(origin: string): Record<string, string> {
  return {
    client_id: DEFAULT_CLIENT_ID,
    client_secret: DEFAULT_CLIENT_SECRET,
    scope: `${origin}/.default`,
    grant_type: "client_credentials",
  };
}

const tokenSchema = z.object({ access_token: z.string() });

function describe(url: string): RunningSimulator {
  const call = (token: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    return fetch(`${url}/api/data/v9.2/${path}`, { ...init, headers });
  };
  return {
    url,
    client: new SimulatorClient(url),
    async token() {
      const response = await fetch(`${url}/${DEFAULT_TENANT_ID}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams(tokenForm(url)),
      });
      return tokenSchema.parse(await response.json()).access_token;
    },
    call,
    patch(token, mentorId, published, init = {}) {
      const headers = new Headers(init.headers);
      headers.set("content-type", "application/json");
      headers.set("if-match", "*");
      return call(token, `hlf_mentorlistings(hlf_mentorid='${mentorId}')`, {
        ...init,
        method: "PATCH",
        headers,
        // Deno sends a request again unasked when a kept-alive connection is reset, unless its body
        // is a stream underneath, as a Blob's is. Tests of lost answers want one request.
        body: new Blob([JSON.stringify({ hlf_published: published })]),
      });
    },
  };
}
