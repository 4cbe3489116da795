import { assertEquals } from "@std/assert";
import { addTotals, judge, readPgProveTotals, readSummaryTotals } from "./totals.ts";

Deno.test("readSummaryTotals() reads the last summary of deno test", () => {
  assertEquals(readSummaryTotals("ok | 3 passed | 0 failed (12ms)\n"), { passed: 3, failed: 0 });
  assertEquals(
    readSummaryTotals(
      "1 passed, 0 failed\nFAILED | 36 passed (2 steps) | 1 failed | 1 ignored (25s)",
    ),
    { passed: 36, failed: 1 },
  );
  assertEquals(readSummaryTotals("error: No test modules found"), null);
});

Deno.test("readPgProveTotals() counts the failures of every file", () => {
  const output = `
a.sql (Wstat: 0 Tests: 17 Failed: 2)
  Failed tests:  3-4
b.sql (Wstat: 768 (exited 3) Tests: 5 Failed: 1)
  Parse errors: Bad plan.  You planned 9 tests but ran 5.
Files=3, Tests=40,  1 wallclock secs ( 0.02 usr +  0.01 sys =  0.03 CPU)
Result: FAIL
`;
  assertEquals(readPgProveTotals(output), { passed: 37, failed: 3 });
  assertEquals(readPgProveTotals("psql: error: connection refused"), null);
});

Deno.test("judge() counts a runner that crashed, or ran nothing, as failed", () => {
  assertEquals(judge(true, { passed: 3, failed: 0 }), { passed: 3, failed: 0 });
  assertEquals(judge(false, { passed: 3, failed: 2 }), { passed: 3, failed: 2 });
  assertEquals(judge(false, { passed: 3, failed: 0 }), { passed: 3, failed: 1 });
  assertEquals(judge(false, null), { passed: 0, failed: 1 });
  assertEquals(judge(true, null), { passed: 1, failed: 0 });
  assertEquals(judge(true, { passed: 0, failed: 0 }), { passed: 0, failed: 1 });
});

Deno.test("addTotals() adds up", () => {
  assertEquals(addTotals([{ passed: 1, failed: 0 }, { passed: 2, failed: 3 }]), {
    passed: 3,
    failed: 3,
  });
});
