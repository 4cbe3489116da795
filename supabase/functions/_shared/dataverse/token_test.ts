import { assertEquals } from "@std/assert";
import { fakeFetch, FakeTime } from "../fakes.ts";
import { createTokenSource } from "./token.ts";

const SETTINGS = {
  authorityHost: "https://login.example",
  tenantId: "tenant.example",
  clientId: "client",
  clientSecret: "s3cret&=",
  resourceUrl: "https://org.example",
  timeoutSeconds: 10,
};

function granted(token: string, expires_in: unknown = 3600): Response {
  return Response.json({ token_type: "Bearer", expires_in, access_token: token });
}

function setUp(answer: Parameters<typeof fakeFetch>[0]) {
  const clock = new FakeTime();
  const { fetch, sent } = fakeFetch(answer);
  return { clock, sent, tokens: createTokenSource(SETTINGS, { fetch, clock }) };
}

Deno.test("createTokenSource() asks Entra with client credentials", async () => {
  const { tokens, sent } = setUp(() => granted("a"));
  assertEquals(await tokens.get(), { kind: "token", token: "a" });
  const [request] = sent;
  assertEquals(request?.method, "POST");
  assertEquals(request?.url, "https://login.example/tenant.example/oauth2/v2.0/token");
  assertEquals(
    request?.headers.get("content-type"),
    "application/x-www-form-urlencoded;charset=UTF-8",
  );
  assertEquals(Object.fromEntries(new URLSearchParams(request?.body)), {
    client_id: "client",
    client_secret: "s3cret&=",
    scope: "https://org.example/.default",
    grant_type: "client_credentials",
  });
});

Deno.test("get() asks once however many ask at once, and keeps the token", async () => {
  const gate = Promise.withResolvers<void>();
  const { tokens, sent } = setUp(async (_, count) => {
    await gate.promise;
    return granted(`token ${count}`);
  });
  const asked = Promise.all(Array.from({ length: 50 }, () => tokens.get()));
  gate.resolve();
  assertEquals(new Set((await asked).map((outcome) => JSON.stringify(outcome))).size, 1);
  await tokens.get();
  assertEquals(sent.length, 1);
});

Deno.test("get() fetches a new token five minutes before the old one ends", async () => {
  const { tokens, sent, clock } = setUp((_, count) => granted(`token ${count}`));
  await tokens.get();
  clock.advance(3299);
  assertEquals(await tokens.get(), { kind: "token", token: "token 1" });
  clock.advance(2);
  assertEquals(await tokens.get(), { kind: "token", token: "token 2" });
  assertEquals(sent.length, 2);
});

Deno.test("get() uses a short-lived token to its half", async () => {
  const { tokens, sent, clock } = setUp((_, count) => granted(`token ${count}`, 60));
  await tokens.get();
  clock.advance(29);
  await tokens.get();
  assertEquals(sent.length, 1);
  clock.advance(2);
  await tokens.get();
  assertEquals(sent.length, 2);
});

Deno.test("get() goes on with the old token while Entra is away, until it ends", async () => {
  const { tokens, clock } = setUp((_, count) =>
    count === 1 ? granted("old") : new Response("", { status: 503 })
  );
  await tokens.get();
  clock.advance(3400);
  assertEquals(await tokens.get(), { kind: "token", token: "old" });
  clock.advance(195);
  assertEquals(await tokens.get(), {
    kind: "unavailable",
    class: "unavailable",
    retryAfterSeconds: null,
  });
});

Deno.test("get() understands a lifetime in words, and none", async () => {
  for (const expires_in of ["3599", undefined, "soon", -1]) {
    const { tokens } = setUp(() => Response.json({ access_token: "a", expires_in }));
    assertEquals(await tokens.get(), { kind: "token", token: "a" });
  }
});

Deno.test("renew() gives a new token for one that was refused, once for all who ask", async () => {
  const { tokens, sent } = setUp((_, count) => granted(`token ${count}`));
  await tokens.get();
  const renewed = await Promise.all([tokens.renew("token 1"), tokens.renew("token 1")]);
  assertEquals(renewed, [{ kind: "token", token: "token 2" }, { kind: "token", token: "token 2" }]);
  assertEquals(await tokens.renew("token 1"), { kind: "token", token: "token 2" });
  assertEquals(sent.length, 2);
});

Deno.test("renew() without a refused token asks in any case", async () => {
  const { tokens, sent } = setUp((_, count) => granted(`token ${count}`));
  await tokens.get();
  assertEquals(await tokens.renew(), { kind: "token", token: "token 2" });
  assertEquals(sent.length, 2);
});

const REJECTIONS: [string, number, string, number][] = [
  ["wrong secret", 401, "invalid_client", 7000215],
  ["expired secret", 401, "invalid_client", 7000222],
  ["unknown application", 400, "unauthorized_client", 700016],
  ["unknown tenant", 400, "invalid_request", 90002],
  ["disabled application", 400, "unauthorized_client", 7000112],
  ["disabled application, another status", 401, "unauthorized_client", 7000112],
  ["unknown resource", 400, "invalid_resource", 500011],
  ["conditional access", 400, "interaction_required", 53003],
  ["conditional access, another word", 403, "access_denied", 53003],
  ["consent", 400, "consent_required", 65001],
  ["a login", 400, "login_required", 50058],
  ["an older word for the resource", 400, "invalid_target", 50001],
  ["a word that nobody knows yet", 400, "policy_refused", 7999999],
  ["a word with a capital", 400, "Invalid_Client", 7000215],
];

