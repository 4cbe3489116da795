const DAY_MS = 86_400_000;

const osloDate = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Oslo", dateStyle: "short" });
const osloTime = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Oslo", timeStyle: "short" });

/** A day in Europe/Oslo as `YYYY-MM-DD`. */
export type Day = string;

/**
 * Reads a timestamp as REST writes it, with a space or a `T` and with `+00` or `+00:00`; not every
 * browser reads more than the ISO form. Null for `infinity` and whatever else is no moment.
 */
export function parseTimestamp(text: string | null): Date | null {
  if (text === null) return null;
  const moment = new Date(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** The day in Europe/Oslo on which a moment falls. */
export function dayOf(moment: Date): Day {
  return osloDate.format(moment);
}

/** Counts in calendar days, so that summer time makes no day longer. */
export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days lie between two days; 0 for the same day. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / DAY_MS);
}

/** The first moment of a day in Europe/Oslo. */
export function startOfDay(day: Day): Date {
  const utc = Date.parse(`${day}T00:00:00Z`);
  const summer = new Date(utc - 2 * 3_600_000);
  return dayOf(summer) === day && osloTime.format(summer) === "00:00"
    ? summer
    : new Date(utc - 3_600_000);
}

/** Whether a text is a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const moment = new Date(`${text}T12:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}
