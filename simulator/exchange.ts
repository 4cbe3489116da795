import type { DataverseApi } from "./dataverse_api.ts";
import { type DataverseRoute, routeDataverseRequest } from "./dataverse_route.ts";
import { statusFaultReply, withoutErrorCode } from "./fault_reply.ts";
import type { FaultAnswer, FaultRules, InstantFaultAnswer } from "./fault_rules.ts";
import { publishedIn } from "./listing_payload.ts";
import type { ListingStore } from "./listings.ts";
import type { Outcome, Reply, SimulatorRequest } from "./messages.ts";
import type { LoggedRequest, RequestLog } from "./request_log.ts";
import type { RequestLimits } from "./request_limits.ts";
import { TokenEndpoint } from "./token_endpoint.ts";

/** What an exchange works with. */
interface ExchangeParts {
  readonly now: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
  readonly listings: ListingStore;
  readonly tokens: TokenEndpoint;
  readonly api: DataverseApi;
  readonly limits: RequestLimits;
  readonly faults: FaultRules;
  readonly log: RequestLog;
}

/** One request on its way through the simulator. */
interface Exchange {
  readonly request: SimulatorRequest;
  /** Null for the token endpoint. */
  readonly route: DataverseRoute | null;
  readonly entry: LoggedRequest;
}

/**
 * Carries requests to Entra and Dataverse through log, faults, sign-in, limits and latency, in that
 * order. Writes take effect when a request comes in, unless a fault says otherwise.
 */
export class Exchanger {
  /** How long Dataverse takes for each answer, in seconds. */
  latencySeconds = 0;
  /** So many calls more take so much longer. */
  slowFirstCalls = { count: 0, seconds: 0 };
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async handle(request: SimulatorRequest): Promise<Outcome> {
    const { log, faults } = this.#parts;
    const route = TokenEndpoint.serves(request.path) ? null : routeDataverseRequest(request);
    const entry = log.receive(this.#describe(request, route), this.#parts.now());
    request.onHangUp(() => log.finish(entry, null));

    const target = route === null ? "token" : route.target;
    const strike = faults.strike({ method: entry.method, target, mentorId: entry.mentorId });
    entry.fault = strike?.id ?? null;
    const outcome = await this.#suffer(strike?.answer ?? null, { request, route, entry });
    log.finish(entry, outcome === "reset" ? null : outcome.status);
    return outcome;
  }

  async #suffer(answer: FaultAnswer | null, exchange: Exchange): Promise<Outcome> {
    if (answer === null) return await this.#work(exchange);
    if (!("delaySeconds" in answer)) return await this.#sufferAtOnce(answer, exchange);

    const { delaySeconds, lateCommit, then } = answer;
    if (then === undefined && lateCommit !== true) {
      const reply = await this.#work(exchange);
      await this.#parts.sleep(delaySeconds);
      return reply;
    }
    await this.#parts.sleep(delaySeconds);
    return then === undefined
      ? await this.#work(exchange)
      : await this.#sufferAtOnce(then, exchange);
  }

  async #sufferAtOnce(answer: InstantFaultAnswer, exchange: Exchange): Promise<Outcome> {
    if ("reset" in answer) return "reset";
    if ("commitThenReset" in answer) {
      await this.#work(exchange);
      return "reset";
    }
    if ("emptyCode" in answer) return withoutErrorCode(await this.#work(exchange));
    return statusFaultReply(answer, exchange.request, exchange.route === null, this.#parts.api);
  }

  async #work({ request, route, entry }: Exchange): Promise<Reply> {
    const { api, limits, tokens, now } = this.#parts;
    if (route === null) return tokens.handle(request);
    const denial = api.deny(request, route);
    if (denial !== null) return denial;
    const admission = limits.enter(now());
    if ("code" in admission) return api.throttle(admission);
    try {
      const { reply, committed } = api.perform(request, route);
      entry.committed = committed;
      const latency = this.latencySeconds + this.#slowness();
      if (latency > 0) await this.#parts.sleep(latency);
      return reply;
    } finally {
      limits.leave(admission, now());
    }
  }

  #slowness(): number {
    if (this.slowFirstCalls.count === 0) return 0;
    this.slowFirstCalls.count--;
    return this.slowFirstCalls.seconds;
  }

  #describe(request: SimulatorRequest, route: DataverseRoute | null) {
    const { method, path, search } = request;
    const key = route?.key ?? null;
    const mentorId = key?.kind === "guid"
      ? this.#parts.listings.byId(key.id)?.mentorId
      : key?.mentorId;
    return {
      method,
      path: path + search,
      clientRequestId: request.header("x-ms-client-request-id") ?? null,
      mentorId: mentorId ?? null,
      published: route === null ? null : publishedIn(request.body),
    };
  }
}
