import { assertEquals } from "@std/assert";
import { viaPostgrest } from "./postgrest_rest.ts";

Deno.test("viaPostgrest() sends what is for REST to PostgREST, with its token, and leaves the rest alone", async () => {
  const seen: [string, string | null][] = [];
  const through = viaPostgrest(
    (input, init) => {
      seen.push([String(input), new Headers(init?.headers).get("authorization")]);
      return Promise.resolve(new Response());
    },
    "http://api.example",
    "http://127.0.0.1:3000",
    "token",
  );
  const headers = { authorization: "Bearer sb_secret_invented" };
  await through("http://api.example/rest/v1/rpc/claim?select=id", { method: "POST", headers });
  await through("http://dynamics.example/api/data/v9.2/WhoAmI", { headers });
  assertEquals(seen, [
    ["http://127.0.0.1:3000/rpc/claim?select=id", "Bearer token"],
    ["http://dynamics.example/api/data/v9.2/WhoAmI", "Bearer sb_secret_invented"],
  ]);
});
