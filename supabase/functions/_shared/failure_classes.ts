/** What is to be known of a failure class, for code and for people. */
export interface ClassFacts {
  /** What Dynamics, Entra or the network did, for the reference. */
  readonly meaning: string;
  /** The answers that have it, for the reference. */
  readonly answers: string;
  /** Whether the attempt is repeated: on the whole backoff, on its first three delays, or not at all. */
  readonly retried: "backoff" | "short series" | "no";
  /** Whether it uses up one of the mentor's attempts. */
  readonly counted: "yes" | "no" | "unless it comes to everybody";
  /** The reason for which all workers stop, and when. */
  readonly gate: string;
  /** Who can do something about it. */
  readonly acts: string;
  /** The request may still take effect, or may have done so unseen. */
  readonly isUncertain?: true;
}

/** The words an `error_message` may begin with. */
export const ERROR_CLASSES = [
  "throttled",
  "unavailable",
  "timeout",
  "network",
  "credentials_rejected",
  "forbidden",
  "listing_not_found",
  "precondition_failed",
  "rejected",
  "server_error",
  "invalid_response",
  "interrupted",
] as const;

/** One of them. */
export type ErrorClass = typeof ERROR_CLASSES[number];

/**
 * What is to be known of each; `docs/reference/errors.md` derives from it, and `hlf_sync.is_sync_error` must know the same
 * words. Apart from the list of words, which is all that the coordinators' page carries.
 */
export const FAILURE_CLASSES = {
  throttled: {
    meaning: "Dynamics or Entra asks to wait.",
    answers: "429, whatever its code; `0x80072321`, `0x80072322`, `0x80072326`, `0x80071151`",
    retried: "backoff",
    counted: "yes",
    gate: "`throttled`, for `Retry-After` or 30 s, at most an hour",
    acts: "nobody; HLF's IT if it lasts: something else uses up the application user's limits",
  },
  unavailable: {
    meaning: "Dynamics or Entra is away for now.",
    answers:
      "502, 503, 504; `0x8004a112` with a 5xx; Entra's `temporarily_unavailable` and `server_error`",
    retried: "backoff",
    counted: "yes",
    gate: "`throttled` for a 503 with `Retry-After`; otherwise open",
    acts: "nobody",
  },
  timeout: {
    meaning: "No answer within HLF_SYNC_REQUEST_TIMEOUT_SECONDS.",
    answers: "none, or 408",
    retried: "backoff",
    counted: "yes",
    gate: "open",
    acts: "nobody; HLF's IT if it lasts",
    isUncertain: true,
  },
  network: {
    meaning: "The connection could not be made, or broke.",
    answers: "none",
    retried: "backoff",
    counted: "yes",
    gate: "open",
    acts: "whoever runs hlf-sync: is DYNAMICS_URL right?",
    isUncertain: true,
  },
  credentials_rejected: {
    meaning: "Entra or Dynamics refuses the application, or its user is disabled or unknown.",
    answers:
      "401 after a new token; `0x80040225`, `0x80042f09`, `0x80072560`, `0x80044302`, `0x8005f101`; " +
      "`0x8004a112` below 500; " +
      "any other JSON `error` of Entra with a 4xx",
    retried: "backoff",
    counted: "no",
    gate: "`credentials`, until a probe gets through",
    acts: "HLF's IT",
  },
  forbidden: {
    meaning: "Dynamics, or a firewall before it, forbids the update.",
    answers: "403",
    retried: "short series",
    counted: "unless it comes to everybody",
    gate:
      "`credentials` while nobody gets through; open once another mentor was confirmed, and for " +
      "`0x80048306`, which is about one listing",
    acts: "HLF's IT: the security role, or this listing's owner",
  },
  listing_not_found: {
    meaning: "The mentor has no listing; a query said so as well.",
    answers: "404 to a restore, then a query that finds nothing (to a remove that is a success)",
    retried: "no",
    counted: "yes",
    gate: "open",
    acts: "HLF, who makes listings",
  },
  precondition_failed: {
    meaning:
      "Dynamics refuses this update because of the listing's present state, or as a duplicate.",
    answers: "412 with an error of Dataverse",
    retried: "short series",
    counted: "yes",
    gate: "open",
    acts: "HLF's IT",
  },
  rejected: {
    meaning: "Dynamics did not take the request.",
    answers: "any other 4xx with an error of Dataverse",
    retried: "short series",
    counted: "unless it comes to everybody",
    gate:
      "`settings`, until a probe gets through, once three different mentors in a row were refused with one code " +
      "(ten for plug-ins and single records) and nobody got through",
    acts: "whoever runs hlf-sync, with HLF's IT: a setting, a column, the key or a plug-in",
  },
  server_error: {
    meaning: "Dynamics failed inside.",
    answers:
      "500 and other 5xx; codes of SQL, of the sandbox and of unexpected errors with any status; " +
      "a 404 although the listing is there",
    retried: "backoff",
    counted: "yes",
    gate: "open",
    acts: "nobody; HLF's IT if it lasts",
  },
  invalid_response: {
    meaning: "What answered does not speak like Dynamics or Entra.",
    answers: "below 400 but not 204; any other 4xx without an error of Dataverse",
    retried: "backoff",
    counted: "yes",
    gate: "open",
    acts: "whoever runs hlf-sync: is DYNAMICS_URL right, is there a proxy in between?",
  },
  interrupted: {
    meaning: "The worker ended before it knew the answer; only the database writes this.",
    answers: "none",
    retried: "backoff",
    counted: "yes",
    gate: "open",
    acts: "nobody",
    isUncertain: true,
  },
} as const satisfies Readonly<Record<ErrorClass, ClassFacts>>;

/** Those that a worker writes: `interrupted` is the database's. */
export type FailureClass = Exclude<ErrorClass, "interrupted">;

/** Whether Dynamics understood the request and would not do it: everybody's refusal, or this mentor's own. */
export function isRefusal(failureClass: FailureClass): boolean {
  return FAILURE_CLASSES[failureClass].retried === "short series";
}
