import type { SimulatedRequest } from "../../simulator/simulator_client.ts";
import type { AuditRow } from "../../stack/observe.ts";
import type { AttemptRow, Evidence, Snapshot } from "./evidence.ts";

/** The invariants; each returns its violations. */
type Invariant = readonly [name: string, violations: (evidence: Evidence) => string[]];

/** Every violation of every invariant, a line each. Pure. */
export function findViolations(evidence: Evidence): string[] {
  return INVARIANTS.flatMap(([name, violations]) =>
    violations(evidence).map((detail) => `${name}: ${detail}`)
  );
}

const INVARIANTS: readonly Invariant[] = [
  [
    "the website equals the app after the night",
    ({ mentorIds, after }) => differences(mentorIds, after),
  ],
  ["the website equals the app without the night's help", (evidence) => {
    const { mentorIds, before, excused } = evidence;
    const given = new Set([...excused, ...deadLetters(before)]);
    return differences(mentorIds.filter((id) => !given.has(id)), before);
  }],
  [
    "what Dynamics confirmed is what the app wants",
    ({ after }) =>
      after.states.filter((state) =>
        !state.is_dead_letter && state.confirmed_operation !== state.wanted_operation
      ).map((state) => state.mentor_id),
  ],
  [
    "every attempt that Dynamics received has one audit row",
    ({ requests, audit }) =>
      [...attemptsReceived(requests)].flatMap((id) => {
        const rows = audit.filter((row) => row.id === id).length;
        return rows === 1 ? [] : [`${id} has ${rows}`];
      }),
  ],
  ["every audit row has its request, or a reason why not", ({ requests, audit }) => {
    const received = attemptsReceived(requests);
    return audit.filter((row) => !received.has(row.id) && !hasReasonForSilence(row)).map(
      describeRow,
    );
  }],
  ["attempts and rows of the log are one to one", ({ audit, attempts }) => {
    const ids = audit.map((row) => row.id);
    return [
      ...repeated(ids).map((id) => `${id} has several audit rows`),
      ...attempts.filter((row) => !ids.includes(row.attempt_id))
        .map(({ attempt_id, settled }) => `${attempt_id} has no audit row (settled ${settled})`),
      ...without(ids, attempts.map((row) => row.attempt_id)).map((id) => `${id} was never claimed`),
    ];
  }],
  ["an attempt is one request, or two after a 401", ({ requests }) => {
    const patches = requests.filter(isPatch);
    return repeated(patches.map(({ clientRequestId }) => clientRequestId ?? "without an id"))
      .filter((id) => {
        const [first, ...others] = patches.filter((one) => one.clientRequestId === id);
        return first?.status !== 401 || others.length > 1;
      });
  }],
  ["the log says what Dynamics was told, and what it answered", contradictions],
  [
    "no mentor is written by two workers at once",
    ({ requests }) =>
      requests.filter((request) => request.overlapped)
        .map((request) => `${request.clientRequestId} on ${request.mentorId}`),
  ],
  [
    "nobody is dead-lettered for credentials",
    ({ audit, attempts }) =>
      audit.filter((row) =>
        row.outcome === "dead_lettered" &&
        /^(credentials_rejected|forbidden)/.test(row.error_message ?? "") &&
        !isRefusedAlone(row, attempts)
      ).flatMap((row) => [describeRow(row), ...attempts.map((attempt) => JSON.stringify(attempt))]),
  ],
  ["retries of a series count 0, 1, 2, …", ({ attempts }) => seriesFaults(attempts)],
  ["the log counts as the attempts do", ({ audit, attempts }) => {
    const counts = new Map(attempts.map((row) => [row.attempt_id, row.retry_count]));
    return audit.filter((row) =>
      row.retry_count - (row.outcome === "dead_lettered" ? 1 : 0) !== counts.get(row.id)
    ).map(describeRow);
  }],
  [
    "every attempt is settled",
    ({ attempts }) => attempts.filter((row) => row.outcome === null).map((row) => row.attempt_id),
  ],
  [
    "alerts end with their cause",
    ({ openAlerts }) => openAlerts.filter((kind) => kind !== "dead_letters"),
  ],
  ["while pg_net or Vault is out of order, an alert says so", ({ untoldOutages }) => [
    ...untoldOutages,
  ]],
  [
    "each certification period has one reminder and one transition",
    (evidence) =>
      evidence.certificationDuplicates === 0
        ? []
        : [`${evidence.certificationDuplicates} have more`],
  ],
  ["workers say nothing that admits a bug", ({ strayOutput }) => strayOutput.slice(0, 5)],
];

function differences(mentorIds: readonly string[], standing: Snapshot): string[] {
  const active = new Set(standing.active);
  const listed = new Set(standing.listed);
  const onWebsite = new Set(standing.onWebsite);
  return mentorIds.flatMap((id) => {
    // Nothing is ever created in Dynamics, so whom it does not list cannot be shown.
    const wanted = active.has(id) && listed.has(id);
    if (wanted === onWebsite.has(id)) return [];
    return [`${id} is ${wanted ? "wanted but not shown" : "shown but not wanted"}`];
  });
}

function deadLetters({ states }: Snapshot): string[] {
  return states.filter((state) => state.is_dead_letter).map((state) => state.mentor_id);
}

function isPatch({ method }: SimulatedRequest): boolean {
  return method === "PATCH";
}

