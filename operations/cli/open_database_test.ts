import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "./errors.ts";
import { explainDatabase, openDatabase, tlsOptions } from "./open_database.ts";

Deno.test("tlsOptions() encrypts what leaves this machine", () => {
  assertEquals(tlsOptions("postgresql://postgres:x@db.example.org:5432/postgres"), {
    ssl: "require",
  });
  assertEquals(tlsOptions("postgres://postgres@127.0.0.1:54322/postgres"), {});
  assertEquals(tlsOptions("postgresql://postgres@[::1]/postgres"), {});
  assertEquals(tlsOptions("postgresql://db.example.org/postgres?sslmode=verify-full"), {});
});

Deno.test("tlsOptions() refuses other addresses without repeating them", () => {
  for (const url of ["", "hemmelig", "https://x:hemmelig@db.example.org"]) {
    const error = assertThrows(() => tlsOptions(url), OperationError);
    assertEquals([error.code, error.message.includes("hemmelig")], ["usage", false]);
  }
});

Deno.test("tlsOptions() says how a password is written into a URL", () => {
  const at = "db.example.org:5432/postgres";
  for (const character of ["%", "%zz", "#", "/", "?", "@", "12/", "12?", "12#"]) {
    const url = `postgresql://postgres:hem${character}melig@${at}`;
    const digits = `postgresql://postgres:${character}melig@${at}`;
    for (const one of [url, digits]) {
      const error = assertThrows(() => tlsOptions(one), OperationError);
      assertEquals(
        [error.code, error.message.includes("% as %25"), error.message.includes("melig")],
        ["usage", true, false],
        one,
      );
    }
  }
  const placeholder = `postgresql://postgres:[YOUR-PASSWORD]@${at}`;
  assertThrows(() => tlsOptions(placeholder), OperationError, "is still in it");
  assertEquals(tlsOptions(`postgresql://postgres:%25%23%40%2F%3A@${at}`), { ssl: "require" });
});

async function explained(url: string): Promise<OperationError> {
  const sql = openDatabase(url);
  try {
    await sql`select 1`;
  } catch (error) {
    const known = explainDatabase(error);
    if (known instanceof OperationError) return known;
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
  throw new Error("It connected");
}

Deno.test("explainDatabase() tells a server that is away from one that has no TLS", async () => {
  const away = await explained("postgresql://x:hemmelig@127.0.0.1:9/x");
  assertEquals([away.code, away.message], [
    "unreachable",
    "The database cannot be reached (ECONNREFUSED)",
  ]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      // A server without TLS answers N to the request for it.
      await connection.read(new Uint8Array(8));
      await connection.write(new TextEncoder().encode("N"));
      connection.close();
    }
  })();
  const plain = await explained(
    `postgresql://x:hemmelig@127.0.0.1:${listener.addr.port}/x?sslmode=require`,
  );
  listener.close();
  await serving;
  assertEquals(plain.code, "unreachable");
  assertEquals(plain.message.includes("hemmelig"), false);
});

Deno.test("explainDatabase() leaves alone what is no fault of a database", () => {
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  assertEquals(explainDatabase(full), full);
});
