import { assertEquals, assertRejects } from "@std/assert";
import { signToken } from "./sign_token.ts";
import { overPostgrest, startPostgrest } from "./postgrest.ts";

const SECRET = "a-secret-that-is-long-enough-for-hs256";

/** What stands for PostgREST: it is ready after a while, and shows who it is asked by and as whom it logs in. */
const STAND_IN = `#!/usr/bin/env node
const { createServer } = require("node:http");
const { createHmac } = require("node:crypto");
const { PGRST_SERVER_PORT, PGRST_ADMIN_SERVER_PORT, PGRST_JWT_SECRET, PGRST_DB_URI, PGRST_DB_SCHEMAS } = process.env;
let looks = 0;
createServer((_, response) => response.writeHead(++looks < 3 ? 503 : 200).end()).listen(PGRST_ADMIN_SERVER_PORT);
createServer(async (request, response) => {
  const { url, headers } = request;
  let body = "";
  for await (const part of request) body += part;
  const of = { url, body, login: new URL(PGRST_DB_URI).username, schemas: PGRST_DB_SCHEMAS, looks };
  if (!headers.authorization) return response.end(JSON.stringify({ ...of, role: null }));
  const [head, claims, signature] = headers.authorization.replace("Bearer ", "").split(".");
  const isSigned = createHmac("sha256", PGRST_JWT_SECRET).update(head + "." + claims).digest("base64url") === signature;
  const { role } = JSON.parse(Buffer.from(claims, "base64url"));
  response.end(JSON.stringify({ ...of, role, isSigned }));
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

Deno.test("startPostgrest() waits until it is ready; overPostgrest() passes each caller on as what their key stands for", async () => {
  await withBinary(STAND_IN, async (binary) => {
    const postgrest = await startPostgrest(
      binary,
      "postgresql://postgres:postgres@127.0.0.1:5432/hlf_sync?sslmode=disable",
      SECRET,
    );
    try {
      const keys = {
        secretKey: "sb_secret_x",
        publishableKey: "sb_publishable_x",
        jwtSecret: SECRET,
      };
      const rest = overPostgrest(() => Promise.resolve(new Response("of Auth")), postgrest, keys);
      const send = async (
        headers: Record<string, string>,
        path = "/rest/v1/rpc/claim?select=id",
      ) => {
        const request = new Request(`http://localhost${path}`, {
          method: "POST",
          headers,
          body: "{}",
        });
        const response = await rest(request);
        return response.status === 200 ? await response.text() : response.status;
      };
      const by = {
        url: "/rpc/claim?select=id",
        body: "{}",
        schemas: "public",
        login: "authenticator",
        looks: 3,
      };
      const { secretKey, publishableKey } = keys;
      assertEquals(
        JSON.parse(String(await send({ apikey: secretKey, authorization: `Bearer ${secretKey}` }))),
        {
          ...by,
          role: "service_role",
          isSigned: true,
        },
      );
      assertEquals(JSON.parse(String(await send({ apikey: publishableKey }))), {
        ...by,
        role: null,
      });
      const token = await signToken({ role: "authenticated" }, SECRET);
      assertEquals(
        JSON.parse(
          String(await send({ apikey: publishableKey, authorization: `Bearer ${token}` })),
        ),
        { ...by, role: "authenticated", isSigned: true },
      );
      assertEquals([await send({}), await send({ apikey: `${secretKey}x` })], [401, 401]);
      assertEquals(await send({}, "/auth/v1/token"), "of Auth");
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
