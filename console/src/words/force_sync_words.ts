import type { ForceSync } from "../api/actions.ts";
import type { Operation } from "../model/rows.ts";
import { describeTimestamp, explainError } from "./describe.ts";
import type { Circumstances } from "./describe_state.ts";
import type { Words } from "./words.ts";

/** A result in words: what happened, and what to do if anything. */
interface Message {
  readonly tone: "busy" | "good" | "wait" | "bad";
  readonly text: readonly string[];
}

/**
 * What came of a press of the button, for a person.
 *
 * @param wanted what was wanted of Dynamics, for answers that do not say it
 */
export function describeForceSync(
  sync: ForceSync,
  name: string,
  wanted: Operation,
  { now, hold, lagMinutes }: Omit<Circumstances, "words">,
  words: Words,
): Message {
  const { force } = words;
  if (sync.kind === "busy") return { tone: "busy", text: [force.busy(name)] };
  if (sync.kind === "refused") return { tone: "bad", text: [force.refused[sync.reason]] };

  const { outcome, operation, error, next_attempt_at } = sync.report;
  const next = describeTimestamp(next_attempt_at ?? null, now, words);
  const explained = explainError(error, words);
  switch (outcome) {
    case "success":
      return {
        tone: "good",
        text: [force.done[operation ?? wanted](name), words.meaning.lag(lagMinutes)],
      };
    case "failure":
      return {
        tone: "wait",
        text: [
          force.failed(name),
          `${explained.title}. ${explained.meaning}`,
          // While nothing can be sent, no word of a next attempt is true.
          ...(hold !== null
            ? [words.mentors.todoHeld]
            : [explained.whileRetried, ...(next === "" ? [] : [force.failedNext(next)])]),
        ],
      };
    case "dead_lettered":
      return {
        tone: "bad",
        text: [
          force.stuck(name),
          `${explained.title}. ${explained.meaning}`,
          hold === null ? explained.onceStuck : words.mentors.todoStuckAndHeld,
        ],
      };
    case "pending":
      return {
        tone: "wait",
        text: [
          force.pending(name),
          ...(error === null ? [] : [`${explained.title}. ${explained.meaning}`]),
          hold === null ? force.pendingHelp : force.pendingHeld,
        ],
      };
  }
}
