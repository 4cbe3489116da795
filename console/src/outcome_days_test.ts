import { assert, assertEquals } from "@std/assert";
import { axisSteps, countByDay } from "./outcome_days.ts";

Deno.test("countByDay() counts in Oslo's days and keeps the empty ones", () => {
  const days = countByDay(
    [
      { created_at: "2026-11-20T22:59:00+00:00", outcome: "success" },
      { created_at: "2026-11-20 23:01:00+00", outcome: "failure" },
      { created_at: "2026-11-22T12:00:00+00:00", outcome: "dead_lettered" },
      { created_at: "2026-11-22T12:00:01+00:00", outcome: "dead_lettered" },
      { created_at: "2026-11-23T12:00:01+00:00", outcome: "success" },
    ],
    "2026-11-20",
    "2026-11-22",
  );
  assertEquals(days.map(({ first, counts }) => [first, ...Object.values(counts)]), [
    ["2026-11-20", 1, 0, 0],
    ["2026-11-21", 0, 1, 0],
    ["2026-11-22", 0, 0, 2],
  ]);
});

Deno.test("countByDay() counts a long time by weeks, the last one cut off", () => {
  const weeks = countByDay(
    [{ created_at: "2026-03-31T12:00:00+00:00", outcome: "success" }],
    "2026-01-01",
    "2026-03-31",
  );
  assertEquals(weeks.length, 13);
  assertEquals(weeks.at(-1), {
    first: "2026-03-26",
    last: "2026-03-31",
    counts: { success: 1, failure: 0, dead_lettered: 0 },
  });
});

Deno.test("axisSteps() are round, few, and reach the highest value", () => {
  assertEquals(axisSteps(0), [0, 1]);
  assertEquals(axisSteps(3), [0, 1, 2, 3]);
  assertEquals(axisSteps(17), [0, 5, 10, 15, 20]);
  for (let highest = 0; highest < 3000; highest++) {
    const steps = axisSteps(highest);
    assert(steps.length <= 6 && (steps.at(-1) ?? 0) >= highest, `${highest}: ${steps}`);
  }
});
