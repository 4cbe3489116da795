import { createAuditLogWriter, insertAuditRowsWith } from "../_shared/audit_log.ts";
import { createBackground, type NextTurn, systemNextTurn } from "../_shared/background.ts";
import { type Clock, type Sleep, systemClock, systemSleep } from "../_shared/clock.ts";
import { createDataverseClient } from "../_shared/dataverse/client.ts";
import { createTokenSource } from "../_shared/dataverse/token.ts";
import { consoleLog, type Log } from "../_shared/log.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import type { Settings } from "../_shared/settings.ts";
import { gateChange } from "../_shared/dataverse/decide.ts";
import { Drain } from "./drain.ts";
import { forceSync } from "./force_sync.ts";
import { createGate } from "./gate.ts";
import { createHandler, type Engine } from "./handler.ts";
import { createQueue } from "./queue.ts";
import { createNight, reconcile } from "./reconcile.ts";
import { createSettler } from "./settler.ts";

/** What the outside platform is, for tests that replace it. */
export interface Platform {
  /** Reaches Dynamics, Entra and the database. */
  readonly fetch: typeof globalThis.fetch;
  /** Tells the time. */
  readonly clock: Clock;
  /** Waits. */
  readonly sleep: Sleep;
  /** Lets what is being answered be answered first. */
  readonly nextTurn: NextTurn;
  /** From 0 up to 1, spreads the retries. */
  readonly random: () => number;
  /** Takes the lines for the operator. */
  readonly log: Log;
  /** Inside Supabase's runtime the wall clock started with the isolate, not with the request. */
  readonly isIsolateBounded: boolean;
  /** Calls this when the isolate is about to end. */
  readonly beforeUnload: (listener: () => void) => void;
}

/** Of 0.7 ms each: two seconds of processor time end an isolate without an event, and starting has its part. */
const MOST_ATTEMPTS = 1500;
/** An isolate near its end still has time for one round of claim, request and settle. */
const LEAST_BUDGET_SECONDS = 30;

/** The platform that the function is deployed on. */
export function systemPlatform(isIsolateBounded: boolean): Platform {
  return {
    fetch: (input, init) => fetch(input, init),
    clock: systemClock,
    sleep: systemSleep,
    nextTurn: systemNextTurn,
    random: Math.random,
    log: consoleLog,
    isIsolateBounded,
    beforeUnload: (listener) => addEventListener("beforeunload", listener),
  };
}

/**
 * Answers requests: one worker per isolate. The engine is made when a request first needs it, so that the first answer of
 * a cold isolate waits for nothing but what it takes to answer; for the same reason the schemas of answers are lazy.
 */
export function createWorker(
  settings: Settings,
  platform: Platform,
): (request: Request) => Promise<Response> {
  const startedAt = platform.clock.monotonic();
  let made: Engine | undefined;
  return createHandler({
    supabase: settings.supabase,
    engine: () => made ??= createEngine(settings, platform, startedAt),
    background: createBackground(platform.log, platform.nextTurn),
    log: platform.log,
  });
}

/**
 * Puts the parts together: one set of them per isolate.
 *
 * @param startedAt when the isolate started, by the platform's monotonic clock
 */
function createEngine(settings: Settings, platform: Platform, startedAt: number): Engine {
  const { fetch, clock, sleep, random, log } = platform;
  const { supabase, dynamics, sync } = settings;

  const tokens = createTokenSource({
    ...dynamics,
    resourceUrl: dynamics.url,
    timeoutSeconds: sync.requestTimeoutSeconds,
  }, { fetch, clock });
  const dataverse = createDataverseClient({
    ...dynamics,
    timeoutSeconds: sync.requestTimeoutSeconds,
  }, { fetch, clock, tokens });

  const asService = () => createDatabaseClient(supabase.url, supabase.secretKey, { fetch });
  const asUser = (userToken: string) =>
    createDatabaseClient(supabase.url, supabase.publishableKey, { userToken, fetch });
  const queue = createQueue(asService(), supabase.projectUrl);
  const night = createNight(asService());
  // A client of its own: nothing of the sync waits behind an audit insert, or the other way round.
  const audit = createAuditLogWriter(insertAuditRowsWith(asService()), { log, sleep });
  const gate = createGate({ queue, dataverse, tokens, clock, log, settings: sync });
  const settler = createSettler({ queue, sleep, log });
  const parts = {
    ...{ queue, dataverse, tokens, audit, gate, settler, clock, sleep, random, log },
    settings: sync,
  };

  const drain = new Drain({
    ...parts,
    mostAttempts: platform.isIsolateBounded ? MOST_ATTEMPTS : Infinity,
    timeBudget: () => {
      if (!platform.isIsolateBounded) return sync.timeBudgetSeconds;
      const age = (clock.monotonic() - startedAt) / 1000;
      return Math.max(sync.timeBudgetSeconds - age, LEAST_BUDGET_SECONDS);
    },
  });
  platform.beforeUnload(() => drain.stop());
  const drainAndFlush = async () => {
    await drain.drain();
    await audit.idle();
  };

  return {
    drain: drainAndFlush,
    nightly: async () => {
      const health = await gate.checkHealth();
      if (health.dynamics === "ok") {
        // Who expired tonight is due already and need not wait for the listings to be read.
        await Promise.all([
          drainAndFlush(),
          reconcile({
            night,
            listings: () => dataverse.listings(),
            admit: () => queue.admitRequest(),
            apply: (failure) => gate.apply(gateChange(failure, sync)),
            organisationId: health.organisationId,
            log,
          })
            // What was found does not wait for a drain that sleeps until a later attempt is due.
            .then(drainAndFlush),
        ]);
        return;
      }
      if (health.gate === "credentials") {
        await gate.apply({ kind: "credentials", class: health.dynamics });
      }
      await drainAndFlush();
    },
    checkHealth: gate.checkHealth,
    confirmProject: queue.confirmProject,
    forceSync: (mentorId, token) => forceSync({ ...parts, asUser }, mentorId, token),
  };
}
