import { assertEquals, assertRejects } from "@std/assert";
import { type Kept, PageKeeper } from "./page_keeper.ts";

const ADDRESS = "https://page.example.org/app/";

function html(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

/** A keeper of a host that gives these answers one after the other, and all that it keeps. */
function keeperOf(...answers: (Response | Error)[]) {
  const kept = new Map<string, Response>();
  const asked: unknown[] = [];
  const store: Kept = {
    match: (address) => Promise.resolve(kept.get(String(address))?.clone()),
    put: (address, response) => Promise.resolve(void kept.set(String(address), response)),
    delete: (address) => Promise.resolve(kept.delete(String(address))),
  };
  const keeper = new PageKeeper(ADDRESS, () => Promise.resolve(store), (address, init) => {
    asked.push([address, init?.cache]);
    const answer = answers.shift() ?? new TypeError("no contact");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return { keeper, kept, asked, saved: async () => await (await keeper.kept())?.text() ?? null };
}

Deno.test("PageKeeper keeps the newest page under the page's address, whatever stood behind it", async () => {
  const { keeper, kept, asked, saved } = keeperOf(html("one"), html("two"));
  assertEquals(await saved(), null);
  assertEquals(await (await keeper.newest()).text(), "one");
  assertEquals(await saved(), "one");
  await keeper.newest();
  assertEquals([await saved(), [...kept.keys()]], ["two", [ADDRESS]]);
  assertEquals(asked, [[ADDRESS, "no-cache"], [ADDRESS, "no-cache"]]);
});

Deno.test("PageKeeper answers for the page and for nothing else", () => {
  const { keeper } = keeperOf();
  for (const behind of ["", "?code=secret", "index.html", "#/logg"]) {
    assertEquals(keeper.owns(ADDRESS + behind), true, behind);
  }
  for (
    const url of [
      `${ADDRESS}worker.js`,
      `${ADDRESS}other/`,
      `${ADDRESS}rest/v1/mentors`,
      "https://page.example.org/",
      "https://project.example.org/app/",
    ]
  ) assertEquals(keeper.owns(url), false, url);
});

Deno.test("PageKeeper does not take a host's trouble for the page", async () => {
  const trouble = [
    html("down for maintenance", 503),
    Response.json({}),
    new TypeError("no contact"),
    html("half of it", 206),
  ];
  for (const answer of trouble) {
    const { keeper, saved } = keeperOf(html("good"), answer);
    await keeper.newest();
    await keeper.newest().catch(() => {});
    assertEquals(await saved(), "good");
  }
});

Deno.test("PageKeeper forgets a page that is not there any more, or not for everybody", async () => {
  const elsewhere = Object.defineProperty(html(""), "type", { value: "opaqueredirect" });
  for (const answer of [html("gone", 404), html("sign in", 401), html("no", 403), elsewhere]) {
    const { keeper, saved } = keeperOf(html("good"), answer);
    await keeper.newest();
    await keeper.newest();
    assertEquals(await saved(), null);
  }
});

Deno.test("PageKeeper gives the host's answer where nothing can be kept", async () => {
  const forbidden = () => Promise.reject(new DOMException("forbidden", "SecurityError"));
  const keeper = new PageKeeper(ADDRESS, forbidden, () => Promise.resolve(html("page")));
  assertEquals(await keeper.kept(), null);
  assertEquals(await (await keeper.newest()).text(), "page");
  const { keeper: alone } = keeperOf();
  await assertRejects(() => alone.newest(), TypeError);
});

Deno.test("PageKeeper tells a newer page from the same one and from a host's trouble", async () => {
  for (
    const [answer, isNewer] of [
      [html("one"), false],
      [html("two"), true],
      [html("down", 503), false],
      [html("gone", 404), false],
    ] as const
  ) {
    const { keeper } = keeperOf(html("one"), answer);
    await keeper.newest();
    const before = await keeper.kept();
    assertEquals(await keeper.isNewer(before, await keeper.newest()), isNewer);
  }
  const { keeper } = keeperOf(html("one"));
  assertEquals(await keeper.isNewer(null, await keeper.newest()), false);
});
