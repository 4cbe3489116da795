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

/** Resolves in a later turn of the event loop. */
export type NextTurn = () => Promise<void>;

/** A message to oneself is a turn of the event loop; the first timer costs a cold process of Deno milliseconds more. */
export function systemNextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Starts work a turn later, so that the answer goes out before a cold isolate makes its first request, and keeps the
 * isolate alive until the work is done. A plain Deno process lives anyway; there only
 * the rejection has to be caught, or it would end the process.
 */
export function createBackground(log: Log, nextTurn: NextTurn): RunInBackground {
  return (work) => {
    const promise = nextTurn().then(work).catch((error: unknown) => {
      log({
        level: "error",
        event: "internal_error",
        code: safeCode(error instanceof Error ? error.name : undefined),
      });
    });
    edgeRuntime()?.waitUntil(promise);
  };
}
