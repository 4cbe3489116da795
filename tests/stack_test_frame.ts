import { startConfiguredStack } from "../stack/configured_stack.ts";
import type { Stack, StackOptions } from "../stack/stack_types.ts";

/** Runs one part of a test, which is named and counted by itself. */
type Step = (name: string, run: () => void | Promise<void>) => Promise<unknown>;

/** A test that has a stack of its own: without jobs, and with a public page that shows at once what Dynamics has. */
export function stackTest(
  name: string,
  options: Omit<StackOptions, "database">,
  run: (stack: Stack, step: Step) => Promise<void>,
): void {
  // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
  const sanitizeExit = false;
  Deno.test({ name, sanitizeExit }, async (t) => {
    const stack = await startConfiguredStack({ cron: false, websiteCacheSeconds: 0, ...options });
    try {
      await run(stack, (name, fn) => t.step({ name, sanitizeExit, fn }));
    } finally {
      await stack.stop();
      Deno.exitCode = 0;
    }
  });
}
