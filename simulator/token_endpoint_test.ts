import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { z } from "zod";
import { DEFAULT_TENANT_ID } from "./defaults.ts";
import { createFakeClock, createRequest, createSeededRandom, tokenForm } from "./testing.ts";
import { TokenEndpoint } from "./token_endpoint.ts";

const ORIGIN = "http://127.0.0.1:54390";
const FORM = tokenForm(ORIGIN);

const answerSchema = z.object({ access_token: z.string(), expires_in: z.number() });
const errorSchema = z.object({
  error: z.string(),
  error_description: z.string(),
  error_codes: z.array(z.number()),
  timestamp: z.string(),
  trace_id: z.string(),
  correlation_id: z.string(),
});

function createEndpoint() {
  const clock = createFakeClock();
  return { clock, endpoint: new TokenEndpoint(clock.now, createSeededRandom()) };
}

function ask(endpoint: TokenEndpoint, form: Record<string, string>, tenant = DEFAULT_TENANT_ID) {
  const { status, body } = endpoint.handle(createRequest({
    method: "POST",
    path: `/${tenant}/oauth2/v2.0/token`,
    origin: ORIGIN,
    headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    body: new URLSearchParams(form).toString(),
  }));
  const json: unknown = JSON.parse(String(body));
  return { status, json };
}

Deno.test("TokenEndpoint gives a token that is accepted until it expires", () => {
  const { clock, endpoint } = createEndpoint();
  const { status, json } = ask(endpoint, FORM);
  const { access_token, expires_in } = answerSchema.parse(json);
  assertEquals(status, 200);
  assertEquals(endpoint.accepts(`Bearer ${access_token}`), true);
  clock.advance(expires_in - 1);
  assertEquals(endpoint.accepts(`bearer ${access_token}`), true);
  clock.advance(1);
  assertEquals(endpoint.accepts(`Bearer ${access_token}`), false);
});

Deno.test("TokenEndpoint gives lifetimes between 60 and 90 minutes that vary", () => {
  const { endpoint } = createEndpoint();
  const lifetimes = Array.from(
    { length: 20 },
    () => answerSchema.parse(ask(endpoint, FORM).json).expires_in,
  );
  assertEquals(lifetimes.every((seconds) => seconds >= 3_600 && seconds < 5_400), true);
  assertNotEquals(new Set(lifetimes).size, 1);
});

Deno.test("TokenEndpoint.accepts() refuses what it did not give out", () => {
  const { endpoint } = createEndpoint();
  for (const header of [undefined, "", "Bearer", "Bearer made-up", "Basic abc"]) {
    assertEquals(endpoint.accepts(header), false);
  }
});

Deno.test("TokenEndpoint takes localhost and 127.0.0.1 for the same environment", () => {
  const { endpoint } = createEndpoint();
  const scope = "http://localhost:54390/.default";
  assertEquals(ask(endpoint, { ...FORM, scope }).status, 200);
});

const without = (name: string) =>
  Object.fromEntries(Object.entries(FORM).filter(([key]) => key !== name));

const REFUSED: readonly (readonly [string, Record<string, string>, number, string, number])[] = [
  ["a wrong secret", { ...FORM, client_secret: "wrong" }, 401, "invalid_client", 7000215],
  ["no secret", without("client_secret"), 401, "invalid_client", 7000218],
  ["an unknown app", { ...FORM, client_id: "other" }, 400, "unauthorized_client", 700016],
  ["another grant", { ...FORM, grant_type: "password" }, 400, "unsupported_grant_type", 70003],
  ["no scope", without("scope"), 400, "invalid_request", 900144],
  ["a scope without .default", { ...FORM, scope: ORIGIN }, 400, "invalid_scope", 1002012],
  [
    "another environment",
    { ...FORM, scope: "https://other.example/.default" },
    400,
    "invalid_resource",
    500011,
  ],
];
for (const [what, form, status, error, number] of REFUSED) {
  Deno.test(`TokenEndpoint refuses ${what}`, () => {
    const answer = ask(createEndpoint().endpoint, form);
    const refusal = errorSchema.parse(answer.json);
    assertEquals([answer.status, refusal.error, refusal.error_codes], [status, error, [number]]);
    assertMatch(refusal.error_description, new RegExp(`^AADSTS${number}: `));
  });
}

Deno.test("TokenEndpoint refuses an unknown tenant", () => {
  const { status, json } = ask(createEndpoint().endpoint, FORM, "someone-else");
  const { error, error_codes } = errorSchema.parse(json);
  assertEquals([status, error, error_codes], [400, "invalid_request", [90002]]);
});

Deno.test("TokenEndpoint refuses an expired secret and a disabled app, until restored", () => {
  const { endpoint } = createEndpoint();
  endpoint.change({ secretExpired: true });
  assertEquals(errorSchema.parse(ask(endpoint, FORM).json).error_codes, [7000222]);
  endpoint.change({ appDisabled: true });
  assertEquals(errorSchema.parse(ask(endpoint, FORM).json).error_codes, [7000112]);
  endpoint.restoreDefaults();
  assertEquals(ask(endpoint, FORM).status, 200);
});

Deno.test("TokenEndpoint keeps tokens valid when the secret changes, and drops them when revoked", () => {
  const { endpoint } = createEndpoint();
  const { access_token } = answerSchema.parse(ask(endpoint, FORM).json);
  endpoint.change({ clientSecret: "renewed" });
  assertEquals(ask(endpoint, FORM).status, 401);
  assertEquals(ask(endpoint, { ...FORM, client_secret: "renewed" }).status, 200);
  assertEquals(endpoint.accepts(`Bearer ${access_token}`), true);
  endpoint.revokeTokens();
  assertEquals(endpoint.accepts(`Bearer ${access_token}`), false);
});
