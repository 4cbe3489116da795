import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";

Deno.test("StackDatabase.expose() keeps others out of a client's open transaction", async () => {
  const database = await openPgliteDatabase();
  const { url, stop } = await database.expose(0);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await database.run("create table t (id int)");
    const order: string[] = [];
    let others: Promise<void> = Promise.resolve();
    await sql.begin(async (transaction) => {
      await transaction`insert into t values (1)`;
      others = database.query("select id from t").then((rows) => {
        order.push(`others see ${rows.length}`);
      });
      await transaction`insert into t values (${2})`;
      order.push("client commits");
    });
    await others;
    assertEquals(order, ["client commits", "others see 2"]);
  } finally {
    await sql.end();
    await stop();
    await database.close();
  }
});

Deno.test("StackDatabase.expose() rolls back for a client that leaves", async () => {
  const database = await openPgliteDatabase();
  const { url, stop } = await database.expose(0);
  try {
    await database.run("create table t (id int)");
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    const connection = await sql.reserve();
    await connection.unsafe("begin; insert into t values (1)");
    await sql.end({ timeout: 0 });
    assertEquals(await database.query("select id from t"), []);
  } finally {
    await stop();
    await database.close();
  }
});

Deno.test("StackDatabase.expose() tells clients that ask for TLS that there is none", async () => {
  const database = await openPgliteDatabase();
  const { url, stop } = await database.expose(0);
  const sql = postgres(url.replace("sslmode=disable", "sslmode=prefer"), { max: 1 });
  try {
    assertEquals([...await sql`select 1 as one`], [{ one: 1 }]);
  } finally {
    await sql.end();
    await stop();
    await database.close();
  }
});

Deno.test("StackDatabase.expose() keeps others out of a query that comes in several messages", async () => {
  const database = await openPgliteDatabase();
  const { url, stop } = await database.expose(0);
  const sql = postgres(url, { max: 1, prepare: false });
  try {
    await sql`select 1`;
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    let done = false;
    const others = (async () => {
      while (!done) {
        const rows = await database.query<{ t: string }>("select $1 || ' others' as t", [
          "the",
        ]);
        assertEquals(rows, [{ t: "the others" }]);
        // PGlite never waits for anything outside this process; the socket gets its turn here.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    })();
    const ours: unknown[] = [];
    for (const n of numbers) ours.push((await sql`select ${n}::int as n`)[0]?.n);
    done = true;
    await others;
    assertEquals(ours, numbers);
  } finally {
    await sql.end();
    await stop();
    await database.close();
  }
});