for (const [name, status, error, number] of REJECTIONS) {
  Deno.test(`get() ${name}: rejected, with nothing but the number`, async () => {
    const { tokens } = setUp(() =>
      Response.json({
        error,
        error_description: `AADSTS${number}: the secret of Kari Nordmann …`,
        error_codes: [number],
        timestamp: "2027-03-01 12:00:00Z",
        trace_id: "x",
        correlation_id: "y",
      }, { status })
    );
    assertEquals(await tokens.get(), { kind: "rejected", aadsts: [number] });
  });
}

Deno.test("get() finds the number in the description where the list is missing", async () => {
  const description = "AADSTS7000222: The provided client secret keys are expired.";
  for (const more of [{}, { error_codes: [] }, { error_codes: "x" }]) {
    const { tokens } = setUp(() =>
      Response.json({ error: "invalid_client", error_description: description, ...more }, {
        status: 401,
      })
    );
    assertEquals(await tokens.get(), { kind: "rejected", aadsts: [7000222] });
  }
});

const FAULTS: [string, () => Response, string, number | null][] = [
  ["503", () => new Response("", { status: 503 }), "unavailable", null],
  ["502 with HTML", () => new Response("<html>", { status: 502 }), "unavailable", null],
  ["500", () => new Response("", { status: 500 }), "server_error", null],
  [
    "429",
    () => new Response("", { status: 429, headers: { "retry-after": "12" } }),
    "throttled",
    12,
  ],
  [
    "429 with a rejection's word",
    () => Response.json({ error: "invalid_request" }, { status: 429 }),
    "throttled",
    null,
  ],
  ...["temporarily_unavailable", "server_error", "Temporarily_Unavailable"].map((
    error,
  ): [string, () => Response, string, null] => [
    `400 ${error}`,
    () => Response.json({ error, error_codes: [90033] }, { status: 400 }),
    "unavailable",
    null,
  ]),
  ...["slow_down", "throttled", "too_many_requests"].map((
    error,
  ): [string, () => Response, string, null] => [
    `400 ${error}`,
    () => Response.json({ error }, { status: 400 }),
    "throttled",
    null,
  ]),
  [
    "400 with a number of Entra's own trouble, whatever the word",
    () => Response.json({ error: "invalid_request", error_codes: [90033] }, { status: 400 }),
    "unavailable",
    null,
  ],
  [
    "400 with the number of a throttle",
    () => Response.json({ error: "invalid_request", error_codes: [90055] }, { status: 400 }),
    "throttled",
    null,
  ],
  [
    "500 with a rejection's word",
    () => Response.json({ error: "invalid_client" }, { status: 500 }),
    "server_error",
    null,
  ],
  ["408", () => new Response("", { status: 408 }), "timeout", null],
  ["404 of a wrong host", () => new Response("<html>", { status: 404 }), "invalid_response", null],
  [
    "400 whose error is no word",
    () => Response.json({ error: { code: "invalid_client" } }, { status: 400 }),
    "invalid_response",
    null,
  ],
  [
    "400 with an empty word",
    () => Response.json({ error: "" }, { status: 400 }),
    "invalid_response",
    null,
  ],
  ["401 without a word", () => new Response("", { status: 401 }), "invalid_response", null],
  ["403 of a proxy", () => new Response("<html>", { status: 403 }), "invalid_response", null],
  ["200 with HTML", () => new Response("<html>"), "invalid_response", null],
  ["200 without a token", () => Response.json({ expires_in: 3600 }), "invalid_response", null],
  ["a redirect", () => Response.redirect("https://evil.example"), "invalid_response", null],
];

for (const [name, response, failureClass, retryAfterSeconds] of FAULTS) {
  Deno.test(`get() ${name}: ${failureClass} for now`, async () => {
    const { tokens } = setUp(response);
    assertEquals(
      await tokens.get(),
      { kind: "unavailable", class: failureClass, retryAfterSeconds } as never,
    );
  });
}

Deno.test("get() tells a broken connection from a timeout, and asks again next time", async () => {
  const errors = [new TypeError("connection reset"), new DOMException("late", "TimeoutError")];
  const { tokens } = setUp((_, count) => {
    const error = errors[count - 1];
    if (error) throw error;
    return granted("a");
  });
  const unavailable = { kind: "unavailable", retryAfterSeconds: null } as const;
  assertEquals(await tokens.get(), { ...unavailable, class: "network" });
  assertEquals(await tokens.get(), { ...unavailable, class: "timeout" });
  assertEquals(await tokens.get(), { kind: "token", token: "a" });
});

Deno.test("get() forgets its token when the credentials are rejected", async () => {
  const { tokens } = setUp((_, count) =>
    count === 1 ? granted("old") : Response.json({ error: "invalid_client" }, { status: 401 })
  );
  await tokens.get();
  assertEquals(await tokens.renew(), { kind: "rejected", aadsts: [] });
  assertEquals(await tokens.get(), { kind: "rejected", aadsts: [] });
});
