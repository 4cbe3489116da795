import { addDays, type Day, daysBetween } from "./moment.ts";
import type { Outcome } from "./rows.ts";

/** The attempts of a stretch of days by outcome. */
export interface OutcomeDays {
  readonly first: Day;
  readonly last: Day;
  readonly counts: Record<Outcome, number>;
}

/** So many days can be told apart on a phone; beyond that a bar stands for a week. */
const MOST_BARS = 62;

/** How many days a bar stands for: a day, or a week of a long time. */
export function daysEach(from: Day, to: Day): 1 | 7 {
  return daysBetween(from, to) + 1 > MOST_BARS ? 7 : 1;
}

/** What the database has counted, with the empty days, or weeks, that it leaves out. */
export function fillDays(
  counted: readonly ({ readonly first_day: Day } & Record<Outcome, number>)[],
  from: Day,
  to: Day,
): OutcomeDays[] {
  const length = daysEach(from, to);
  const byDay = new Map(counted.map((row) => [row.first_day, row]));
  const stretches: OutcomeDays[] = [];
  for (let first = from; first <= to; first = addDays(first, length)) {
    const last = addDays(first, length - 1);
    const { success = 0, failure = 0, dead_lettered = 0 } = byDay.get(first) ?? {};
    stretches.push({
      first,
      last: last < to ? last : to,
      counts: { success, failure, dead_lettered },
    });
  }
  return stretches;
}

/** Round steps for an axis from zero, at most four of them, the last at or above the highest value. */
export function axisSteps(highest: number): number[] {
  const top = Math.max(highest, 1);
  const rough = top / 4;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * magnitude).find((step) => step >= rough) ?? rough,
  );
  const steps = [0];
  for (let value = step; value < top + step; value += step) steps.push(value);
  return steps;
}
