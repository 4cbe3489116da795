import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { auditRows, lastAttempt, mentor, untilIdle } from "../../stack/observe.ts";
import type { ReachableStack } from "../../stack/stack_types.ts";
import type { Chapter } from "./story.ts";

async function names(stack: ReachableStack): Promise<string> {
  const onWebsite = new Set(await stack.simulator.website());
  const listings = await stack.simulator.listings();
  return listings.filter(({ mentorId }) => mentorId !== null && onWebsite.has(mentorId))
    .map(({ name }) => name).join(", ");
}

/** Plays a story chapter by chapter, and tells what each leaves; throws where something does not hold. */
export async function playStory<S extends ReachableStack>(
  stack: S,
  story: readonly Chapter<S>[],
): Promise<void> {
  await untilIdle(stack);
  console.log(`\nOn the website: ${await names(stack)}`);
  await stack.simulator.clearRequests();
  for (const [index, { title, mentors, play }] of story.entries()) {
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
  await untilIdle(stack);
  const attempts = await assertLogMatchesDynamics(stack);
  console.log(
    `\nAll of it held. Dynamics received ${attempts} attempts, and the audit log has one row for each.`,
  );
}
