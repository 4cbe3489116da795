/** Longest wait of one mentor: nobody stays public for hours because of one header. */
export const LONGEST_MENTOR_WAIT_SECONDS = 900;
/** Longest time for which one answer may stop all workers. */
export const LONGEST_GATE_SECONDS = 3600;

/** The headers that ask to wait, and what one of their units is in seconds. */
const HEADERS = [["retry-after", 1], ["retry-after-ms", 0.001], [
  "x-ms-retry-after-ms",
  0.001,
]] as const;

// Dates hold commas themselves, so they are taken out before a repeated header is split at its commas.
const DATES =
  /(?:[A-Za-z]{3,9},? )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2}(?: [A-Z]{1,4}| ?[+-]\d{4})?|[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}|\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?/g;

/**
 * Reads how long an answer asks to wait: the longest of all that its headers say, in seconds, as an HTTP date or as a
 * timespan. Never longer than any cap; each use has its own.
 * <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
 *
 * @param now milliseconds since 1970
 * @returns seconds from now, more than 0; null when nothing asks for a wait
 *
 * @example
 * ```ts
 * import { readRetryAfter } from "./retry_after.ts";
 *
 * readRetryAfter(new Headers({ "retry-after": "120, 120" }), Date.now()); // 120
 * ```
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
  const waits = HEADERS.flatMap(([name, unit]) =>
    parseWaits(headers.get(name) ?? "", now).map((wait) => wait * unit)
  ).filter((wait) => wait > 0);
  return waits.length === 0 ? null : Math.max(...waits);
}

function parseWaits(value: string, now: number): number[] {
  const dates = value.match(DATES) ?? [];
  return [
    ...dates.map((date) => (Date.parse(inUtc(date)) - now) / 1000),
    ...value.replace(DATES, "").split(/[,;]/).map(parseSeconds),
  ].filter((seconds) => Number.isFinite(seconds));
}

/** Not every form names a zone; without one it would be read in the zone of this machine. */
function inUtc(date: string): string {
  if (/(?:[A-Z]|[+-]\d{2}:?\d{2})$/.test(date)) return date;
  return date + (/^\d{4}-/.test(date) ? "Z" : " GMT");
}

function parseSeconds(part: string): number {
  const text = part.trim().replace(/^["']+|["']+$/g, "").trim();
  const plain = /^\+?(\d+(?:\.\d+)?)(?:\s*(?:s|sec|secs|seconds?))?$/i.exec(text)?.[1];
  if (plain !== undefined) return Number(plain);
  // .NET writes a TimeSpan as [days.]hours:minutes:seconds[.fraction].
  const [, days, hours, minutes, seconds] =
    /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(text) ?? [];
  if (hours === undefined) return NaN;
  return ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}
