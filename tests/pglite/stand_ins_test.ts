import { assertEquals } from "@std/assert";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";

async function withPlatform(use: (database: StackDatabase) => Promise<void>): Promise<void> {
  const database = await openPgliteDatabase();
  try {
    await bootstrapDatabase(database);
    await use(database);
  } finally {
    await database.close();
  }
}

/** The SQLSTATE that a statement ends in, or null. */
async function errorOf(
  database: StackDatabase,
  statement: string,
  parameters: readonly unknown[] = [],
): Promise<string | null> {
  try {
    await database.query(statement, parameters);
    return null;
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

// What libcurl's parser says of each was asked of it (curl_url_set without flags).
const REFUSED = [
  "https://hooks.example/x\n",
  "https://hooks.example/x\r\n",
  "https://hooks.example/x ",
  " https://hooks.example/x",
  "\thttps://hooks.example/x",
  "\ufeffhttps://hooks.example/x",
  "https://hooks.example/a b",
  "https://hooks.example/\u0001",
  "https://hooks.example/\u007f",
  '"https://hooks.example/x"',
  "'https://hooks.example/x'",
  'https://hooks.example"',
  "https://<ref>.supabase.co/functions/v1/hlf-sync",
  "https://$ref.supabase.co/",
  "https://{ref}.supabase.co/",
  "hooks.example/x",
  "//hooks.example/x",
  "https//hooks.example/x",
  "https:hooks.example/x",
  "https:////hooks.example/x",
  "htps://hooks.example/x",
  "https://",
  "https:///",
  "https://?x=1",
  "https://:443/x",
  "https://user@/x",
  "https://hooks.example:99999/x",
  "https://hooks.example:65536/x",
  "https://hooks.example:https/x",
  "https://hooks.example:-1/x",
  "https://hooks%20example/x",
  "https://hooks.example%0a/x",
  "https://a,b/x",
  "https://[::1/x",
  "https://[::1]x/x",
  "https://[::g]/x",
  "https://[1.2.3.4]/x",
  "https://[::1/64]/x",
  "",
  "https",
];

const TAKEN = [
  "https://hooks.example/x",
  "HTTPS://hooks.example",
  "https:/hooks.example/x",
  "http://127.0.0.1:54321/functions/v1/hlf-sync",
  "https://hooks.example:/x",
  "https://hooks.example:0443/x?a=b#c",
  "https://user:word@hooks.example/x",
  "https://[::1]:443/x",
  "https://[fe80::1%25eth0]/x",
  "https://hooks%2Eexample/x",
  "https://ærlig.example/ø",
  // A quote or the like is refused before the path only.
  'https://hooks.example/"<x>"',
  // A blank as no keyboard makes it passes, too.
  "https://hooks.example/x\u00a0",
];

Deno.test("net.http_post() raises for what libcurl does not parse, and queues the rest", async () => {
  await withPlatform(async (database) => {
    const post = "select net.http_post($1)";
    const outcomes = async (urls: readonly string[]) => {
      const pairs: [string, string | null][] = [];
      for (const url of urls) pairs.push([url, await errorOf(database, post, [url])]);
      return pairs;
    };
    assertEquals(await outcomes(REFUSED), REFUSED.map((url) => [url, "XX000"]));
    assertEquals(await outcomes(TAKEN), TAKEN.map((url) => [url, null]));
    assertEquals(await errorOf(database, "select net.http_post(null)"), "23502");
    assertEquals(
      await database.query("select url from net.http_request_queue order by id"),
      TAKEN.map((url) => ({ url })),
    );
  });
});

Deno.test("net leaves its tables to everybody, as pg_net does", async () => {
  await withPlatform(async (database) => {
    await database.run("create role somebody");
    const rows = await database.query(`
      select has_table_privilege('somebody', t, 'select, insert') as queue
      from unnest(array['net.http_request_queue', 'net._http_response']) as t
      union all select has_schema_privilege('somebody', 'net', 'usage')`);
    assertEquals(rows, [{ queue: true }, { queue: true }, { queue: true }]);
    assertEquals(
      await database.query(
        "select relpersistence from pg_class where relname in ('http_request_queue', '_http_response')",
      ),
      [{ relpersistence: "u" }, { relpersistence: "u" }],
    );
  });
});

Deno.test("stand_in.faults puts pg_net and Vault out of order, until the transaction ends or for good", async () => {
  await withPlatform(async (database) => {
    await database.run("select vault.create_secret('word', 'name')");
    const post = "select net.http_post('https://hooks.example/')";
    const read = "select decrypted_secret from vault.decrypted_secrets where name = 'name'";
    const both = "update stand_in.faults set is_out_of_order = $1";
    await database.run("begin; update stand_in.faults set is_out_of_order = true; rollback");
    assertEquals([await errorOf(database, post), await errorOf(database, read)], [null, null]);
    await database.query(both, [true]);
    assertEquals([await errorOf(database, post), await errorOf(database, read)], [
      "42501",
      "22000",
    ]);
    // Only decrypting fails: whoever asks what there is, or for nothing that is there, is answered.
    assertEquals(await errorOf(database, "select name from vault.decrypted_secrets"), null);
    assertEquals(await errorOf(database, read.replace("'name'", "'another'")), null);
    await database.query(both, [false]);
    assertEquals([await errorOf(database, post), await errorOf(database, read)], [null, null]);
  });
});

Deno.test("vault keeps something else than the secret, and changes it by its function", async () => {
  await withPlatform(async (database) => {
    await database.run("select vault.create_secret('wørd', 'name', 'what for')");
    await database.run(`
      select vault.update_secret(id, new_name := 'other') from vault.secrets;
      select vault.update_secret(id, new_secret := E'line\\n') from vault.secrets;`);
    assertEquals(
      await database.query(
        `select name, description, decrypted_secret, secret = decrypted_secret as is_plain
         from vault.decrypted_secrets`,
      ),
      [{ name: "other", description: "what for", decrypted_secret: "line\n", is_plain: false }],
    );
  });
});
