import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { DuplicateListingError, etagOf, ListingStore } from "./listings.ts";
import { createSeededRandom } from "./testing.ts";

function createStore(...mentorIds: string[]): ListingStore {
  const store = new ListingStore(createSeededRandom());
  for (const mentorId of mentorIds) store.create({ mentorId, published: true });
  return store;
}

Deno.test("ListingStore finds a row by guid and by alternate key, in any case", () => {
  const store = createStore("Mentor-A");
  const row = store.byMentorId("mentor-a");
  assertEquals(row?.mentorId, "Mentor-A");
  assertEquals(store.byId(row?.id.toUpperCase() ?? ""), row);
  assertEquals(store.byMentorId("mentor-b"), undefined);
});

Deno.test("ListingStore.create() refuses a second row for one key", () => {
  const store = createStore("a");
  assertThrows(() => store.create({ mentorId: "A" }), DuplicateListingError);
  const id = store.byMentorId("a")?.id ?? "";
  assertThrows(() => store.create({ id, mentorId: "b" }), DuplicateListingError);
  assertEquals(store.size, 1);
});

Deno.test("ListingStore.update() gives a new ETag even when nothing differs", () => {
  const store = createStore("a");
  const row = store.create({ mentorId: "b", published: false, name: "Ola Prøve" });
  const before = etagOf(row);
  store.update(row, { published: false });
  assertNotEquals(etagOf(row), before);
  assertEquals([row.published, row.name], [false, "Ola Prøve"]);
});

Deno.test("ListingStore.after() goes on where it stopped, whatever was deleted meanwhile", () => {
  const store = createStore("a", "b", "c", "d");
  const [first, second] = store.after(0);
  if (first === undefined || second === undefined) throw new Error("rows expected");
  store.delete(second);
  store.create({ mentorId: "e" });
  assertEquals([...store.after(second.place)].map((row) => row.mentorId), ["c", "d", "e"]);
  assertEquals([...store.after(first.place)].map((row) => row.mentorId), ["c", "d", "e"]);
  assertEquals([...store.after(0)].map((row) => row.mentorId), ["a", "c", "d", "e"]);
});

Deno.test("ListingStore.delete() forgets the row under both keys", () => {
  const store = createStore("a", "b");
  const row = store.byMentorId("a");
  if (row === undefined) throw new Error("row expected");
  store.delete(row);
  store.delete(row);
  assertEquals([store.byId(row.id), store.byMentorId("a"), store.size], [undefined, undefined, 1]);
});

Deno.test("ListingStore.replaceAll() leaves only the new rows", () => {
  const store = createStore("a", "b");
  store.replaceAll([{ mentorId: "c" }]);
  assertEquals([...store.after(0)].map((row) => row.mentorId), ["c"]);
  assertEquals(store.byMentorId("a"), undefined);
});
