/**
 * Plays random schedules of changes and faults on a real PostgreSQL server with several processes of the function, and
 * checks after each that nothing was lost. A seed that fails prints itself, and plays again with `--seed`.
 *
 * @module
 */
import { untilInterrupted } from "../../tasks/until_interrupted.ts";
import { runCommand } from "../../tasks/run_command.ts";
import { preparePrograms } from "../../stack/packages.ts";
import { parseChaosArguments } from "./arguments.ts";
import { surviveLostConnections } from "./backend.ts";
import { Tally } from "./tally.ts";
import { runLane, type SeedQueue } from "./lane.ts";

await runCommand(async () => {
  const { seeds, lanes } = parseChaosArguments(Deno.args);
  await preparePrograms({ tell: console.log });
  surviveLostConnections();
  // REST and the stand-in for pg_net print each of the faults that schedules are made of.
  const { error } = console;
  console.error = () => {};
  const startedAt = performance.now();
  const interruption = new AbortController();
  untilInterrupted().then(() => interruption.abort());
  const queue: SeedQueue = {
    waiting: [...seeds],
    passed: 0,
    failed: [],
    attempts: new Tally(),
    blows: new Tally(),
    interrupted: interruption.signal,
  };
  try {
    await Promise.all(
      Array.from({ length: Math.min(lanes, seeds.length) }, () => runLane(queue)),
    );
  } finally {
    console.error = error;
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${seeds.length} schedules in ${seconds} s`);
  console.log(`Attempts: ${queue.attempts}`);
  console.log(`Blows: ${queue.blows}`);
  for (const seed of queue.failed) console.log(`Play again: deno task chaos --seed ${seed}`);
  console.log(`${queue.passed} passed, ${queue.failed.length} failed`);
  if (interruption.signal.aborted) return 130;
  return queue.failed.length === 0 && queue.passed > 0 ? 0 : 1;
});
