import { OperationError } from "../cli/errors.ts";

/** A day in UTC as `2026-11-01`. Such texts sort as the days do. */
export type Day = string;

/** @throws {OperationError} `usage` for what is no day of the calendar */
export function readDay(text: string, what: string): Day {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // The 31st of February would roll over into March.
  const isDay = !Number.isNaN(milliseconds) &&
    new Date(milliseconds).toISOString().startsWith(text);
  if (isDay) return text;
  throw new OperationError("usage", `Cannot read ${what}: it must be a day such as 2026-11-30`);
}

export function dayAfter(day: Day): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

/** The month of a day, as `2026-11`. */
function monthOf(day: Day): string {
  return day.slice(0, 7);
}

/** Every day of a range, both ends included. */
export function* daysBetween(from: Day, to: Day): Generator<Day> {
  for (let day = from; day <= to; day = dayAfter(day)) yield day;
}

/** The months of a range, each cut to it. */
export function monthsBetween(from: Day, to: Day): { month: string; from: Day; to: Day }[] {
  const months: { month: string; from: Day; to: Day }[] = [];
  for (const day of daysBetween(from, to)) {
    const last = months.at(-1);
    if (last?.month === monthOf(day)) last.to = day;
    else months.push({ month: monthOf(day), from: day, to: day });
  }
  return months;
}
