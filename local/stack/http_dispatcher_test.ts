import { assertEquals } from "@std/assert";
import { bootstrapDatabase } from "./bootstrap.ts";
import type { StackDatabase } from "./database.ts";
import { HttpDispatcher } from "./http_dispatcher.ts";
import { openPgliteDatabase } from "./pglite_database.ts";

/** Runs `use` with a dispatcher that looks at its queue only when it is notified. */
async function withDispatcher(
  answer: typeof fetch,
  use: (database: StackDatabase) => Promise<void>,
): Promise<void> {
  const database = await openPgliteDatabase();
  const dispatcher = new HttpDispatcher({ database, fetch: answer, pollSeconds: 3600 });
  try {
    await bootstrapDatabase(database);
    await dispatcher.start();
    await use(database);
  } finally {
    await dispatcher.stop();
    await database.close();
  }
}

async function responses(database: StackDatabase, count: number) {
  for (;;) {
    const rows = await database.query<Record<string, unknown>>(
      "select id, status_code, content, timed_out, error_msg from net._http_response order by id",
    );
    if (rows.length >= count) return rows;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("HttpDispatcher sends a post after the commit and keeps the answer", async () => {
  const seen: Request[] = [];
  const answer: typeof fetch = (input, init) => {
    seen.push(new Request(input, init));
    return Promise.resolve(new Response("accepted", { status: 202 }));
  };
  await withDispatcher(answer, async (database) => {
    await database.run("begin; select net.http_post('http://rolled.back/'); rollback;");
    await database.query(
      `select net.http_post('http://function.example/x?a=b', body := '{"n": 1}', params := '{"ø": "1&2"}',
        headers := '{"apikey": "key"}')`,
    );
    assertEquals(await responses(database, 1), [
      { id: 2, status_code: 202, content: "accepted", timed_out: false, error_msg: null },
    ]);
    assertEquals(await database.query("select from net.http_request_queue"), []);
  });
  const [request] = seen;
  assertEquals(seen.length, 1);
  assertEquals([request?.method, request?.url], [
    "POST",
    "http://function.example/x?a=b&%C3%B8=1%262",
  ]);
  assertEquals(request?.headers.get("apikey"), "key");
  assertEquals(request?.headers.get("content-type"), "application/json");
  assertEquals(await request?.json(), { n: 1 });
});

Deno.test("HttpDispatcher never retries a request that failed", async () => {
  let sent = 0;
  const refuse: typeof fetch = () => {
    sent++;
    return Promise.reject(new TypeError("connection refused"));
  };
  await withDispatcher(refuse, async (database) => {
    await database.query("select net.http_post('http://function.example/')");
    assertEquals(await responses(database, 1), [
      {
        id: 1,
        status_code: null,
        content: null,
        timed_out: false,
        error_msg: "connection refused",
      },
    ]);
  });
  assertEquals(sent, 1);
});

Deno.test("HttpDispatcher gives up at the request's own timeout", async () => {
  const hang: typeof fetch = (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  await withDispatcher(hang, async (database) => {
    await database.query(
      "select net.http_post('http://function.example/', timeout_milliseconds := 10)",
    );
    assertEquals(await responses(database, 1), [{
      id: 1,
      status_code: null,
      content: null,
      timed_out: true,
      error_msg: "Timeout of 10 ms reached",
    }]);
  });
});
