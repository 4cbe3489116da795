import { assertEquals } from "@std/assert";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { HttpDispatcher } from "../../stack/background/http_dispatcher.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";

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

Deno.test("HttpDispatcher sends what a line break in a value leaves of a request", async () => {
  const seen: Request[] = [];
  const answer: typeof fetch = (input, init) => {
    seen.push(new Request(input, init));
    return Promise.resolve(new Response("", { status: 202 }));
  };
  await withDispatcher(answer, async (database) => {
    await database.query(
      `select net.http_post('http://function.example/', body := '{"n": 1}', headers := $1::text::jsonb)`,
      [JSON.stringify({ apikey: "key\n", "Content-Type": "application/json" })],
    );
    await database.query(
      `select net.http_post('http://function.example/', headers := $1::text::jsonb)`,
      [JSON.stringify({ apikey: "key\nanother line", "Content-Type": "application/json" })],
    );
    const kept = await responses(database, 2);
    assertEquals(kept.map((row) => row.status_code), [202, 400]);
  });
  const [request] = seen;
  assertEquals(seen.length, 1);
  assertEquals(request?.headers.get("apikey"), "key");
  assertEquals(request?.headers.get("content-type"), null);
  assertEquals(await request?.text(), "");
});

Deno.test("HttpDispatcher lets a request that hangs hold up those queued behind it", async () => {
  const sent: string[] = [];
  const hanging = Promise.withResolvers<Response>();
  const answer: typeof fetch = (input) => {
    const { hostname } = new URL(String(input));
    sent.push(hostname);
    return hostname === "hanging.example"
      ? hanging.promise
      : Promise.resolve(new Response("", { status: 202 }));
  };
  await withDispatcher(answer, async (database) => {
    await database.query("select net.http_post('http://hanging.example/')");
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await database.query("select net.http_post('http://function.example/')");
    // Long enough for any that were sent at once to have been.
    for (let turn = 0; turn < 50; turn++) await database.query("select 1");
    assertEquals(sent, ["hanging.example"]);
    assertEquals(await database.query("select from net._http_response"), []);
    hanging.resolve(new Response("", { status: 200 }));
    assertEquals((await responses(database, 2)).map((row) => row.status_code), [200, 202]);
  });
});

Deno.test("HttpDispatcher forgets answers after six hours", async () => {
  const answer: typeof fetch = () => Promise.resolve(new Response("", { status: 202 }));
  await withDispatcher(answer, async (database) => {
    await database.run(`
      insert into net._http_response (id, created) values
      (-2, now() - interval '6 hours 1 minute'), (-1, now() - interval '5 hours 59 minutes')`);
    await database.query("select net.http_post('http://function.example/')");
    assertEquals((await responses(database, 2)).map((row) => row.id), [-1, 1]);
  });
});
