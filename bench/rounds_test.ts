import { assertEquals } from "@std/assert";
import { byTurns } from "./rounds.ts";

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
