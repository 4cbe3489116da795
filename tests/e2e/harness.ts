import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { type AuditRow, untilIdle } from "../../stack/observe.ts";
import { untilSilence } from "../../stack/silence.ts";
import type { Stack, StackOptions } from "../../stack/stack_types.ts";
import { stackTest } from "../stack_test_frame.ts";

/** Eight attempts as in production, but without the hours in between. */
export const QUICK_BACKOFF = { HLF_SYNC_BACKOFF_SECONDS: "0.1,0.1,0.1,0.1,0.1,0.1,0.1" };

/**
 * Runs scenarios on one stack, one after the other. Each begins with everything in sync, nothing under way and nothing
 * recorded, and ends with the check that what Dynamics received and what the log holds is the same.
 */
export function scenariosTest(
  name: string,
  options: Omit<StackOptions, "database" | "ports">,
  scenarios: Record<string, (stack: Stack) => Promise<void>>,
): void {
  stackTest(name, options, async (stack, step) => {
    for (const [scenario, run] of Object.entries(scenarios)) {
      await step(scenario, async () => {
        await untilIdle(stack);
        await untilSilence(stack, { withLog: true });
        await stack.simulator.clearRequests();
        await run(stack);
        await stack.simulator.clearFaults();
        stack.setRestFault(null);
        await untilIdle(stack);
        await assertLogMatchesDynamics(stack);
      });
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
