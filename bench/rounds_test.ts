import { assertEquals } from "@std/assert";
import { byTurns, timeByTurns } from "./rounds.ts";

Deno.test("byTurns() does each thing once a round, and nobody always after the same one", async () => {
  const order: string[] = [];
  const note = (name: string) => (round: number) => {
    order.push(name + round);
    return Promise.resolve(name + round);
  };
  const results = await byTurns(2, { a: note("a"), b: note("b"), c: note("c") });
  assertEquals(order, ["a0", "b0", "c0", "b1", "c1", "a1"]);
  assertEquals(results, { a: ["a0", "a1"], b: ["b0", "b1"], c: ["c0", "c1"] });
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
