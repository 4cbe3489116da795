import { parseError } from "../model/explain.ts";
import { addDays, type Day, dayOf, parseTimestamp } from "../model/moment.ts";
import type { Attempt } from "../model/rows.ts";
import type { ErrorWords } from "./nb_errors.ts";
import type { Words } from "./words.ts";

const TIME_ZONE = "Europe/Oslo";

/** Making one takes longer than using it a hundred times, and a list has hundreds of them. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

const relativeFormats = {
  "nb-NO": new Intl.RelativeTimeFormat("nb-NO", { numeric: "auto" }),
  "en-GB": new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" }),
};

/** «i dag kl. 14.05», «22. nov. kl. 14.05»: a moment as people say it, in Oslo's time. */
export function describeMoment(moment: Date, now: Date, words: Words): string {
  const { locale } = words;
  const day = dayOf(moment);
  const relative = RELATIVE_DAYS.find((days) => addDays(dayOf(now), days) === day);
  const name = relative === undefined
    ? describeDay(day, now, locale)
    : relativeFormats[locale].format(relative, "day");
  return `${name} ${describeTime(moment, words)}`;
}

const RELATIVE_DAYS = [-1, 0, 1];
const NO_BREAK = "\u00a0";

function describeTime(moment: Date, { locale }: Words): string {
  const time = formatOf(locale, { timeZone: TIME_ZONE, timeStyle: "short" }).format(moment);
  return locale === "nb-NO" ? `kl.${NO_BREAK}${time.replace(":", ".")}` : `at ${time}`;
}

/** «kl. 19.16» of today, «i morgen kl. 00.16» of another day. */
export function describeTimeOf(moment: Date, now: Date, words: Words): string {
  return dayOf(moment) === dayOf(now)
    ? describeTime(moment, words).replace(/^at /, "")
    : describeMoment(moment, now, words);
}

/** `describeMoment` of a timestamp as REST writes it; an empty text for none. */
export function describeTimestamp(timestamp: string | null, now: Date, words: Words): string {
  const moment = parseTimestamp(timestamp);
  return moment === null ? "" : describeMoment(moment, now, words);
}

/** «22. nov. 2026 kl. 14.05.09»: a moment to be compared with another log. */
export function describeExactly(timestamp: string, { locale }: Words): string {
  const moment = parseTimestamp(timestamp);
  return moment === null ? timestamp : formatOf(locale, {
    timeZone: TIME_ZONE,
    dateStyle: "medium",
    timeStyle: "medium",
  }).format(moment);
}

/** «22. nov.», with the year if it is another one. */
export function describeDay(day: Day, now: Date, locale: string): string {
  return formatOf(locale, {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(day.slice(0, 4) !== dayOf(now).slice(0, 4) && { year: "numeric" }),
  }).format(new Date(`${day}T12:00:00Z`));
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
): { title: string; meaning: string; todo: string | null; isForSupport: boolean } {
  if (attempt.outcome === "success") {
    return {
      title: words.outcome.success,
      meaning: words.log.succeeded,
      todo: null,
      isForSupport: false,
    };
  }
  const { title, meaning, onceStuck, isForHlf } = explainError(attempt.error_message, words);
  // What is past needs nothing done: only the last attempt of all asks for a person.
  const isLast = attempt.outcome === "dead_lettered";
  return { title, meaning, todo: isLast ? onceStuck : null, isForSupport: isLast && !isForHlf };
}

/** Why a sync was asked for. */
export function describeEvent(event: string, words: Words): string {
  return words.events[event] ?? event;
}
