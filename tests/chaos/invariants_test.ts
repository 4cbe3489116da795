import { assertEquals } from "@std/assert";
import type { SimulatedRequest } from "../../simulator/simulator_client.ts";
import type { AuditRow } from "../../stack/observe.ts";
import type { AttemptRow, Evidence, Snapshot } from "./evidence.ts";
import { findViolations } from "./invariants.ts";

const PATCH: SimulatedRequest = {
  sequence: 1,
  receivedAt: "2026-11-23T02:00:00.000Z",
  method: "PATCH",
  path: "/",
  clientRequestId: "attempt-1",
  mentorId: "m1",
  published: false,
  status: 204,
  committed: true,
  fault: null,
  overlapped: false,
  inFlight: false,
  concurrent: 1,
};
const ROW: AuditRow = {
  id: "attempt-1",
  organisation_id: "o1",
  mentor_id: "m1",
  operation: "remove",
  dynamics_response_code: 204,
  retry_count: 0,
  outcome: "success",
  error_message: null,
  triggered_by_event: "status_change:paused",
};
const ATTEMPT: AttemptRow = {
  attempt_id: "attempt-1",
  mentor_id: "m1",
  operation: "remove",
  generation: "1",
  retry_count: 0,
  outcome: "success",
  error_message: null,
  is_vain_probe: false,
  claimed_ms: 1,
  settled_ms: 2,
  settled: "00:00:01 ago, the log refused none",
};
const STANDING: Snapshot = {
  active: ["m2"],
  listed: ["m1", "m2"],
  onWebsite: ["m2"],
  states: [{
    mentor_id: "m1",
    wanted_operation: "remove",
    confirmed_operation: "remove",
    is_dead_letter: false,
  }],
};
const SOUND: Evidence = {
  mentorIds: ["m1", "m2", "m3"],
  before: STANDING,
  after: STANDING,
  excused: [],
  requests: [PATCH],
  audit: [ROW],
  attempts: [ATTEMPT],
  openAlerts: ["dead_letters"],
  certificationDuplicates: 0,
  untoldOutages: [],
  strayOutput: [],
};

/** The names of the invariants that do not hold when this is different. */
function broken(change: Partial<Evidence>): string[] {
  return [
    ...new Set(findViolations({ ...SOUND, ...change }).map((line) => line.split(":")[0] ?? "")),
  ];
}

Deno.test("findViolations() finds nothing where all is sound", () => {
  assertEquals(findViolations(SOUND), []);
});

Deno.test("findViolations() compares website and app, with and without the night", () => {
  const after = { ...STANDING, onWebsite: ["m1", "m2"] };
  assertEquals(broken({ after }), ["the website equals the app after the night"]);
  assertEquals(broken({ before: after }), ["the website equals the app without the night's help"]);
  assertEquals(broken({ before: after, excused: ["m1"] }), []);
  const hidden = { ...STANDING, onWebsite: [] };
  assertEquals(broken({ after: hidden }), ["the website equals the app after the night"]);
  assertEquals(broken({ after: { ...hidden, listed: ["m1"] } }), []);
});

Deno.test("findViolations() misses audit rows, and rows too many", () => {
  const unlogged = "every attempt that Dynamics received has one audit row";
  const attempts = "attempts and rows of the log are one to one";
  assertEquals(broken({ audit: [] }), [unlogged, attempts]);
  assertEquals(broken({ audit: [ROW, ROW] }), [unlogged, attempts]);
  assertEquals(broken({ requests: [] }), [
    "every audit row has its request, or a reason why not",
    "the log says what Dynamics was told, and what it answered",
  ]);
  const lost = { ...ROW, outcome: "failure", dynamics_response_code: null };
  assertEquals(broken({ requests: [], audit: [{ ...lost, error_message: "interrupted" }] }), []);
});

Deno.test("findViolations() compares operation, mentor and answer with the log", () => {
  const contradiction = ["the log says what Dynamics was told, and what it answered"];
  assertEquals(broken({ requests: [{ ...PATCH, published: true }] }), contradiction);
  assertEquals(broken({ requests: [{ ...PATCH, mentorId: "m2" }] }), contradiction);
  assertEquals(broken({ requests: [{ ...PATCH, status: 503 }] }), contradiction);
});

Deno.test("findViolations() allows a second request only after a 401", () => {
  const refused = { ...PATCH, status: 401 };
  assertEquals(broken({ requests: [refused, PATCH] }), []);
  const several = ["an attempt is one request, or two after a 401"];
  assertEquals(broken({ requests: [PATCH, PATCH] }), several);
  assertEquals(broken({ requests: [refused, refused, PATCH] }), several);
});

Deno.test("findViolations() sees two workers at one mentor", () => {
  assertEquals(broken({ requests: [{ ...PATCH, overlapped: true }] }), [
    "no mentor is written by two workers at once",
  ]);
});

