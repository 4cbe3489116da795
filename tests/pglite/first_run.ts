/**
 * Starts a stack, waits until the function works, and starts every other program once: what `first_run_test.ts` runs with a
 * cache of its own.
 *
 * @module
 */
import { startDeno } from "../../stack/machine/deno_process.ts";
import { eventually, post } from "../../stack/observe.ts";
import { startStack } from "../../stack/stack.ts";

/** Programs beside the function and the simulator that are started in a Deno of their own. */
const PROGRAMS = [
  "stack/database/make_pglite_template.ts",
  "supabase/functions/hlf-sync/index.ts",
  "bench/programs/ceiling.ts",
  "bench/programs/graphile_worker.ts",
  "bench/programs/pg_boss.ts",
];

const stack = await startStack({ cron: false, progress: console.log });
try {
  // Dynamics may be late on a busy machine; that the function works is enough.
  await eventually("the function works with Dynamics", async () => {
    const answer = await post(stack, { type: "health" }, { apikey: stack.secretKey });
    return answer.status === 200 && answer.body.dynamics === "ok";
  });
} finally {
  await stack.stop();
}
for (const program of PROGRAMS) {
  // Without arguments each ends at once, after it has loaded everything it imports.
  const process = startDeno({
    name: program,
    program,
    flags: ["-A"],
    onLine: ({ line }) => console.log(`${program}: ${line}`),
  });
  if ((await process.ended).success) throw new Error(`${program} did not ask for its arguments`);
}
// PGlite leaves an exit code of its own behind.
Deno.exit(0);
