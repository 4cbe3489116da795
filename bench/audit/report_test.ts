import { assertEquals } from "@std/assert";
import { compare, describe } from "./report.ts";

Deno.test("compare() holds up to its limit, and without one", () => {
  assertEquals(compare("a", 3, 2, 1.5).holds, true);
  assertEquals(compare("a", 3.1, 2, 1.5).holds, false);
  assertEquals(compare("a", 9, 1, null).holds, true);
});

Deno.test("describe() says which of them fail", () => {
  assertEquals(
    describe([
      compare("first", 3, 2, 2),
      compare("second one", 3, 2, 1.2),
      compare("third", 4, 1, null),
    ]),
    [
      "ok      first         3.00 ms    2.00 ms   1.50 times  at most 2",
      "FAILED  second one    3.00 ms    2.00 ms   1.50 times  at most 1.2",
      "        third         4.00 ms    1.00 ms   4.00 times",
    ].join("\n"),
  );
});
