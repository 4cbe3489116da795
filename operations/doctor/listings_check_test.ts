import { assertEquals } from "@std/assert";
import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import { DataverseError } from "../../supabase/functions/_shared/errors.ts";
import { listingsCheck } from "./listings_check.ts";

async function* pages(...all: (string | null)[][]): AsyncGenerator<Listing[]> {
  for (const page of all) {
    yield await Promise.resolve(page.map((mentorId) => ({
      mentorId,
      isAddressable: mentorId !== null,
      published: true,
    })));
  }
}

async function problems(listings: () => AsyncGenerator<Listing[]>): Promise<string[]> {
  return (await listingsCheck({ listings }).run()).map(({ problem }) => problem);
}

Deno.test("listingsCheck() finds nothing where every listing has a key of its own", async () => {
  assertEquals(await problems(() => pages(["a", "b"], ["c"])), []);
});

Deno.test("listingsCheck() finds keys that are there twice, across pages, and none at all", async () => {
  assertEquals(await problems(() => pages(["a", "b"], ["A", null])), [
    "1 listings have a mentor's id that another listing has, too.",
    "1 listings have no mentor's id, so hlf-sync cannot hide them.",
  ]);
});

Deno.test("listingsCheck() says so when the listings cannot be read", async () => {
  // deno-lint-ignore require-yield
  async function* failing(): AsyncGenerator<Listing[]> {
    await Promise.resolve();
    throw new DataverseError("read the listings", "forbidden", 403);
  }
  assertEquals(await problems(failing), ["The listings cannot be read: forbidden."]);
});
