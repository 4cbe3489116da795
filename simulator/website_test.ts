import { assertEquals, assertStringIncludes } from "@std/assert";
import { ListingStore } from "./listings.ts";
import { createFakeClock, createSeededRandom, mentorId } from "./testing.ts";
import { mentorIdsOnPage, renderPage, Website } from "./website.ts";

function createSite(cacheSeconds: number) {
  const clock = createFakeClock();
  const store = new ListingStore(createSeededRandom());
  const row = store.create({ mentorId: mentorId(1), published: true, name: "Kari Prøve" });
  const site = new Website(clock.now, () => store.after(0), cacheSeconds);
  return { clock, store, row, site, shown: () => mentorIdsOnPage(String(site.handle().body)) };
}

Deno.test("Website serves the cached page until it is old, then the data", () => {
  const { clock, store, row, site, shown } = createSite(900);
  assertEquals(shown(), [mentorId(1)]);
  store.update(row, { published: false });
  clock.advance(899);
  assertEquals(shown(), [mentorId(1)]);
  assertEquals(site.handle().headers["age"], "899");
  clock.advance(1);
  assertEquals(shown(), []);
});

Deno.test("Website.refresh() shows the data at once", () => {
  const { store, row, site, shown } = createSite(900);
  shown();
  store.update(row, { published: false });
  site.refresh();
  assertEquals(shown(), []);
});

Deno.test("Website never lags with a cache of 0 seconds", () => {
  const { store, row, site, shown } = createSite(900);
  shown();
  site.cacheSeconds = 0;
  store.update(row, { published: false });
  assertEquals(shown(), []);
});

Deno.test("renderPage() shows only published listings, by name", () => {
  const { store } = createSite(0);
  store.create({ mentorId: mentorId(2), published: true, name: "Anne Prøve" });
  store.create({ mentorId: mentorId(3), published: false, name: "Bo Prøve" });
  const html = renderPage(store.after(0), 0);
  assertEquals(mentorIdsOnPage(html), [mentorId(2), mentorId(1)]);
  assertEquals(html.includes("Bo Prøve"), false);
});

Deno.test("renderPage() escapes names and ids", () => {
  const { store } = createSite(0);
  store.create({ mentorId: `"><b>'&`, published: true, name: "<script>alert(1)</script>" });
  const html = renderPage(store.after(0), 0);
  assertStringIncludes(html, "&lt;script&gt;alert(1)&lt;/script&gt;");
  assertEquals(html.includes("<script>"), false);
  assertEquals(mentorIdsOnPage(html)[0], `"><b>'&`);
});
