import { assertEquals, assertRejects } from "@std/assert";
import { withTimeout } from "./client.ts";
import { forceSync } from "./actions.ts";
import { ApiError } from "./answer.ts";
import { readNews } from "./news.ts";
import { clientOf, signIn } from "./testing.ts";

const ORGANISATION = "00000000-0000-4000-8000-00000000000a";
const NEWS = {
  read_at: "2026-11-22T12:00:00Z",
  organisation: null,
  state_count: 0,
  states: [],
};

Deno.test("Nothing is asked for nobody: whoever is signed out is told so at once", async () => {
  const { client, asked } = clientOf();
  const error = await assertRejects(() => readNews(client, ORGANISATION, null), ApiError);
  assertEquals(error.code, "signed_out");
  assertEquals(await forceSync(client, "m"), "unauthorised");
  assertEquals(asked, []);
});

Deno.test("What is asked carries the token, and a part that was refused is left out alone", async () => {
  const { client, asked } = clientOf(Response.json(NEWS));
  signIn(client);
  const news = await readNews(client, ORGANISATION, "2026-11-22T11:00:00Z");
  assertEquals([news.notifications, news.gate, news.states], [null, null, []]);
  assertEquals(asked, [{
    path: "/rest/v1/rpc/read_hlf_sync_news",
    body: { org_id: ORGANISATION, since: "2026-11-22T11:00:00Z" },
    authorization: "Bearer token",
  }]);
});

Deno.test("An answer of another shape is no answer", async () => {
  const { client } = clientOf(Response.json({ ...NEWS, states: [{ mentor_id: 1 }] }));
  signIn(client);
  const error = await assertRejects(() => readNews(client, ORGANISATION, null), ApiError);
  assertEquals(error.code, "refused");
});

Deno.test("withTimeout() ends what does not end by itself, and leaves alone what was aborted before", async () => {
  const hanging = (_input: URL | RequestInfo, init?: RequestInit) =>
    new Promise<Response>((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
  const error = await assertRejects(() => withTimeout(hanging, 1)("https://x.example.org"));
  assertEquals((error as Error).name, "TimeoutError");
  const aborted = new AbortController();
  const answer = withTimeout(hanging, 60_000)("https://x.example.org", { signal: aborted.signal });
  aborted.abort(new Error("aborted by hand"));
  await assertRejects(() => answer, Error, "aborted by hand");
});
