import type { Clock } from "../_shared/clock.ts";
import type { DataverseClient } from "../_shared/dataverse/client.ts";
import { causeOf } from "../_shared/aadsts.ts";
import type { FailureClass } from "../_shared/dataverse/classify.ts";
import type { TokenOutcome, TokenSource } from "../_shared/dataverse/token.ts";
import { describe } from "../_shared/errors.ts";
import type { Log } from "../_shared/log.ts";
import { type GateChange, gateChange, type RetrySettings } from "../_shared/dataverse/decide.ts";
import type { Queue } from "./queue.ts";

/** `ok`, or why Dynamics did not answer WhoAmI, and what that closes the gate for. */
export type Health =
  | { readonly dynamics: "ok"; readonly organisationId: string | null }
  | { readonly dynamics: FailureClass; readonly gate: "none" | "throttled" | "credentials" };

/** Tells the database why all workers are to stop, and asks Dynamics whether they may go on. */
export interface Gate {
  /** Closes the gate if the decision says so. Never throws: a gate left open costs a request. */
  apply(change: GateChange): Promise<void>;
  /** Closes it for credentials that Entra rejected, with the line for the operator. */
  rejectCredentials(outcome: Extract<TokenOutcome, { kind: "rejected" }>): Promise<void>;
  /** Asks for a new token and for WhoAmI, unless a throttle forbids it; a wait that is asked for holds everybody. */
  checkHealth(): Promise<Health>;
  /**
   * Opens a gate that is closed for credentials or settings if a health check passes, for one attempt to show whether it
   * may stay so. @returns whether it is open; null: it may be opened, and the database could not be told
   */
  reopen(reason: "credentials" | "settings"): Promise<boolean | null>;
}

/** For so long one line about rejected credentials is enough. */
const QUIET_SECONDS = 10;
/** Answers that arrive within this time are told to the database once. */
const TOGETHER_SECONDS = 1;

/** What a line for the operator says of a failure. */
const failed = (failureClass: FailureClass, aadsts?: readonly number[]) => ({
  level: "error" as const,
  class: failureClass,
  ...(aadsts && { aadsts, cause: causeOf(aadsts) }),
});

/** The gate in the database, which every worker obeys. */
export function createGate({ queue, dataverse, tokens, clock, log, settings }: {
  readonly queue: Queue;
  readonly dataverse: DataverseClient;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<RetrySettings, "backoffSeconds">;
}): Gate {
  let throttledUntil = 0;
  let toldUntil = 0;
  let toldAt = -Infinity;
  let throttling = Promise.resolve();
  let isThrottling = false;
  let closing: Promise<unknown> | null = null;
  let quietUntil = -Infinity;

  /** What the database answers, or `otherwise` while it is away. */
  async function ask<T>(call: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await call();
    } catch (error) {
      log({ level: "error", event: "gate_failed", ...describe(error) });
      return otherwise;
    }
  }

  const close = (reason: "throttled" | "credentials", seconds?: number) =>
    ask(() => queue.closeGate(reason, seconds).then(() => true), false);

  /** Fifty answers that arrive together say it once, to the database and to the operator. */
  async function reject(failureClass: FailureClass, aadsts?: readonly number[]): Promise<void> {
    if (clock.monotonic() >= quietUntil) {
      quietUntil = clock.monotonic() + QUIET_SECONDS * 1000;
      log({ event: "credentials_rejected", ...failed(failureClass, aadsts) });
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
      toldAt = clock.monotonic();
    }
    isThrottling = false;
  }

  async function checkHealth(): Promise<Health> {
    const health = await examine();
    if (health !== null) await note(health);
    return health ?? { dynamics: "throttled", gate: "none" };
  }

  /** Rejected credentials and a throttle have words of their own; everything else is Dynamics being away. */
  async function note({ dynamics }: Health): Promise<void> {
    if (["credentials_rejected", "forbidden", "throttled"].includes(dynamics)) return;
    await ask(() => queue.noteHealth(dynamics === "ok"), undefined);
  }

  /** Null when nothing may be asked now. */
  async function examine(): Promise<Health | null> {
    const event = "health_check_failed";
    // The database being away forbids nothing: a health check is worth most when something is wrong.
    if (!await ask(() => queue.admitRequest(), true)) {
      log({ level: "warning", event, class: "throttled" });
      return null;
    }
    const token = await tokens.renew();
    if (token.kind === "rejected") {
      log({ event, ...failed("credentials_rejected", token.aadsts) });
      return { dynamics: "credentials_rejected", gate: "credentials" };
    }
    if (token.kind === "unavailable") {
      log({ event, ...failed(token.class) });
      return { dynamics: token.class, gate: "none" };
    }
    const result = await dataverse.whoAmI();
    if (result.kind === "success") {
      return { dynamics: "ok", organisationId: result.organisationId };
    }
    log({ event, ...failed(result.class) });
    if (result.gate === "throttled") await apply(gateChange(result, settings));
    if (result.gate !== "undecided") return { dynamics: result.class, gate: result.gate };
    // WhoAmI is about no listing, so a refusal of it is everybody's.
    return { dynamics: result.class, gate: result.class === "forbidden" ? "credentials" : "none" };
  }

  async function apply(change: GateChange): Promise<void> {
    if (change.kind === "credentials") {
      await reject(change.class);
    } else if (change.kind === "throttled") {
      // What was told a while ago may have been undone by hand since; only answers that arrive together are told once.
      const isOld = clock.monotonic() - toldAt > TOGETHER_SECONDS * 1000;
      if (isOld && toldUntil >= throttledUntil) toldUntil = throttledUntil = 0;
      throttledUntil = Math.max(throttledUntil, clock.monotonic() + change.seconds * 1000);
      if (!isThrottling) throttling = throttle();
      await throttling;
    }
  }

  return {
    checkHealth,
    apply,
    rejectCredentials: ({ aadsts }) => reject("credentials_rejected", aadsts),
    async reopen(reason) {
      if ((await checkHealth()).dynamics !== "ok") return false;
      const isOpen = await ask(() => queue.openGate(reason).then(() => true), null);
      if (isOpen) log({ level: "info", event: "gate_opened" });
      return isOpen;
    },
  };
}
