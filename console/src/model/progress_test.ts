import { assertEquals } from "@std/assert";
import { stepOf } from "./progress.ts";
import { stateOf } from "./testing.ts";

const NOW = "2026-11-22T12:00:00+00:00";

Deno.test("stepOf() is working until the first attempt is done", () => {
  assertEquals(stepOf(stateOf({ generation: 3, dead_lettered_at: NOW }), 3), { kind: "working" });
  assertEquals(stepOf(stateOf({ generation: 4, due_at: NOW }), 3), { kind: "working" });
  assertEquals(
    stepOf(stateOf({ generation: 4, attempts: 1, in_flight_attempt_id: "x" }), 3),
    { kind: "working" },
  );
});

Deno.test("stepOf() is confirmed when somebody else had it done before", () => {
  assertEquals(stepOf(stateOf({ generation: 3 }), 3), { kind: "confirmed" });
});

Deno.test("stepOf() is confirmed by the new generation only", () => {
  assertEquals(
    stepOf(stateOf({ generation: 4, confirmed_generation: 4 }), 3),
    { kind: "confirmed" },
  );
  assertEquals(
    stepOf(stateOf({ generation: 4, confirmed_generation: 3, in_flight_attempt_id: "x" }), 3),
    { kind: "working" },
  );
});

Deno.test("stepOf() tells a failure that is tried again from one that is not", () => {
  const failed = stateOf({ generation: 4, attempts: 1, last_error: "timeout" });
  assertEquals(stepOf({ ...failed, due_at: NOW }, 3), {
    kind: "retrying",
    error: "timeout",
    nextAttemptAt: NOW,
  });
  assertEquals(stepOf({ ...failed, dead_lettered_at: NOW }, 3), {
    kind: "stuck",
    error: "timeout",
  });
});
