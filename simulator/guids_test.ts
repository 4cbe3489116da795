import { assertEquals, assertNotEquals } from "@std/assert";
import { createGuid, isGuid } from "./guids.ts";
import { createSeededRandom } from "./testing.ts";

Deno.test("createGuid() gives well-formed version 4 guids that differ", () => {
  const random = createSeededRandom();
  const first = createGuid(random);
  assertEquals(isGuid(first), true);
  assertEquals(first[14], "4");
  assertNotEquals(createGuid(random), first);
});

Deno.test("createGuid() stays well-formed at the ends of the randomness", () => {
  assertEquals(createGuid(() => 0), "00000000-0000-4000-8000-000000000000");
  assertEquals(createGuid(() => 1 - Number.EPSILON), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});

Deno.test("isGuid() refuses what only looks like one", () => {
  assertEquals(isGuid("11111111-1111-4111-8111-11111111111"), false);
  assertEquals(isGuid("{11111111-1111-4111-8111-111111111111}"), false);
});