Deno.test("findViolations() sees a dead letter for credentials", () => {
  const dead = { ...ROW, outcome: "dead_lettered", retry_count: 1, error_message: "forbidden" };
  const forCredentials = "nobody is dead-lettered for credentials";
  assertEquals(broken({ audit: [dead] }), [forCredentials]);

  const refused = { ...ATTEMPT, outcome: "failure", error_message: "forbidden" };
  const last = { ...refused, attempt_id: "attempt-3", claimed_ms: 5, settled_ms: 6 };
  const others = { ...ATTEMPT, attempt_id: "attempt-2", mentor_id: "m2" };
  const found = (error_message: string, attempts: AttemptRow[]) => {
    const audit = [{ ...dead, id: "attempt-3", error_message }];
    return findViolations({ ...SOUND, audit, attempts })
      .some((line) => line.startsWith(forCredentials));
  };
  const alone = [refused, { ...others, claimed_ms: 3, settled_ms: 4 }, last];
  assertEquals(found("forbidden", alone), false);
  assertEquals(found("credentials_rejected", alone), true);
  const before = { ...others, claimed_ms: 0 };
  assertEquals(found("forbidden", [before, refused, last]), true);
  assertEquals(
    found("forbidden", [refused, { ...others, claimed_ms: 3, settled_ms: 1007 }, last]),
    true,
  );
  const success = { ...ATTEMPT, attempt_id: "attempt-4", claimed_ms: 4 };
  assertEquals(found("forbidden", [...alone.slice(0, 2), success, last]), true);
});

Deno.test("findViolations() counts series", () => {
  const counting = "retries of a series count 0, 1, 2, …";
  const second = { ...ATTEMPT, attempt_id: "attempt-2", outcome: "failure" };
  const audit = [ROW, {
    ...ROW,
    id: "attempt-2",
    outcome: "failure",
    dynamics_response_code: null,
  }];
  const requests = [PATCH, { ...PATCH, clientRequestId: "attempt-2", status: null }];
  const with2 = { audit, requests };
  assertEquals(broken({ ...with2, attempts: [ATTEMPT, { ...second, retry_count: 0 }] }), [
    counting,
  ]);
  assertEquals(broken({ ...with2, attempts: [ATTEMPT, { ...second, generation: "2" }] }), []);
  const probe = { ...ATTEMPT, outcome: "failure", is_vain_probe: true };
  assertEquals(broken({ ...with2, attempts: [probe, { ...second, retry_count: 0 }] }), []);
  const failed = { ...ATTEMPT, outcome: "failure" };
  const later = { ...with2, audit: [ROW, { ...audit[1]!, retry_count: 1 }] };
  assertEquals(broken({ ...later, attempts: [failed, { ...second, retry_count: 1 }] }), []);
  assertEquals(broken({ ...later, attempts: [ATTEMPT, { ...second, retry_count: 1 }] }), [
    counting,
  ]);
  assertEquals(broken({ audit: [{ ...ROW, retry_count: 1 }] }), [
    "the log counts as the attempts do",
  ]);

  const miscounted = (dead: Partial<AttemptRow>, others: number) => {
    const refused = { ...ATTEMPT, outcome: "dead_lettered", error_message: "rejected code=0x8004" };
    const attempts = [
      { ...refused, ...dead },
      { ...second, retry_count: 1 },
      ...Array.from({ length: others }, (_, index) => ({
        ...refused,
        attempt_id: `other-${index}`,
        mentor_id: `other-${index}`,
      })),
    ];
    return findViolations({ ...SOUND, attempts }).some((line) => line.startsWith(counting));
  };
  assertEquals(miscounted({}, 2), false);
  assertEquals(miscounted({}, 1), true);
  assertEquals(miscounted({ error_message: "rejected code=0x8005" }, 2), true);
  assertEquals(miscounted({ error_message: "forbidden code=0x8004" }, 0), false);
  assertEquals(miscounted({ error_message: "unavailable" }, 2), true);
});

Deno.test("findViolations() lets a success be repeated only where an opposite request got no answer", () => {
  const ids = ["attempt-0", "attempt-1", "attempt-2"];
  const change = {
    requests: ids.map((clientRequestId) => ({ ...PATCH, clientRequestId })),
    audit: ids.map((id) => ({ ...ROW, id })),
  };
  const attempts = ids.map((attempt_id) => ({ ...ATTEMPT, attempt_id }));
  const counting = "retries of a series count 0, 1, 2, …";
  assertEquals(broken({ ...change, attempts }), [counting]);
  const lost = {
    operation: "restore",
    generation: "0",
    outcome: "failure",
    error_message: "timeout",
  };
  assertEquals(
    broken({ ...change, attempts: [{ ...attempts[0]!, ...lost }, ...attempts.slice(1)] }),
    [],
  );
});

Deno.test("findViolations() wants every attempt settled and every alert closed", () => {
  assertEquals(broken({ attempts: [{ ...ATTEMPT, outcome: null }] }), ["every attempt is settled"]);
  assertEquals(broken({ openAlerts: ["credentials_rejected"] }), ["alerts end with their cause"]);
  assertEquals(broken({ untoldOutages: ["vault"] }), [
    "while pg_net or Vault is out of order, an alert says so",
  ]);
  assertEquals(broken({ certificationDuplicates: 1 }), [
    "each certification period has one reminder and one transition",
  ]);
  assertEquals(broken({ strayOutput: ["error: Uncaught"] }), [
    "workers say nothing that admits a bug",
  ]);
  const states = [{ ...STANDING.states[0]!, confirmed_operation: null }];
  assertEquals(broken({ after: { ...STANDING, states } }), [
    "what Dynamics confirmed is what the app wants",
  ]);
});
