import { assertEquals } from "@std/assert";
import { findDivergence, isInStep } from "./divergence.ts";

async function* pages<T>(...all: T[][]): AsyncGenerator<T[]> {
  for (const page of all) yield await Promise.resolve(page);
}
const wanted = (mentorId: string, operation: "remove" | "restore") => ({ mentorId, operation });
const listing = (mentorId: string | null, published: boolean) => ({ mentorId, published });

Deno.test("findDivergence() compares across pages", async () => {
  const divergence = await findDivergence(
    pages(
      [wanted("a1", "remove"), wanted("a2", "remove"), wanted("a3", "remove")],
      [wanted("b1", "restore"), wanted("b2", "restore"), wanted("b3", "restore")],
    ),
    pages(
      [listing("a1", true), listing("b2", false), listing("a2", false)],
      [listing("b1", true), listing("stranger", true), listing(null, true), listing("gone", false)],
    ),
  );
  assertEquals(divergence, { remove: ["a1"], restore: ["b2"], unlisted: ["b3"], unknownCount: 2 });
  assertEquals(isInStep(divergence), false);
});

Deno.test("findDivergence() finds nothing where all is in step, strangers or not", async () => {
  const divergence = await findDivergence(
    pages([wanted("a1", "remove"), wanted("b1", "restore")]),
    pages([listing("B1", true), listing("stranger", true)]),
  );
  assertEquals(divergence, { remove: [], restore: [], unlisted: [], unknownCount: 1 });
  assertEquals(isInStep(divergence), true);
});

Deno.test("findDivergence() takes a mentor for shown when any listing of theirs is", async () => {
  const divergence = await findDivergence(
    pages([wanted("a1", "remove")]),
    pages([listing("a1", true), listing("A1", false)]),
  );
  assertEquals(divergence.remove, ["a1"]);
});
