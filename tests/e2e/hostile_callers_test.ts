import { assertEquals } from "@std/assert";
import { scenariosTest } from "./harness.ts";
import { type Answer, mentor, ORGANISATION_B, post, signIn } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

/** Everything that a caller could have changed. */
async function fingerprint(stack: Stack): Promise<unknown> {
  return await stack.sql(
    `select (select md5(string_agg(s::text, '' order by s.mentor_id)) from public.hlf_sync_state as s) as state,
       (select count(*)::integer from public.hlf_sync_audit_log) as attempts,
       (select count(*)::integer from public.hlf_sync_manual_actions) as actions,
       (select md5(g::text) from public.hlf_sync_gate as g) as gate`,
  );
}

/** Makes sure that a refused request has its own status and code, and changed nothing. */
async function refused(
  stack: Stack,
  expected: { status: number; code: string },
  request: () => Promise<Answer>,
): Promise<Answer> {
  const before = await fingerprint(stack);
  const received = (await stack.simulator.requests()).length;
  const answer = await request();
  const error = answer.body.error as { code?: string; message?: string } | undefined;
  assertEquals({ status: answer.status, code: error?.code }, expected);
  assertEquals(typeof error?.message, "string");
  assertEquals(await fingerprint(stack), before, "something changed");
  assertEquals((await stack.simulator.requests()).length, received, "Dynamics was called");
  return answer;
}

function base64url(value: string | Uint8Array<ArrayBuffer>): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function unsigned(claims: Record<string, unknown>): string {
  const header = base64url(JSON.stringify({ alg: "HS256", typ: "JWT" }));
  return `${header}.${base64url(JSON.stringify(claims))}`;
}

/** A token whose signature is not Supabase's. */
function forged(claims: Record<string, unknown>): string {
  return `${unsigned(claims)}.${"A".repeat(43)}`;
}

/** A token as Supabase itself would sign it. */
async function signed(stack: Stack, claims: Record<string, unknown>): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = new TextEncoder().encode(stack.jwtSecret);
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const token = unsigned(claims);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(token));
  return `${token}.${base64url(new Uint8Array(signature))}`;
}

const forceA1 = { type: "force_sync", mentor_id: mentor("a1") };

scenariosTest("hostile callers", {}, {
  async "requests that are none"(stack) {
    const secret = { apikey: stack.secretKey };
    await refused(
      stack,
      { status: 400, code: "invalid_json" },
      () => post(stack, "{no json", secret),
    );
    await refused(
      stack,
      { status: 400, code: "invalid_body" },
      () => post(stack, { hello: 1 }, secret),
    );
    await refused(
      stack,
      { status: 400, code: "invalid_body" },
      () => post(stack, { type: "drop_everything" }, secret),
    );
    await refused(
      stack,
      { status: 400, code: "invalid_body" },
      () => post(stack, { type: "UPDATE", table: "users" }, secret),
    );
    const { body } = await refused(
      stack,
      { status: 400, code: "invalid_body" },
      () => post(stack, { type: "force_sync", mentor_id: 7 }, secret),
    );
    assertEquals(JSON.stringify(body).includes("mentor_id"), true, "the problem names its field");
    await refused(
      stack,
      { status: 413, code: "body_too_large" },
      () => post(stack, { type: "sweep", padding: "x".repeat(2_000_000) }, secret),
    );
    await refused(
      stack,
      { status: 415, code: "unsupported_media_type" },
      () => post(stack, "type=sweep", { ...secret, "content-type": "text/plain" }),
    );
    const got = await fetch(stack.functionUrl, { headers: secret });
    await got.body?.cancel();
    assertEquals(got.status, 405);
  },

  async "keys that open nothing"(stack) {
    for (const type of ["sweep", "nightly", "health"]) {
      await refused(stack, { status: 401, code: "unauthorised" }, () => post(stack, { type }));
      await refused(
        stack,
        { status: 401, code: "unauthorised" },
        () =>
          post(stack, { type }, {
            apikey: stack.secretKey.slice(0, -1) + (stack.secretKey.endsWith("0") ? "1" : "0"),
          }),
      );
      await refused(
        stack,
        { status: 401, code: "unauthorised" },
        () => post(stack, { type }, { apikey: stack.publishableKey }),
      );
    }
    const coordinator = await signIn(stack);
    await refused(
      stack,
      { status: 401, code: "unauthorised" },
      () => post(stack, { type: "sweep" }, coordinator),
    );
    // Without any the body is not even read: otherwise it would be what is complained of.
    for (const body of ["{no json", { type: "sweep", padding: "x".repeat(2_000_000) }]) {
      await refused(stack, { status: 401, code: "unauthorised" }, () => post(stack, body));
    }
  },

  async "tokens that prove nothing"(stack) {
    const [user] = await stack.sql<{ id: string }>("select id from auth.users limit 1");
    const claims = { sub: user?.id, role: "authenticated", aud: "authenticated", exp: 4102444800 };
    await refused(stack, { status: 401, code: "unauthorised" }, () => post(stack, forceA1));
    for (
      const token of [
        forged(claims),
        forged({ ...claims, role: "service_role" }),
        forged({ ...claims, exp: 1 }),
        "not-a-token",
      ]
    ) {
      await refused(
        stack,
        { status: 401, code: "unauthorised" },
        () => post(stack, forceA1, { authorization: `Bearer ${token}` }),
      );
    }
    // A real token, one character of its signature changed; and one that is out of date.
    const { authorization = "" } = await signIn(stack);
    const flipped = authorization.slice(0, -10) + (authorization.at(-10) === "x" ? "y" : "x") +
      authorization.slice(-9);
    await refused(
      stack,
      { status: 401, code: "unauthorised" },
      () => post(stack, forceA1, { authorization: flipped }),
    );
    await refused(
      stack,
      { status: 401, code: "unauthorised" },
      async () => {
        const expired = await signed(stack, { ...claims, exp: 1_700_000_000 });
        return await post(stack, forceA1, { authorization: `Bearer ${expired}` });
      },
    );
    // The secret key is nobody's token.
    await refused(
      stack,
      { status: 401, code: "unauthorised" },
      () => post(stack, forceA1, { apikey: stack.secretKey }),
    );
  },

  async "mentors of somebody else"(stack) {
    const ofB = await signIn(stack, ORGANISATION_B);
    await refused(stack, { status: 404, code: "not_found" }, () => post(stack, forceA1, ofB));
    await refused(
      stack,
      { status: 404, code: "not_found" },
      () => post(stack, { ...forceA1, mentor_id: crypto.randomUUID() }, ofB),
    );
    await stack.sql(
      "update public.organisation_members set role = 'member' where organisation_id = $1",
      [
        ORGANISATION_B,
      ],
    );
    await refused(stack, { status: 403, code: "not_coordinator" }, () => post(stack, forceA1, ofB));
    await stack.sql(
      "update public.organisation_members set role = 'coordinator' where organisation_id = $1",
      [
        ORGANISATION_B,
      ],
    );
  },

  async "too many presses"(stack) {
    const ofB = await signIn(stack, ORGANISATION_B);
    await stack.sql(
      `insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action, created_at)
       select m.user_id, m.organisation_id, $1, 'force_sync', now() - press * interval '1 millisecond'
       from public.organisation_members as m, generate_series(1, 30) as press
       where m.organisation_id = $2`,
      [mentor("b1"), ORGANISATION_B],
    );
    await refused(
      stack,
      { status: 429, code: "too_many_requests" },
      () => post(stack, { type: "force_sync", mentor_id: mentor("b1") }, ofB),
    );
  },
});
