import { type Cell, toCsv } from "../model/csv.ts";
import { parseError } from "../model/explain.ts";
import { dayOf, parseTimestamp } from "../model/moment.ts";
import type { Names } from "../model/names.ts";
import type { Attempt } from "../model/rows.ts";
import { describeEvent, explainError } from "./describe.ts";
import type { Words } from "./words.ts";

/** The log as a file for a spreadsheet, newest first; names are joined here and nowhere else. */
export function logCsv(
  attempts: readonly Attempt[],
  names: Names,
  words: Words,
): string {
  return toCsv([
    words.log.csvHeader,
    ...attempts.map((attempt) => logRow(attempt, names, words)),
  ]);
}

function logRow(attempt: Attempt, names: Names, words: Words): Cell[] {
  const isSuccess = attempt.outcome === "success";
  return [
    localTime(attempt.created_at),
    names.text(attempt.mentor_id, words, attempt.created_at),
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
