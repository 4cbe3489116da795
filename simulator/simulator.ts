import { CONTROL_ROOT, handleControlRequest } from "./control_api.ts";
import { isDataversePath } from "./dataverse_route.ts";
import { DEFAULT_WEBSITE_CACHE_SECONDS } from "./defaults.ts";
import type { Random } from "./guids.ts";
import { serveHttp } from "./http_server.ts";
import { createInterruptibleSleep } from "./interruptible_sleep.ts";
import { jsonReply, type Outcome, type SimulatorRequest } from "./messages.ts";
import { TokenEndpoint } from "./token_endpoint.ts";
import { SimulatorState } from "./simulator_state.ts";

/** How a simulator is started. */
export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1: it gives out tokens to anybody, so nobody else should reach it. */
  readonly hostname?: string;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
  /** Default `Math.random`. */
  readonly random?: Random;
  /** Waits so many seconds; default the real clock. */
  readonly sleep?: (seconds: number) => Promise<void>;
  /** How long the public page may lag, in seconds; default 900. */
  readonly websiteCacheSeconds?: number;
}

interface Simulator {
  /** Its address, without a slash at the end: `DYNAMICS_URL` and `DYNAMICS_AUTHORITY_HOST` both. */
  readonly url: string;
  /** Cuts all connections and stops listening. */
  stop(): Promise<void>;
}

/**
 * Starts Entra, Dataverse, the public website (`/website`) and the control API (`/_simulator/`) on one
 * port. It begins without listings, with Dataverse's real limits.
 *
 * Left out: HTTPS; tables other than the listings; `$batch`, `UpdateMultiple` and change tracking;
 * `$orderby`, `$count`, `$expand` (but of `EntityDefinitions`) and filters beyond `eq`, `ne` and `and` (they answer 501); more than
 * one application, secret or web server; deadlocks by themselves (a fault makes one).
 *
 * @throws {PortTakenError} when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port, hostname = "127.0.0.1" } = options;
  const waiting = createInterruptibleSleep();
  const state = new SimulatorState({
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? waiting.sleep,
    websiteCacheSeconds: options.websiteCacheSeconds ?? DEFAULT_WEBSITE_CACHE_SECONDS,
  });
  const server = await serveHttp((request) => dispatch(state, request), port, hostname);
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${server.port}`,
    async stop(): Promise<void> {
      const stopped = server.stop();
      waiting.interrupt();
      await stopped;
    },
  };
}

function dispatch(state: SimulatorState, request: SimulatorRequest): Outcome | Promise<Outcome> {
  const { path } = request;
  if (isDataversePath(path) || TokenEndpoint.serves(path)) return state.exchanger.handle(request);
  if (path.startsWith(CONTROL_ROOT)) return handleControlRequest(state, request);
  if (path === "/website") return state.website.handle();
  return jsonReply(404, { problems: ["The simulator has nothing at this address"] });
}
