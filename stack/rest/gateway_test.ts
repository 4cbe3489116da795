import { assertEquals } from "@std/assert";
import { createGateway } from "./gateway.ts";
import { RestFaults } from "./rest_fault.ts";

function gateway(overrides: Partial<Parameters<typeof createGateway>[0]> = {}) {
  return createGateway({
    restAndAuth: (request) => Promise.resolve(new Response(new URL(request.url).pathname)),
    restFaults: new RestFaults(),
    functionAddress: (name) => name === "hlf-sync" ? "http://127.0.0.1:1" : null,
    ...overrides,
  });
}

Deno.test("createGateway() sends REST and Auth to lite and nothing else", async () => {
  const handle = gateway();
  for (const path of ["/rest/v1/mentors", "/auth/v1/user"]) {
    assertEquals(await (await handle(new Request(`http://localhost${path}`))).text(), path);
  }
  for (const path of ["/_system/config", "/storage/v1/bucket", "/"]) {
    assertEquals((await handle(new Request(`http://localhost${path}`))).status, 404);
  }
});

Deno.test("createGateway() passes a function its request with the path it would see when hosted", async () => {
  let seen: Request | undefined;
  const handle = gateway({
    fetch: (input, init) => {
      seen = new Request(input, init);
      return Promise.resolve(new Response("done", { status: 202, headers: { "x-own": "kept" } }));
    },
  });
  const response = await handle(
    new Request("http://localhost/functions/v1/hlf-sync?a=b", {
      method: "POST",
      headers: { apikey: "key" },
      body: "{}",
    }),
  );
  assertEquals([response.status, await response.text()], [202, "done"]);
  assertEquals(response.headers.get("x-own"), "kept");
  assertEquals(seen?.url, "http://127.0.0.1:1/hlf-sync?a=b");
  assertEquals(seen?.headers.get("apikey"), "key");
  assertEquals(await seen?.text(), "{}");
});

Deno.test("createGateway() answers 404 for an unknown function and 503 for one that is down", async () => {
  const handle = gateway({ fetch: () => Promise.reject(new TypeError("refused")) });
  const unknown = await handle(new Request("http://localhost/functions/v1/other"));
  assertEquals(unknown.status, 404);
  const down = await handle(new Request("http://localhost/functions/v1/hlf-sync"));
  assertEquals([down.status, (await down.json()).code], [503, "BOOT_ERROR"]);
});

Deno.test("createGateway() lets a fault answer in place of REST", async () => {
  const restFaults = new RestFaults();
  restFaults.set({
    match: { resource: "mentors" },
    answer: { status: 500, code: "XX000", message: "fault" },
  });
  const response = await gateway({ restFaults })(new Request("http://localhost/rest/v1/mentors"));
  assertEquals([response.status, (await response.json()).code], [500, "XX000"]);
});

Deno.test("createGateway() lets pages of other origins ask REST and Auth", async () => {
  const handle = gateway();
  for (const path of ["/rest/v1/rpc/preview_hlf_sync", "/auth/v1/token"]) {
    const answer = await handle(
      new Request(`http://localhost${path}`, {
        method: "OPTIONS",
        headers: {
          origin: "http://localhost:54380",
          "access-control-request-method": "POST",
          "access-control-request-headers": "apikey,authorization",
        },
      }),
    );
    assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [204, "*"]);
    assertEquals(answer.headers.get("access-control-allow-headers"), "apikey,authorization");
  }
  const answer = await handle(new Request("http://localhost/auth/v1/token", { method: "POST" }));
  assertEquals(answer.headers.get("access-control-allow-origin"), "*");
});
