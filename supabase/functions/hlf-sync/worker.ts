import { createBackground, systemNextTurn } from "../_shared/background.ts";
import { systemClock, systemSleep } from "../_shared/clock.ts";
import { consoleLog } from "../_shared/log.ts";
import type { Settings } from "../_shared/settings.ts";
import { createEngine, type Engine, type Platform } from "./engine.ts";
import { createHandler } from "./handler.ts";

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
  const engine = () => made ??= createEngine(settings, platform, startedAt);
  return createHandler({
    supabase: settings.supabase,
    drain: () => engine().drain(),
    nightly: () => engine().nightly(),
    checkHealth: () => engine().checkHealth(),
    confirmProject: (question) => engine().confirmProject(question),
    forceSync: (mentorId, token) => engine().forceSync(mentorId, token),
    background: createBackground(platform.log, platform.nextTurn),
    log: platform.log,
  });
}
