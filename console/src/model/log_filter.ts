import { addDays, type Day, dayOf, isDay } from "./moment.ts";
import { type Outcome, OUTCOMES } from "./rows.ts";

/** What the log shows. Both days are included, and count in Europe/Oslo. */
export interface LogFilter {
  readonly mentorId: string | null;
  readonly outcome: Outcome | null;
  readonly from: Day;
  readonly to: Day;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** No log is older; somebody who types a year passes through the years 2, 20 and 202. */
export const FIRST_DAY: Day = "2020-01-01";

/** Reads a filter from an address; what is missing or makes no sense is the last thirty days, of everybody. */
export function readFilter(parameters: URLSearchParams, now: Date): LogFilter {
  const mentorId = parameters.get("mentor") ?? "";
  const outcome = parameters.get("outcome");
  const today = dayOf(now);
  const to = earlier(dayOr(parameters.get("to"), today), today);
  const from = dayOr(parameters.get("from"), addDays(to, -29));
  return {
    mentorId: UUID.test(mentorId) ? mentorId : null,
    outcome: OUTCOMES.find((known) => known === outcome) ?? null,
    from: from <= to ? from : to,
    to,
  };
}

function dayOr(text: string | null, otherwise: Day): Day {
  return text !== null && isDay(text) && text >= FIRST_DAY ? text : otherwise;
}

function earlier(a: Day, b: Day): Day {
  return a < b ? a : b;
}

/** The counterpart of `readFilter`: what an address has to hold so that it shows the same. */
export function writeFilter(filter: LogFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  if (filter.mentorId !== null) parameters.set("mentor", filter.mentorId);
  if (filter.outcome !== null) parameters.set("outcome", filter.outcome);
  parameters.set("from", filter.from);
  parameters.set("to", filter.to);
  return parameters;
}
