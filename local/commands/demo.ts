/**
 * Plays the story of a mentor's listing once, on a stack of its own, and ends with 0 only if all of it held.
 *
 * @module
 */
import { assertLogMatchesDynamics } from "../stack/evidence.ts";
import { DEMO_SETTINGS, STORY } from "../demo/story.ts";
import { startConfiguredStack } from "../stack/configured_stack.ts";
import { auditRows, lastAttempt, mentor, settled } from "../stack/observe.ts";
import type { Stack } from "../stack/stack_types.ts";
import { runCommand } from "./run_command.ts";
import { untilInterrupted } from "./until_interrupted.ts";

async function names(stack: Stack): Promise<string> {
  const onWebsite = new Set(await stack.simulator.website());
  const listings = await stack.simulator.listings();
  return listings.filter(({ mentorId }) => mentorId !== null && onWebsite.has(mentorId))
    .map(({ name }) => name).join(", ");
}

async function play(stack: Stack): Promise<void> {
  await settled(stack);
  console.log(`\nOn the website: ${await names(stack)}`);
  await stack.simulator.clearRequests();
  for (const [index, { title, mentors, play }] of STORY.entries()) {
    console.log(`\n${index + 1}. ${title}`);
    const before = new Map<string, string | undefined>();
    for (const code of mentors) before.set(code, await lastAttempt(stack, code));
    const notes: string[] = [];
    await play(stack, (line) => notes.push(line));
    for (const [code, last] of before) {
      for (const row of await auditRows(stack, code, last)) {
        console.log(
          `   ${row.operation} …${mentor(code).slice(-2)}: ${row.outcome} ` +
            `${row.dynamics_response_code ?? "no answer"} ${row.triggered_by_event} ` +
            `retry_count ${row.retry_count}${row.error_message ? ` (${row.error_message})` : ""}`,
        );
      }
    }
    for (const line of notes) console.log(`   ${line}`);
    console.log(`   on the website: ${await names(stack)}`);
  }
  await settled(stack);
  const attempts = await assertLogMatchesDynamics(stack);
  console.log(
    `\nAll of it held. Dynamics received ${attempts} attempts, and the audit log has one row for each.`,
  );
}

await runCommand(async () => {
  const interrupted = untilInterrupted().then(() => "interrupted" as const);
  const starting = startConfiguredStack({
    cron: false,
    websiteCacheSeconds: 0,
    functionEnvironment: DEMO_SETTINGS,
    progress: (message) => console.log(`${message} …`),
  });
  const stack = await starting;
  try {
    const ended = await Promise.race([play(stack), interrupted]);
    return ended === "interrupted" ? 130 : 0;
  } finally {
    await stack.stop();
  }
});