function attemptsReceived(requests: readonly SimulatedRequest[]): Set<string> {
  return new Set(
    requests.filter(isPatch).map((request) => request.clientRequestId ?? "without an id"),
  );
}

/** Never sent: the worker died or lost its connection, or there was no token. */
function hasReasonForSilence(
  { outcome, error_message, dynamics_response_code }: AuditRow,
): boolean {
  if (outcome === "success" || dynamics_response_code !== null) return false;
  return /^(interrupted|network|timeout|credentials_rejected|unavailable|throttled|server_error|invalid_response)/
    .test(error_message ?? "");
}

function contradictions({ requests, audit }: Evidence): string[] {
  const rows = new Map(audit.map((row) => [row.id, row]));
  const answers = new Map<string, (number | null)[]>();
  for (const { clientRequestId: id, status } of requests) {
    if (id !== null) answers.set(id, [...answers.get(id) ?? [], status]);
  }
  const told = requests.filter(isPatch).flatMap((request) => {
    const row = rows.get(request.clientRequestId ?? "");
    if (row === undefined) return [];
    const operation = request.published === true ? "restore" : "remove";
    return row.operation === operation && row.mentor_id === request.mentorId ? [] : [
      `${row.id} says ${row.operation} of ${row.mentor_id}, was ${operation} of ${request.mentorId}`,
    ];
  });
  const answered = audit.filter((row) =>
    row.dynamics_response_code !== null &&
    !(answers.get(row.id) ?? []).includes(row.dynamics_response_code)
  );
  return [...told, ...answered.map((row) => `${describeRow(row)} was not the answer`)];
}

/** Attempts of one generation, in their order: after a failure the next number, after an end nothing more. */
function seriesFaults(attempts: readonly AttemptRow[]): string[] {
  const byGeneration = Object.groupBy(
    attempts,
    (row) => `${row.mentor_id} generation ${row.generation}`,
  );
  return Object.entries(byGeneration).flatMap(([name, rows = []]) => {
    const inOrder = rows.toSorted((a, b) => a.attempt_id < b.attempt_id ? -1 : 1);
    return inOrder.flatMap((row, index) => {
      const former = inOrder[index - 1];
      const goesOn = former?.outcome === "failure" ||
        former !== undefined && isTakenBack(former, attempts);
      const follows = goesOn ? former.retry_count + (former.is_vain_probe ? 0 : 1) : 0;
      if (row.retry_count !== follows) {
        const counts = inOrder.map((one) =>
          `${one.retry_count} (${one.outcome} ${one.error_message ?? ""})`
        );
        return [`${name} counts ${counts.join(", ")}`];
      }
      return former !== undefined && !goesOn && !isConfirmedAgain(row, former, attempts)
        ? [`${name} goes on after its end`]
        : [];
    });
  });
}

const REFUSAL = /^(forbidden|rejected)( code=\w+)?/;

/**
 * A dead letter for a refusal is taken back, and its series goes on, when it turns out that everybody is refused: that takes
 * three mentors with the same refusal, or one with a 403.
 */
function isTakenBack(dead: AttemptRow, attempts: readonly AttemptRow[]): boolean {
  const [refusal, kind] = REFUSAL.exec(dead.error_message ?? "") ?? [];
  if (dead.outcome !== "dead_lettered" || refusal === undefined) return false;
  const refused = attempts.filter((row) => row.error_message?.startsWith(refusal));
  return kind === "forbidden" || new Set(refused.map((row) => row.mentor_id)).size >= 3;
}

/** A success is repeated where a request for the opposite got no answer before: it might be carried out late. */
function isConfirmedAgain(
  row: AttemptRow,
  former: AttemptRow,
  attempts: readonly AttemptRow[],
): boolean {
  return former.outcome === "success" &&
    attempts.some((earlier) =>
      earlier.mentor_id === row.mentor_id && earlier.attempt_id < row.attempt_id &&
      earlier.operation !== row.operation &&
      /^(timeout|network|interrupted)/.test(earlier.error_message ?? "")
    );
}

/** A batch is judged some time after its first attempt was settled, by all that is settled then. */
const JUDGING_MS = 1000;

/**
 * Somebody else was claimed with or after a 403 that came to this mentor, and confirmed before the mentor was given up: such a refusal
 * is the mentor's own, and the series ends like any other.
 */
function isRefusedAlone({ id, error_message }: AuditRow, attempts: readonly AttemptRow[]): boolean {
  const dead = attempts.find((row) => row.attempt_id === id);
  if (dead === undefined || !error_message?.startsWith("forbidden")) return false;
  const isSuccess = (row: AttemptRow) => row.outcome === "success";
  const own = attempts.filter((row) =>
    row.mentor_id === dead.mentor_id && row.claimed_ms <= dead.claimed_ms
  );
  const first = own.slice(own.findLastIndex(isSuccess) + 1)
    .find((row) => row.error_message?.startsWith("forbidden"));
  return attempts.some((row) =>
    isSuccess(row) && row.mentor_id !== dead.mentor_id &&
    row.claimed_ms >= (first ?? dead).claimed_ms && row.settled_ms <= dead.settled_ms + JUDGING_MS
  );
}

function describeRow(row: AuditRow): string {
  const { id, operation, outcome, dynamics_response_code: code, retry_count, error_message } = row;
  return `${id} (${operation} ${outcome} ${code} retry_count ${retry_count} ${
    error_message ?? ""
  })`;
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function without(values: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return values.filter((value) => !known.has(value));
}
