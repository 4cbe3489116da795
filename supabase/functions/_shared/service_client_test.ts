import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "./errors.ts";
import { callFunction, createDatabaseClient, nothing } from "./service_client.ts";

/** A server that sends headers, the beginning of a body, and nothing more. */
function neverEnding(_input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      stream.enqueue(new TextEncoder().encode("["));
      init?.signal?.addEventListener("abort", () => stream.error(init.signal?.reason));
    },
  });
  return Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } }));
}

Deno.test("createDatabaseClient() gives up an answer whose body never ends", async () => {
  const client = createDatabaseClient("http://db.example", "sb_secret_a", {
    fetch: neverEnding,
    timeoutSeconds: 0.01,
  });
  const { data, status, error } = await client.rpc("admit_hlf_sync_request");
  assertEquals([data, status, error === null], [null, 0, false]);
});

Deno.test("createDatabaseClient() passes an answer on, and one without a body", async () => {
  const answers = [Response.json([{ is_admitted: true }]), new Response(null, { status: 204 })];
  const client = createDatabaseClient("http://db.example", "sb_secret_a", {
    fetch: () => Promise.resolve(answers.shift() ?? Response.error()),
  });
  const first = await client.rpc("admit_hlf_sync_request");
  const second = await client.rpc("admit_hlf_sync_request");
  assertEquals([first.status, first.data?.length, second.status], [200, 1, 204]);
});

Deno.test("callFunction() takes a 404 for a fault, whatever a gateway writes into it", async () => {
  for (const body of ["", " ", "[]", "{}", "<html>Not found</html>", "[{}]"]) {
    const client = createDatabaseClient("http://db.example", "sb_secret_a", {
      fetch: () => Promise.resolve(new Response(body, { status: 404 })),
    });
    const args = { reader: crypto.randomUUID() };
    const error = await assertRejects(
      () => callFunction(client, "refuse_hlf_listings", args, nothing),
      DatabaseError,
    );
    assertEquals(error.status, 404, body);
  }
});
