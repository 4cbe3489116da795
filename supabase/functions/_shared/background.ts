import { type Log, safeCode } from "./log.ts";

/**
 * What Supabase's edge runtime adds to the global scope.
 * <https://supabase.com/docs/guides/functions/background-tasks>
 */
interface EdgeRuntime {
  waitUntil(promise: Promise<unknown>): void;
}

function edgeRuntime(): EdgeRuntime | undefined {
  return (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime;
}

/** Whether this isolate is one of Supabase's, with a wall clock that runs out. */
export function insideEdgeRuntime(): boolean {
  return edgeRuntime() !== undefined;
}

/** Starts work that outlives the answer. */
export type RunInBackground = (work: () => Promise<unknown>) => void;

/**
 * Keeps the isolate alive until the work is done. A plain Deno process lives anyway; there only
 * the rejection has to be caught, or it would end the process.
 */
export function createBackground(log: Log): RunInBackground {
  return (work) => {
    const promise = (async () => await work())().catch((error: unknown) => {
      log({
        level: "error",
        event: "internal_error",
        code: safeCode(error instanceof Error ? error.name : undefined),
      });
    });
    edgeRuntime()?.waitUntil(promise);
  };
}
