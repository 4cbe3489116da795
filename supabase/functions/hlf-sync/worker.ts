import { createBackground, type NextTurn, systemNextTurn } from "../_shared/background.ts";
import { type Clock, type Sleep, systemClock, systemSleep } from "../_shared/clock.ts";
import { consoleLog, type Log } from "../_shared/log.ts";
import type { Settings } from "../_shared/settings.ts";
import { createHandler, type Engine } from "./handler.ts";

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
  /** Calls this when the isolate is about to end, with the reason. */
  readonly beforeUnload: (listener: (reason: unknown) => void) => void;
}

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
    // <https://supabase.com/docs/guides/functions/background-tasks>
    beforeUnload: (listener) =>
      addEventListener("beforeunload", (event: CustomEventInit) => listener(event.detail?.reason)),
  };
}

/** Gives `engine.ts`, which is loaded when a request first needs it. */
export type LoadEngine = () => Promise<{
  createEngine(settings: Settings, platform: Platform, startedAt: number): Engine;
}>;

/**
 * Answers requests: one worker per isolate. The engine is loaded and made when a request first needs it, so that the first
 * answer of a cold isolate waits for nothing but what it takes to answer; for the same reason schemas are lazy.
 */
export function createWorker(
  settings: Settings,
  platform: Platform,
  loadEngine: LoadEngine,
): (request: Request) => Promise<Response> {
  const startedAt = platform.clock.monotonic();
  let made: Engine | undefined;
  return createHandler({
    supabase: settings.supabase,
    engine: async () => {
      const { createEngine } = await loadEngine();
      return made ??= createEngine(settings, platform, startedAt);
    },
    background: createBackground(platform.log, platform.nextTurn),
    log: platform.log,
  });
}
