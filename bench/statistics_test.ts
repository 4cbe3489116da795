import { assertEquals, assertThrows } from "@std/assert";
import { median, quantile, range } from "./statistics.ts";

Deno.test("quantile() interpolates between neighbours, whatever the order", () => {
  assertEquals(quantile([40, 10, 30, 20], 0.5), 25);
  assertEquals(quantile([10, 20], 0.99), 19.9);
  assertEquals(quantile([7], 0.99), 7);
});

Deno.test("quantile() takes the ends for shares of 0 and 1", () => {
  assertEquals(quantile([3, 1, 2], 0), 1);
  assertEquals(quantile([3, 1, 2], 1), 3);
});

Deno.test("quantile() refuses to make a value up", () => {
  assertThrows(() => quantile([], 0.5), RangeError);
});

Deno.test("median() and range() leave their argument as it was", () => {
  const values = [3, 1, 2];
  assertEquals([median(values), range(values), values], [2, [1, 3], [3, 1, 2]]);
});
