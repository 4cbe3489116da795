import { assertEquals } from "@std/assert";
import { readTap } from "./tap.ts";

Deno.test("readTap() counts, and shows only what failed", () => {
  assertEquals(
    readTap([
      "1..3",
      "ok 1 - fine",
      'not ok 2 - broken\n# Failed test 2: "broken"\n#   have: 1',
      "ok 3",
    ]),
    {
      passed: 2,
      failed: 1,
      problems: ["not ok 2 - broken", '# Failed test 2: "broken"', "#   have: 1"],
    },
  );
});

Deno.test("readTap() counts a plan that is not kept, or missing, as a failure", () => {
  assertEquals(readTap(["1..2", "ok 1"]), {
    passed: 1,
    failed: 1,
    problems: ["# 2 tests were planned, but 1 ran"],
  });
  assertEquals(readTap([]), { passed: 0, failed: 1, problems: ["# no plan was made"] });
});

Deno.test("readTap() ignores what other statements of the file return", () => {
  assertEquals(readTap(["", "1..1", "01900000-0000-7000-8000-000000000000", "ok 1 - fine"]), {
    passed: 1,
    failed: 0,
    problems: [],
  });
});
