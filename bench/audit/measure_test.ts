import { assertEquals, assertThrows } from "@std/assert";
import { median, timeByTurns } from "./measure.ts";

Deno.test("median() is not moved by a straggler", () => {
  assertEquals(median([3, 1, 1000, 2, 4]), 3);
  assertThrows(() => median([]), RangeError);
});

Deno.test("timeByTurns() lets everyone begin in turn and gives each its own median", async () => {
  let clock = 0;
  const order: string[] = [];
  const taking = (name: string, milliseconds: number) => () => {
    order.push(name);
    clock += milliseconds;
    return Promise.resolve();
  };
  const medians = await timeByTurns(3, { a: taking("a", 5), b: taking("b", 7) }, () => clock);
  assertEquals(medians, { a: 5, b: 7 });
  assertEquals(order, ["a", "b", "b", "a", "a", "b"]);
});

Deno.test("timeByTurns() believes whoever measures", async () => {
  assertEquals(await timeByTurns(2, { a: () => Promise.resolve([1, 3, 8]) }), { a: 3 });
});
