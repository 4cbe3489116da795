import { type Cell, toCsv } from "./csv.ts";
import { parseError } from "./explain.ts";
import { dayOf, parseTimestamp } from "./moment.ts";
import type { Attempt, Mentor } from "./rows.ts";
import { describeEvent, explainError, nameOf } from "./words/describe.ts";
import type { Words } from "./words/words.ts";

/** The log as a file for a spreadsheet, newest first; names are joined here and nowhere else. */
export function logCsv(
  attempts: readonly Attempt[],
  mentors: ReadonlyMap<string, Mentor>,
  words: Words,
): string {
  return toCsv([
    words.log.csvHeader,
    ...attempts.map((attempt) => logRow(attempt, mentors.get(attempt.mentor_id), words)),
  ]);
}

function logRow(attempt: Attempt, mentor: Mentor | undefined, words: Words): Cell[] {
  const isSuccess = attempt.outcome === "success";
  return [
    localTime(attempt.created_at),
    nameOf(mentor, attempt.mentor_id, words),
    attempt.mentor_id,
    words.operation[attempt.operation],
    words.outcome[attempt.outcome],
    attempt.dynamics_response_code,
    attempt.retry_count,
    isSuccess ? null : parseError(attempt.error_message)?.class ?? attempt.error_message,
    isSuccess ? null : explainError(attempt.error_message, words).title,
    describeEvent(attempt.triggered_by_event, words),
    attempt.id,
  ];
}

const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Oslo",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function localTime(timestamp: string): string {
  const moment = parseTimestamp(timestamp);
  return moment === null ? timestamp : `${dayOf(moment)} ${clock.format(moment)}`;
}
