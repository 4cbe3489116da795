import { assertEquals } from "@std/assert";
import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import { listingsCheck } from "./listings_check.ts";

const A = "00000000-0000-4000-8000-0000000000a1";
const B = "00000000-0000-4000-8000-0000000000b1";
const C = "00000000-0000-4000-8000-0000000000c1";

async function* pages(...all: (string | null)[][]): AsyncGenerator<Listing[]> {
  for (const page of all) {
    yield await Promise.resolve(page.map((key) => ({
      mentorId: key?.trim().toLowerCase() ?? null,
      isAddressable: key !== null && key.trim() === key,
      published: true,
    })));
  }
}

async function problems(listings: () => AsyncGenerator<Listing[]>): Promise<string[]> {
  const { findings = [] } = await listingsCheck({ listings }).run();
  return findings.map(({ problem }) => problem);
}

Deno.test("listingsCheck() finds nothing where every listing has a key of its own", async () => {
  assertEquals(await problems(() => pages([A], [B])), []);
});

Deno.test("listingsCheck() finds keys that are there twice, across pages, none, and odd ones", async () => {
  assertEquals(await problems(() => pages([A, B], [A.toUpperCase(), null, `${C} `])), [
    "1 listings have a mentor's id that another listing has, too.",
    "1 listings have no mentor's id, so hlf-sync cannot hide them.",
    "1 listings have an id that is spelled otherwise than in the app, so hlf-sync cannot hide them.",
  ]);
});

Deno.test("listingsCheck() does not call it well when there was nothing to look at", async () => {
  const { unseen = [] } = await listingsCheck({ listings: () => pages([]) }).run();
  assertEquals(unseen.length, 1);
});

Deno.test("listingsCheck() says so when the listings cannot be read", async () => {
  // deno-lint-ignore require-yield
  async function* failing(): AsyncGenerator<Listing[]> {
    await Promise.resolve();
    throw new DataverseError("forbidden", 403);
  }
  assertEquals(await problems(failing), ["The listings cannot be read: forbidden."]);
});
