import { assert, assertEquals } from "@std/assert";
import { axisSteps, daysEach, fillDays } from "./outcome_days.ts";

Deno.test("fillDays() keeps the empty days", () => {
  const days = fillDays(
    [
      { first_day: "2026-11-20", success: 1, failure: 0, dead_lettered: 0 },
      { first_day: "2026-11-22", success: 0, failure: 3, dead_lettered: 2 },
    ],
    "2026-11-20",
    "2026-11-22",
  );
  assertEquals(days.map(({ first, last, counts }) => [first, last, ...Object.values(counts)]), [
    ["2026-11-20", "2026-11-20", 1, 0, 0],
    ["2026-11-21", "2026-11-21", 0, 0, 0],
    ["2026-11-22", "2026-11-22", 0, 3, 2],
  ]);
});

Deno.test("fillDays() shows a long time by weeks, the last one cut off", () => {
  assertEquals([daysEach("2026-01-01", "2026-03-03"), daysEach("2026-01-01", "2026-03-04")], [
    1,
    7,
  ]);
  const weeks = fillDays(
    [{ first_day: "2026-03-26", success: 1, failure: 0, dead_lettered: 0 }],
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
