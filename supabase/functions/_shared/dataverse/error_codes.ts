import type { FailureClass } from "../failure_classes.ts";

/**
 * The codes that decide, whatever status carries them, from Microsoft's tables and recorded answers.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes>
 */
const DECIDING: Readonly<Partial<Record<FailureClass, readonly string[]>>> = {
  throttled: ["0x80072321", "0x80072322", "0x80072326", "0x80071151"],
  server_error: [
    ...["0x80040216", "0x80041a05", "0x80131500"], // an unexpected error
    ...["0x80044150", "0x80044151", "0x80044157", "0x8004c001", "0x80131904"], // SQL, deadlocks and timeouts
    "0x80040255", // a transaction rolled back already
    "0x80040224", // an unexpected error in a plug-in
    ...["0x80044171", "0x80044172", "0x80044173", "0x80044174"], // a plug-in took too long
    ...["0x8004418d", "0x8004418e", "0x80044191"], // the sandbox that plug-ins run in
    ...["0x80072300", "0x80072301"], // dependent services away
  ],
  credentials_rejected: [
    "0x80040225", // the user is disabled
    "0x80042f09", // the user has no role
    "0x80072560", // there is no such application user
    ...["0x80044302", "0x8005f101"], // not signed in, or no longer
  ],
};

const CLASS_OF: ReadonlyMap<string, FailureClass> = new Map(
  Object.entries(DECIDING).flatMap(([name, codes]) =>
    codes.map((code) => [code, name as FailureClass] as const)
  ),
);

/** The organisation is disabled: with a 5xx it is about to come back, otherwise somebody has disabled it. */
const ORGANISATION_DISABLED = "0x8004a112";

/** The class that a code alone decides; null when the status does. */
export function classOfCode(code: string | null, status: number): FailureClass | null {
  if (code === null) return null;
  if (code === ORGANISATION_DISABLED) {
    return status >= 500 ? "unavailable" : "credentials_rejected";
  }
  return CLASS_OF.get(code) ?? null;
}

/** A 404 with one of these is about the URL: the set, the key or a column is not what the settings say. */
export const SETTING_CODES: ReadonlySet<string> = new Set([
  "0x8006088a",
  "0x80060888",
  "0x80060890",
]);

/** By definition about one record, so it never says anything about everybody. SQL has the same list. */
export const ONE_RECORD_CODES = ["0x80048306"] as const;

/** About a plug-in or a record's content: only many mentors refused with one of them make it everybody's. SQL has it too. */
export const OFTEN_ONE_RECORD_CODES = [
  "0x80040217",
  "0x80040227",
  "0x80040237",
  "0x80040265",
  "0x80040333",
  "0x80060882",
  "0x80060891",
] as const;
