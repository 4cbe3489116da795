import { assertEquals, assertRejects } from "@std/assert";
import { startPostgrest } from "./postgrest.ts";
import { viaPostgrest } from "./programs/postgrest_rest.ts";

const SECRET = "a-secret-that-is-long-enough-for-hs256";

/** What stands for PostgREST: it is ready after a while, and shows who it is asked by and as whom it logs in. */
const STAND_IN = `#!/usr/bin/env node
const { createServer } = require("node:http");
const { createHmac } = require("node:crypto");
const { PGRST_SERVER_PORT, PGRST_ADMIN_SERVER_PORT, PGRST_JWT_SECRET, PGRST_DB_URI, PGRST_DB_SCHEMAS } = process.env;
let looks = 0;
createServer((_, response) => response.writeHead(++looks < 3 ? 503 : 200).end()).listen(PGRST_ADMIN_SERVER_PORT);
createServer(({ url, headers }, response) => {
  const [head, claims, signature] = headers.authorization.replace("Bearer ", "").split(".");
  const isSigned = createHmac("sha256", PGRST_JWT_SECRET).update(head + "." + claims).digest("base64url") === signature;
  const { role } = JSON.parse(Buffer.from(claims, "base64url"));
  const login = new URL(PGRST_DB_URI).username;
  response.end(JSON.stringify({ url, isSigned, role, login, schemas: PGRST_DB_SCHEMAS, looks }));
}).listen(PGRST_SERVER_PORT);
`;

async function withBinary(text: string, run: (binary: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const binary = `${folder}/postgrest`;
    await Deno.writeTextFile(binary, text, { mode: 0o755 });
    await run(binary);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("startPostgrest() waits until it is ready; the function's requests reach it as service_role", async () => {
  await withBinary(STAND_IN, async (binary) => {
    const postgrest = await startPostgrest(
      binary,
      "postgresql://postgres:postgres@127.0.0.1:5432/hlf_sync?sslmode=disable",
      SECRET,
    );
    try {
      const others: string[] = [];
      const through = viaPostgrest(
        (input, init) => {
          const url = String(input);
          if (!url.startsWith(postgrest.url)) others.push(url);
          return url.startsWith(postgrest.url) ? fetch(url, init) : Promise.resolve(new Response());
        },
        "http://api.example",
        postgrest.url,
        postgrest.serviceToken,
      );
      const response = await through("http://api.example/rest/v1/rpc/claim?select=id", {
        method: "POST",
        headers: { authorization: "Bearer sb_secret_invented" },
        body: "{}",
      });
      assertEquals(await response.json(), {
        url: "/rpc/claim?select=id",
        isSigned: true,
        role: "service_role",
        login: "authenticator",
        schemas: "public",
        looks: 3,
      });
      await through("http://dynamics.example/api/data/v9.2/WhoAmI");
      assertEquals(others, ["http://dynamics.example/api/data/v9.2/WhoAmI"]);
    } finally {
      await postgrest.stop();
    }
  });
});

Deno.test("startPostgrest() says why one does not start", async () => {
  await withBinary("#!/bin/sh\necho no such database >&2\nexit 1\n", async (binary) => {
    const url = "postgresql://postgres@127.0.0.1:5432/hlf_sync";
    await assertRejects(() => startPostgrest(binary, url, SECRET), Error, "no such database");
  });
});
