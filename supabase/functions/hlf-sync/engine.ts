import { createAuditLogWriter, insertAuditRowsWith } from "../_shared/audit_log.ts";
import { createDataverseClient } from "../_shared/dataverse/client.ts";
import { createTokenSource } from "../_shared/dataverse/token.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import type { Settings } from "../_shared/settings.ts";
import { gateChange } from "../_shared/dataverse/decide.ts";
import { Drain } from "./drain.ts";
import { forceSync } from "./force_sync.ts";
import { createGate } from "./gate.ts";
import type { Engine } from "./handler.ts";
import { createQueue } from "./queue.ts";
import { createNight, reconcile } from "./reconcile.ts";
import { createSettler } from "./settler.ts";
import type { Platform } from "./worker.ts";

/** Some 7 ms each with all that follows (`deno task bench isolate`), of the two seconds of processor time of an isolate's life. */
const MOST_CLAIMS = 150;
/** An isolate near its end still has time for one round of claim, request and settle. */
const LEAST_BUDGET_SECONDS = 30;

/**
 * Puts the parts together: one set of them per isolate.
 *
 * @param startedAt when the isolate started, by the platform's monotonic clock
 */
export function createEngine(settings: Settings, platform: Platform, startedAt: number): Engine {
  const { fetch, clock, sleep, random, log } = platform;
  const { supabase, dynamics, sync } = settings;

  const reached = { ...dynamics, timeoutSeconds: sync.requestTimeoutSeconds };
  const tokens = createTokenSource({ ...reached, resourceUrl: dynamics.url }, { fetch, clock });
  const dataverse = createDataverseClient(reached, { fetch, clock, tokens });

  const asService = () => createDatabaseClient(supabase.url, supabase.secretKey, { fetch });
  const asUser = (userToken: string) =>
    createDatabaseClient(supabase.url, supabase.publishableKey, { userToken, fetch });
  const queue = createQueue(asService(), supabase.projectUrl);
  const night = createNight(asService());
  // A client of its own: nothing of the sync waits behind an audit insert, or the other way round.
  const audit = createAuditLogWriter(insertAuditRowsWith(asService()), { log, sleep });
  const gate = createGate({ queue, dataverse, tokens, clock, log, settings: sync });
  const settler = createSettler({ queue, sleep, log });
  const made = { queue, dataverse, tokens, audit, gate, settler, clock, sleep, random, log };
  const parts = { ...made, settings: sync };

  const drain = new Drain({
    ...parts,
    mostClaims: platform.isIsolateBounded ? MOST_CLAIMS : Infinity,
    timeBudget: () => {
      if (!platform.isIsolateBounded) return sync.timeBudgetSeconds;
      const age = (clock.monotonic() - startedAt) / 1000;
      return Math.max(sync.timeBudgetSeconds - age, LEAST_BUDGET_SECONDS);
    },
  });
  // Memory may be freed after it was said to run out. Near every other limit an isolate is asked for nothing any more.
  platform.beforeUnload((reason) => drain.stop({ forGood: reason !== "memory" }));
  const drainAndFlush = async () => {
    await drain.drain();
    await audit.idle();
  };

  return {
    drain: drainAndFlush,
    nightly: async () => {
      const health = await gate.checkHealth();
      if (health.dynamics !== "ok") {
        const { dynamics, gate: kind } = health;
        if (kind === "credentials") await gate.apply({ kind, class: dynamics });
        return await drainAndFlush();
      }
      const reconciled = reconcile({
        night,
        listings: () => dataverse.listings(),
        admit: () => queue.admitRequest(),
        apply: (failure) => gate.apply(gateChange(failure, sync)),
        organisationId: health.organisationId,
        log,
      });
      // Neither waits for the other: who expired tonight for the listings, what is found there for a drain that sleeps.
      await Promise.all([drainAndFlush(), reconciled.then(drainAndFlush)]);
    },
    checkHealth: gate.checkHealth,
    confirmProject: queue.confirmProject,
    forceSync: (mentorId, token) => forceSync({ ...parts, asUser }, mentorId, token),
  };
}
