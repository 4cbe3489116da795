import { assertEquals, assertMatch } from "@std/assert";
import { z } from "zod";
import { type ListingKey } from "./odata_key.ts";
import { readListing, readListings } from "./listing_reads.ts";
import { ListingStore } from "./listings.ts";
import { createRequest, createSeededRandom, mentorId } from "./testing.ts";

const ORIGIN = "http://simulator.test";
const PATH = "/api/data/v9.2/hlf_mentorlistings";

const pageSchema = z.object({
  "@odata.context": z.string(),
  value: z.array(z.object({ hlf_mentorid: z.string() })),
  "@odata.nextLink": z.string().optional(),
});

function createStore(count: number): ListingStore {
  const store = new ListingStore(createSeededRandom());
  for (let index = 0; index < count; index++) {
    store.create({ mentorId: mentorId(index), published: index % 2 === 0 });
  }
  return store;
}

function readPage(store: ListingStore, url: string, prefer: string) {
  const { pathname, search } = new URL(url);
  const reply = readListings(
    store,
    createRequest({ path: pathname, search, origin: ORIGIN, headers: { prefer } }),
  );
  return { reply, page: pageSchema.parse(JSON.parse([...reply.body].join(""))) };
}

function readAll(store: ListingStore, search: string, prefer: string, between = () => {}) {
  const pages: string[][] = [];
  for (let url: string | undefined = ORIGIN + PATH + search; url !== undefined;) {
    const { page } = readPage(store, url, prefer);
    pages.push(page.value.map((row) => row.hlf_mentorid));
    url = page["@odata.nextLink"];
    between();
  }
  return pages;
}

Deno.test("readListings() pages through everything once, by opaque links", () => {
  const pages = readAll(createStore(10), "?$select=hlf_mentorid", "odata.maxpagesize=4");
  assertEquals(pages.map((page) => page.length), [4, 4, 2]);
  assertEquals(new Set(pages.flat()).size, 10);
});

Deno.test("readListings() gives no next link after a page that is exactly full", () => {
  assertEquals(readAll(createStore(8), "", "odata.maxpagesize=4").map((page) => page.length), [
    4,
    4,
  ]);
  assertEquals(readAll(createStore(0), "", ""), [[]]);
});

Deno.test("readListings() keeps the other options in the next link", () => {
  const search = "?$select=hlf_mentorid&$filter=hlf_published%20eq%20true";
  const { page, reply } = readPage(createStore(10), ORIGIN + PATH + search, "odata.maxpagesize=2");
  const link = page["@odata.nextLink"] ?? "";
  assertEquals(
    link.startsWith(`${ORIGIN}${PATH}${search}&$skiptoken=%3Ccookie%20pagenumber`),
    true,
  );
  assertMatch(link, /pagingcookie%3D%22%2525\w/);
  assertEquals(reply.headers["preference-applied"], "odata.maxpagesize=2");
  assertEquals(
    readAll(createStore(10), search, "odata.maxpagesize=2").map((page) => page.length),
    [2, 2, 1],
  );
});

Deno.test("readListings() holds pages to 5,000 rows", () => {
  const pages = readAll(createStore(5_001), "", "odata.maxpagesize=9000");
  assertEquals(pages.map((page) => page.length), [5_000, 1]);
});

Deno.test("readListings() neither skips nor doubles rows when others go and come", () => {
  const store = createStore(10);
  const pages = readAll(store, "", "odata.maxpagesize=4", () => {
    const first = store.byMentorId(mentorId(1));
    if (first !== undefined) store.delete(first);
  });
  assertEquals(pages.flat(), Array.from({ length: 10 }, (_, index) => mentorId(index)));
});

Deno.test("readListings() finds one mentor by key, and nothing for one who is not there", () => {
  const store = createStore(10);
  const filter = (id: string) => `?$filter=hlf_mentorid%20eq%20'${id}'`;
  assertEquals(readAll(store, filter(mentorId(7)), ""), [[mentorId(7)]]);
  assertEquals(readAll(store, filter(mentorId(99)), ""), [[]]);
});

Deno.test("readListings() stops at $top without a next link", () => {
  assertEquals(readAll(createStore(10), "?$top=3", "").map((page) => page.length), [3]);
});

Deno.test("readListing() answers one row", () => {
  const store = createStore(1);
  const key: ListingKey = { kind: "alternate", mentorId: mentorId(0) };
  const { status, body } = readListing(store, key, createRequest({ origin: ORIGIN }));
  const row = z.looseObject({ "@odata.context": z.string() }).parse(JSON.parse(String(body)));
  assertEquals(status, 200);
  assertMatch(row["@odata.context"], /\$metadata#hlf_mentorlistings\/\$entity$/);
});
