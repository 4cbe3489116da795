import { parseError } from "../explain.ts";
import { addDays, type Day, dayOf, parseTimestamp } from "../moment.ts";
import type { Attempt, Mentor } from "../rows.ts";
import type { ErrorWords } from "./nb_errors.ts";
import type { Words } from "./words.ts";

const TIME_ZONE = "Europe/Oslo";

/** «i dag kl. 14.05», «22. nov. kl. 14.05»: a moment as people say it, in Oslo's time. */
export function describeMoment(moment: Date, now: Date, { locale }: Words): string {
  const time = new Intl.DateTimeFormat(locale, { timeZone: TIME_ZONE, timeStyle: "short" })
    .format(moment);
  const day = dayOf(moment);
  const relative = RELATIVE_DAYS.find((days) => addDays(dayOf(now), days) === day);
  const name = relative === undefined
    ? describeDay(day, now, locale)
    : new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(relative, "day");
  return locale === "nb-NO"
    ? `${name} kl.${NO_BREAK}${time.replace(":", ".")}`
    : `${name} at ${time}`;
}

const RELATIVE_DAYS = [-1, 0, 1];
const NO_BREAK = "\u00a0";

/** `describeMoment` of a timestamp as REST writes it; an empty text for none. */
export function describeTimestamp(timestamp: string | null, now: Date, words: Words): string {
  const moment = parseTimestamp(timestamp);
  return moment === null ? "" : describeMoment(moment, now, words);
}

/** «22. nov.», with the year if it is another one. */
export function describeDay(day: Day, now: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(day.slice(0, 4) !== dayOf(now).slice(0, 4) && { year: "numeric" }),
  }).format(new Date(`${day}T12:00:00Z`));
}

/** A mentor's name, or what can be said of one whom the app no longer has. */
export function nameOf(mentor: Mentor | null | undefined, mentorId: string, words: Words): string {
  return mentor?.full_name ?? words.deletedMentor(mentorId.slice(-4));
}

/** What an error means, in plain words. */
export function explainError(message: string | null, words: Words): ErrorWords {
  const parsed = parseError(message);
  return parsed === null ? words.unknownError : words.errors[parsed.class];
}

/** What became of an attempt and, unless it succeeded, why and what to do. */
export function explainAttempt(
  attempt: Pick<Attempt, "outcome" | "error_message">,
  words: Words,
): { title: string; meaning: string; todo: string | null } {
  if (attempt.outcome === "success") {
    return { title: words.outcome.success, meaning: words.log.succeeded, todo: null };
  }
  const { title, meaning, whileRetried, onceStuck } = explainError(attempt.error_message, words);
  return { title, meaning, todo: attempt.outcome === "failure" ? whileRetried : onceStuck };
}

/** Why a sync was asked for. */
export function describeEvent(event: string, words: Words): string {
  return words.events[event] ?? event;
}
