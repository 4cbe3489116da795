import { assertEquals } from "@std/assert";
import { classifyFailure } from "../../supabase/functions/_shared/dataverse/classify.ts";
import type { ListingTable } from "../../supabase/functions/_shared/dataverse/listing_table.ts";
import { judge } from "./finding.ts";
import { listingTableCheck } from "./listing_table_check.ts";

const SOUND: ListingTable = { publishedType: "Boolean", keyType: "String", keyStatus: "Active" };

async function problems(table: ListingTable): Promise<string[]> {
  const { findings = [] } = await listingTableCheck({
    describeListings: () => Promise.resolve(table),
  }).run();
  return findings.map(({ problem }) => problem);
}

Deno.test("listingTableCheck() finds nothing in a table as the settings have it", async () => {
  assertEquals(await problems(SOUND), []);
});

Deno.test("listingTableCheck() finds what every update would be refused for", async () => {
  const cases: [Partial<ListingTable>, string][] = [
    [{ keyStatus: "Pending" }, "The alternate key is not active: Pending."],
    [{ keyStatus: "Failed" }, "The alternate key is not active: Failed."],
    [{ keyStatus: null }, "The column in DYNAMICS_LISTING_KEY has no alternate key of its own."],
    [
      { keyType: "Uniqueidentifier" },
      "The column in DYNAMICS_LISTING_KEY is no text column (Uniqueidentifier).",
    ],
    [{ keyType: null }, "There is no column of the name in DYNAMICS_LISTING_KEY."],
    [
      { publishedType: "Picklist" },
      "The column in DYNAMICS_LISTING_PUBLISHED is no yes/no column (Picklist).",
    ],
    [{ publishedType: null }, "There is no column of the name in DYNAMICS_LISTING_PUBLISHED."],
  ];
  for (const [change, problem] of cases) {
    assertEquals(await problems({ ...SOUND, ...change }), [problem]);
  }
});

Deno.test("listingTableCheck() calls nothing well that it may not or cannot read", async () => {
  for (const [status, verdict] of [[403, "unseen"], [503, "unchecked"]] as const) {
    const failure = classifyFailure({
      status,
      code: null,
      requestId: null,
      retryAfterSeconds: null,
      isDataverseError: true,
    });
    const outcome = await listingTableCheck({
      describeListings: () => Promise.resolve(failure),
    }).run();
    assertEquals(judge(outcome), verdict);
  }
});
