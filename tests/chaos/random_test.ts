import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createRandom } from "./random.ts";

function numbers(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

Deno.test("createRandom() repeats itself for a seed, and only for that", () => {
  assertEquals(numbers(7, 100), numbers(7, 100));
  assertNotEquals(numbers(7, 100), numbers(8, 100));
});

Deno.test("createRandom() spreads its first numbers over neighbouring seeds", () => {
  const tenths = new Set(
    Array.from({ length: 100 }, (_, seed) => Math.floor(createRandom(seed).next() * 10)),
  );
  assertEquals(tenths.size, 10);
});

Deno.test("Random.integer() reaches both ends and nothing beyond", () => {
  const random = createRandom(1);
  const seen = new Set(Array.from({ length: 200 }, () => random.integer(2, 4)));
  assertEquals([...seen].sort(), [2, 3, 4]);
});

Deno.test("Random.weighted() never picks what weighs nothing", () => {
  const random = createRandom(2);
  const seen = Array.from(
    { length: 300 },
    () => random.weighted([[0, "never"], [1, "seldom"], [9, "often"]]),
  );
  assert(!seen.includes("never"));
  assert(seen.filter((word) => word === "often").length > 200);
  assert(seen.includes("seldom"));
});

Deno.test("Random.some() gives as many as there are, in their order", () => {
  const random = createRandom(3);
  assertEquals(random.some([1, 2, 3], 9), [1, 2, 3]);
  assertEquals(random.some([1, 2, 3, 4], 2).length, 2);
});
