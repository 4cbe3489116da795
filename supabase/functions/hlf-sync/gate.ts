import type { Clock } from "../_shared/clock.ts";
import type { DataverseClient } from "../_shared/dataverse/client.ts";
import type { FailureClass } from "../_shared/dataverse/classify.ts";
import type { TokenOutcome, TokenSource } from "../_shared/dataverse/token.ts";
import { describe } from "../_shared/errors.ts";
import type { Log } from "../_shared/log.ts";
import type { GateChange } from "./decide.ts";
import type { Queue } from "./queue.ts";

export type Health =
  | { readonly dynamics: "ok" }
  | { readonly dynamics: FailureClass; readonly gate: "none" | "throttled" | "credentials" };

export interface Gate {
  /** Closes the gate if the decision says so. Never throws: a gate left open costs a request. */
  obey(change: GateChange): Promise<void>;
  /** Closes it for credentials that Entra rejected, with the line for the operator. */
  rejectCredentials(outcome: Extract<TokenOutcome, { kind: "rejected" }>): Promise<void>;
  /** Asks for a new token and for WhoAmI. */
  checkHealth(): Promise<Health>;
  /** Opens a gate that is closed for credentials if they work again. @returns whether it is open */
  reopen(): Promise<boolean>;
}

/** For so long one line about rejected credentials is enough. */
const QUIET_SECONDS = 10;

/** The gate in the database, which every worker obeys. */
export function createGate({ queue, dataverse, tokens, clock, log }: {
  readonly queue: Queue;
  readonly dataverse: DataverseClient;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
}): Gate {
  let throttledUntil = 0;
  let toldUntil = 0;
  let throttling = Promise.resolve();
  let isThrottling = false;
  let closing: Promise<unknown> | null = null;
  let quietUntil = -Infinity;

  async function close(reason: "throttled" | "credentials", seconds?: number): Promise<boolean> {
    try {
      await queue.closeGate(reason, seconds);
      return true;
    } catch (error) {
      log({ level: "error", event: "gate_failed", ...describe(error) });
      return false;
    }
  }

  /** Fifty answers that arrive together say it once, to the database and to the operator. */
  async function reject(failureClass: FailureClass, aadsts?: readonly number[]): Promise<void> {
    if (clock.monotonic() >= quietUntil) {
      quietUntil = clock.monotonic() + QUIET_SECONDS * 1000;
      log({
        level: "error",
        event: "credentials_rejected",
        class: failureClass,
        ...(aadsts && { aadsts }),
      });
    }
    closing ??= close("credentials").finally(() => {
      closing = null;
    });
    await closing;
  }

  /** Tells the longest time asked for; what others ask for meanwhile goes into the next call. */
  async function throttle(): Promise<void> {
    isThrottling = true;
    while (toldUntil < throttledUntil) {
      const until = throttledUntil;
      if (!await close("throttled", (until - clock.monotonic()) / 1000)) break;
      toldUntil = until;
    }
    isThrottling = false;
  }

  async function checkHealth(): Promise<Health> {
    const token = await tokens.renew();
    const event = "health_check_failed";
    if (token.kind === "rejected") {
      log({ level: "error", event, class: "credentials_rejected", aadsts: token.aadsts });
      return { dynamics: "credentials_rejected", gate: "credentials" };
    }
    if (token.kind === "unavailable") {
      log({ level: "error", event, class: token.class });
      return { dynamics: token.class, gate: "none" };
    }
    const result = await dataverse.whoAmI();
    if (result.kind === "success") return { dynamics: "ok" };
    log({ level: "error", event, class: result.class });
    return { dynamics: result.class, gate: result.gate };
  }

  return {
    checkHealth,
    async obey(change) {
      if (change.kind === "credentials") {
        await reject(change.class);
      } else if (change.kind === "throttled") {
        throttledUntil = Math.max(throttledUntil, clock.monotonic() + change.seconds * 1000);
        if (!isThrottling) throttling = throttle();
        await throttling;
      }
    },
    rejectCredentials: ({ aadsts }) => reject("credentials_rejected", aadsts),
    async reopen() {
      if ((await checkHealth()).dynamics !== "ok") return false;
      try {
        await queue.openGate("credentials");
      } catch (error) {
        log({ level: "error", event: "gate_failed", ...describe(error) });
        return false;
      }
      log({ level: "info", event: "gate_opened" });
      return true;
    },
  };
}
