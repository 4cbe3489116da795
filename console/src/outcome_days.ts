import { addDays, type Day, dayOf, daysBetween, parseTimestamp } from "./moment.ts";
import type { Attempt, Outcome } from "./rows.ts";

/** The attempts of a stretch of days by outcome. */
export interface OutcomeDays {
  readonly first: Day;
  readonly last: Day;
  readonly counts: Record<Outcome, number>;
}

/** So many days can be told apart on a phone; beyond that a bar stands for a week. */
const MOST_BARS = 62;

/** Counts attempts for each day in Europe/Oslo, empty days included, or for each week of a long time. */
export function countByDay(
  attempts: Iterable<Pick<Attempt, "created_at" | "outcome">>,
  from: Day,
  to: Day,
): OutcomeDays[] {
  const length = daysBetween(from, to) + 1 > MOST_BARS ? 7 : 1;
  const stretches: OutcomeDays[] = [];
  for (let first = from; first <= to; first = addDays(first, length)) {
    const last = addDays(first, length - 1);
    stretches.push({
      first,
      last: last < to ? last : to,
      counts: { success: 0, failure: 0, dead_lettered: 0 },
    });
  }
  for (const { created_at, outcome } of attempts) {
    const moment = parseTimestamp(created_at);
    if (moment === null) continue;
    const stretch = stretches[Math.floor(daysBetween(from, dayOf(moment)) / length)];
    if (stretch !== undefined) stretch.counts[outcome]++;
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
