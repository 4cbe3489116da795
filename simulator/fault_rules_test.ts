import { assertEquals } from "@std/assert";
import { type FaultRule, FaultRules, faultRuleSchema, type FaultSubject } from "./fault_rules.ts";

const PATCH: FaultSubject = { method: "PATCH", target: "patch", mentorId: "a" };
const ANSWER = { status: 503 };

function createRules(...rules: FaultRule[]): FaultRules {
  const faults = new FaultRules(() => 0.5);
  for (const rule of rules) faults.add(rule);
  return faults;
}

Deno.test("FaultRules.strike() strikes once unless told otherwise", () => {
  const faults = createRules({ answer: ANSWER });
  assertEquals(faults.strike(PATCH), { id: "fault-1", answer: ANSWER });
  assertEquals(faults.strike(PATCH), null);
});

Deno.test("FaultRules.strike() strikes as often as told, or until removed", () => {
  const faults = createRules({ times: 2, answer: ANSWER }, {
    times: null,
    answer: { reset: true },
  });
  assertEquals(
    [1, 2, 3, 4].map(() => faults.strike(PATCH)?.id),
    ["fault-1", "fault-1", "fault-2", "fault-2"],
  );
  assertEquals([faults.remove("fault-2"), faults.remove("fault-2")], [true, false]);
  assertEquals(faults.strike(PATCH), null);
});

Deno.test("FaultRules.strike() passes over requests that do not match, without using up strikes", () => {
  const faults = createRules({
    match: { method: "patch", target: "patch", mentorId: "A" },
    answer: ANSWER,
  });
  assertEquals(faults.strike({ ...PATCH, method: "GET" }), null);
  assertEquals(faults.strike({ ...PATCH, target: "query" }), null);
  assertEquals(faults.strike({ ...PATCH, mentorId: null }), null);
  assertEquals(faults.strike(PATCH)?.id, "fault-1");
});

Deno.test("FaultRules.strike() leaves it to probability", () => {
  const faults = createRules({ probability: 0.5, answer: ANSWER });
  assertEquals(faults.strike(PATCH), null);
  faults.add({ probability: 0.6, answer: ANSWER });
  assertEquals(faults.strike(PATCH)?.id, "fault-2");
});

Deno.test("FaultRules.clear() removes all rules", () => {
  const faults = createRules({ times: null, answer: ANSWER });
  faults.clear();
  assertEquals(faults.strike(PATCH), null);
});

Deno.test("faultRuleSchema refuses an answer it does not know", () => {
  for (
    const answer of [
      {},
      { status: 99 },
      { reset: false },
      { delaySeconds: -1 },
      { explode: true },
      {
        delaySeconds: 1,
        then: { delaySeconds: 1 },
      },
    ]
  ) {
    assertEquals(faultRuleSchema.safeParse({ answer }).success, false, JSON.stringify(answer));
  }
  assertEquals(faultRuleSchema.safeParse({ answer: ANSWER, unknown: 1 }).success, false);
});
