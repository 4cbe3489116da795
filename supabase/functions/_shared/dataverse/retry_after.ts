/** A header asking for more is taken for a fault: nobody stays public a day for one answer. */
export const LONGEST_RETRY_AFTER_SECONDS = 86_400;

/**
 * Reads `Retry-After`, in seconds or as an HTTP date.
 * <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
 *
 * @param now milliseconds since 1970
 * @returns seconds from now, 0 or more; null when missing or unreadable
 *
 * @example
 * ```ts
 * import { parseRetryAfter } from "./retry_after.ts";
 *
 * parseRetryAfter("120", Date.now()); // 120
 * ```
 */
export function parseRetryAfter(value: string | null, now: number): number | null {
  const text = value?.trim() ?? "";
  let seconds: number;
  if (/^\d+(\.\d+)?$/.test(text)) {
    seconds = Number(text);
  } else if (/^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text)) {
    seconds = (Date.parse(text) - now) / 1000;
  } else {
    return null;
  }
  if (Number.isNaN(seconds)) return null;
  return Math.min(Math.max(seconds, 0), LONGEST_RETRY_AFTER_SECONDS);
}
