import { assertEquals } from "@std/assert";
import { tellDatabase } from "./attempt.ts";
import { createEngine, SUCCESS } from "./engine_fakes.ts";
import type { SettleResult } from "./settler.ts";

const ATTEMPT = {
  attemptId: "01920000-0000-7000-8000-000000000001",
  mentorId: "mentor-1",
  organisationId: "o",
  operation: "remove",
  retryCount: 0,
  triggeredByEvent: "status_change:paused",
  isLast: false,
} as const;
const REFUSAL = {
  ...SUCCESS,
  outcome: "failure",
  errorMessage: "rejected: 0x80040265",
  responseCode: 400,
  retryDelaySeconds: 5,
  isProvisional: true,
} as const;

Deno.test("tellDatabase() writes the row of a refusal exactly where the database does not write it itself", async () => {
  const rows: Record<SettleResult, string[]> = {
    settled: ["failure"],
    given_up: ["dead_lettered"],
    lease_lost: [],
    unsure: [],
    locked: [],
    lost: [],
  };
  for (const [result, outcomes] of Object.entries(rows)) {
    const { deps, audited, time } = createEngine();
    const settler = {
      isStuck: () => false,
      settle: () => Promise.resolve({ result: result as SettleResult, dueInSeconds: null }),
    };
    await time.until(tellDatabase({ ...deps, settler }, ATTEMPT, REFUSAL));
    await deps.audit.idle();
    assertEquals(audited.map(({ outcome }) => outcome), outcomes, result);
  }
});
