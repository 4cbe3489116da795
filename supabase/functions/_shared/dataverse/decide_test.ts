import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Failure } from "./classify.ts";
import { decide, type Position } from "./decide.ts";

const SETTINGS = {
  backoffSeconds: [5, 30, 120, 600, 1800, 7200, 21600],
  jitter: 0.2,
};

/** The attempt after so many of eight. */
function after(retryCount: number): Position {
  return { retryCount, isLast: retryCount >= 7 };
}
const MIDDLE = 0.5;
const ID = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";

function failure(more: Partial<Failure> = {}): Failure {
  return {
    kind: "failure",
    class: "unavailable",
    permanent: false,
    responseCode: 503,
    code: null,
    requestId: null,
    retryAfterSeconds: null,
    gate: "none",
    ...more,
  };
}

Deno.test("decide() success: the code and nothing else", () => {
  assertEquals(decide({ kind: "success", responseCode: 204 }, after(7), SETTINGS, MIDDLE), {
    outcome: "success",
    errorMessage: null,
    responseCode: 204,
    retryDelaySeconds: null,
    gate: { kind: "none" },
  });
});

Deno.test("decide() failure with an answer: again after the delay of this attempt", () => {
  for (const [retryCount, delay] of SETTINGS.backoffSeconds.entries()) {
    assertEquals(decide(failure(), after(retryCount), SETTINGS, MIDDLE), {
      outcome: "failure",
      errorMessage: "unavailable",
      responseCode: 503,
      retryDelaySeconds: delay,
      gate: { kind: "none" },
    });
  }
});

Deno.test("decide() failure without an answer: no code", () => {
  const decision = decide(
    failure({ class: "timeout", responseCode: null }),
    after(0),
    SETTINGS,
    MIDDLE,
  );
  assertEquals([decision.outcome, decision.responseCode, decision.errorMessage], [
    "failure",
    null,
    "timeout",
  ]);
});

Deno.test("decide() spreads the delay by the jitter to both sides", () => {
  const delay = (random: number) =>
    decide(failure(), after(1), SETTINGS, random).retryDelaySeconds ?? 0;
  assertAlmostEquals(delay(0), 24);
  assertAlmostEquals(delay(0.25), 27);
  assertAlmostEquals(delay(1), 36);
});

Deno.test("decide() waits as long as Retry-After says, or the backoff if that is longer", () => {
  const delay = (retryAfterSeconds: number, retryCount: number) =>
    decide(failure({ retryAfterSeconds }), after(retryCount), SETTINGS, MIDDLE).retryDelaySeconds;
  assertEquals(delay(60, 0), 60);
  assertEquals(delay(60, 2), 120);
  assertEquals(delay(0, 0), 5);
});

Deno.test("decide() error message: class, code and request id, in this order", () => {
  const message = (more: Partial<Failure>) =>
    decide(failure(more), after(0), SETTINGS, MIDDLE).errorMessage;
  assertEquals(message({ code: "0x80044150" }), "unavailable code=0x80044150");
  assertEquals(message({ requestId: ID }), `unavailable request=${ID}`);
  assertEquals(
    message({ class: "server_error", code: "0x80044150", requestId: ID }),
    `server_error code=0x80044150 request=${ID}`,
  );
});

Deno.test("decide() the last attempt is the dead letter", () => {
  assertEquals(decide(failure(), after(6), SETTINGS, MIDDLE).outcome, "failure");
  assertEquals(decide(failure(), after(7), SETTINGS, MIDDLE), {
    outcome: "dead_lettered",
    errorMessage: "unavailable",
    responseCode: 503,
    retryDelaySeconds: null,
    gate: { kind: "none" },
  });
  assertEquals(decide(failure(), after(12), SETTINGS, MIDDLE).outcome, "dead_lettered");
});

Deno.test("decide() a permanent failure is the dead letter at once", () => {
  const rejected = failure({ class: "listing_not_found", permanent: true, responseCode: 404 });
  const decision = decide(rejected, after(0), SETTINGS, MIDDLE);
  assertEquals([decision.outcome, decision.retryDelaySeconds], ["dead_lettered", null]);
});

Deno.test("decide() rejected credentials close the gate and dead-letter nobody", () => {
  for (const retryCount of [0, 7, 50]) {
    const refused = failure({
      class: "credentials_rejected",
      responseCode: 401,
      gate: "credentials",
    });
    const decision = decide(refused, after(retryCount), SETTINGS, MIDDLE);
    assertEquals(decision.outcome, "failure");
    assertEquals(decision.gate, { kind: "credentials", class: "credentials_rejected" });
    assertEquals(decision.retryDelaySeconds, SETTINGS.backoffSeconds[Math.min(retryCount, 6)]);
  }
});

Deno.test("decide() a refusal is tried again within minutes, and given up by the database alone", () => {
  for (const failureClass of ["forbidden", "rejected", "precondition_failed"] as const) {
    for (const [retryCount, delay] of [[0, 5], [1, 30], [2, 120], [3, 120], [7, 120], [50, 120]]) {
      const refused = failure({ class: failureClass, responseCode: 403, gate: "undecided" });
      assertEquals(decide(refused, after(retryCount ?? 0), SETTINGS, MIDDLE), {
        outcome: "failure",
        errorMessage: failureClass,
        responseCode: 403,
        retryDelaySeconds: delay ?? null,
        gate: { kind: "none" },
        isProvisional: true,
      });
    }
  }
});

Deno.test("decide() no header has a mentor wait longer than 15 minutes, or everybody than an hour", () => {
  for (const retryAfterSeconds of [3600, 86_400, 3_600_000, 999_999_999]) {
    const decision = decide(
      failure({ class: "throttled", responseCode: 429, gate: "throttled", retryAfterSeconds }),
      after(0),
      SETTINGS,
      MIDDLE,
    );
    assertEquals([decision.retryDelaySeconds, decision.gate], [
      900,
      { kind: "throttled", seconds: 3600 },
    ]);
  }
});

Deno.test("decide() a throttle closes the gate for Retry-After, or for a short while", () => {
  const throttled = failure({ class: "throttled", responseCode: 429, gate: "throttled" });
  assertEquals(decide({ ...throttled, retryAfterSeconds: 2 }, after(0), SETTINGS, MIDDLE).gate, {
    kind: "throttled",
    seconds: 2,
  });
  // However often this mentor was tried: the gate is everybody's.
  for (const retryCount of [0, 1, 6]) {
    assertEquals(decide(throttled, after(retryCount), SETTINGS, MIDDLE).gate, {
      kind: "throttled",
      seconds: 30,
    });
  }
  const last = decide({ ...throttled, retryAfterSeconds: 300 }, after(7), SETTINGS, MIDDLE);
  assertEquals([last.outcome, last.gate], [
    "dead_lettered",
    { kind: "throttled", seconds: 300 },
  ]);
});

Deno.test("decide() a Retry-After without throttling concerns this row alone", () => {
  const decision = decide(failure({ retryAfterSeconds: 90 }), after(0), SETTINGS, MIDDLE);
  assertEquals([decision.retryDelaySeconds, decision.gate], [90, { kind: "none" }]);
});
