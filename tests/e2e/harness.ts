import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { type AuditRow, untilIdle } from "../../stack/observe.ts";
import { untilSilence } from "../../stack/silence.ts";
import type { Stack, StackOptions } from "../../stack/stack_types.ts";

/** Eight attempts as in production, but without the hours in between. */
export const QUICK_BACKOFF = { HLF_SYNC_BACKOFF_SECONDS: "0.1,0.1,0.1,0.1,0.1,0.1,0.1" };

/**
 * Runs scenarios on one stack, one after the other. Each begins with everything in step, nothing under way and nothing
 * recorded, and ends with the check that what Dynamics received and what the log holds is the same.
 */
export function stackTest(
  name: string,
  options: Omit<StackOptions, "database" | "ports">,
  scenarios: Record<string, (stack: Stack) => Promise<void>>,
): void {
  // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
  Deno.test({ name, sanitizeExit: false }, async (t) => {
    const stack = await startConfiguredStack({
      ...options,
      cron: false,
      websiteCacheSeconds: 0,
    });
    try {
      for (const [scenario, run] of Object.entries(scenarios)) {
        await t.step({
          name: scenario,
          sanitizeExit: false,
          async fn() {
            await untilIdle(stack);
            await untilSilence(stack, { withLog: true });
            await stack.simulator.clearRequests();
            await run(stack);
            await stack.simulator.clearFaults();
            stack.setRestFault(null);
            await untilIdle(stack);
            await assertLogMatchesDynamics(stack);
          },
        });
      }
    } finally {
      await stack.stop();
      Deno.exitCode = 0;
    }
  });
}

/** Rows without their ids, and with the request ids of Dynamics left out, to compare with a literal. */
export function withoutIds(rows: readonly AuditRow[]): Omit<AuditRow, "id">[] {
  return rows.map(({ id: _, error_message, ...row }) => ({
    ...row,
    error_message: error_message?.replace(/ request=[0-9a-f-]{36}$/, "") ?? null,
  }));
}
