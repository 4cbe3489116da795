import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { IDENTITY } from "./defaults.ts";
import { isGuid } from "./guids.ts";
import { createFakeClock, mentorId, withSimulator } from "./testing.ts";

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const rowSchema = z.object({
  "@odata.etag": z.string(),
  hlf_mentorlistingid: z.string(),
  hlf_mentorid: z.string(),
  hlf_published: z.boolean(),
  hlf_name: z.string(),
});

async function codeOf(response: Response): Promise<[number, string]> {
  return [response.status, errorSchema.parse(await response.json()).error.code];
}

const SET = "hlf_mentorlistings";
const KEY = `${SET}(hlf_mentorid='${mentorId(1)}')`;
const SEED = [{ mentorId: mentorId(1), published: true, name: "Kari Prøve" }];
const JSON_TYPE = { "content-type": "application/json" };

function write(method: string, body: string, headers: Record<string, string> = {}): RequestInit {
  return { method, body, headers: { ...JSON_TYPE, ...headers } };
}

Deno.test("PATCH with If-Match: * answers 204 with OData-EntityId and changes the row", async () => {
  await withSimulator(async ({ client, token, patch }) => {
    await client.seed(SEED);
    const response = await patch(await token(), mentorId(1), false);
    const [listing] = await client.listings();
    assertEquals([response.status, await response.text()], [204, ""]);
    assertStringIncludes(
      response.headers.get("odata-entityid") ?? "",
      `/api/data/v9.2/${SET}(${listing?.id})`,
    );
    assertEquals(response.headers.get("odata-version"), "4.0");
    assertEquals(isGuid(response.headers.get("x-ms-service-request-id") ?? ""), true);
    assertEquals(
      response.headers.get("req_id"),
      response.headers.get("x-ms-service-request-id"),
    );
    assertEquals(listing?.published, false);
  });
});

Deno.test("PATCH without If-Match creates a missing row, and answers 204 as well", async () => {
  await withSimulator(async ({ client, token, call }) => {
    const response = await call(await token(), KEY, write("PATCH", '{"hlf_published":true}'));
    await response.body?.cancel();
    assertEquals(response.status, 204);
    assertEquals((await client.listings()).map((row) => [row.mentorId, row.published]), [
      [mentorId(1), true],
    ]);
  });
});

Deno.test("PATCH with If-Match: * never creates; the 404 tells guid and alternate key apart", async () => {
  await withSimulator(async ({ client, token, call, patch }) => {
    const bearer = await token();
    assertEquals(await codeOf(await patch(bearer, mentorId(1), false)), [404, "0x80060891"]);
    const byGuid = write("PATCH", '{"hlf_published":false}', { "if-match": "*" });
    assertEquals(await codeOf(await call(bearer, `${SET}(${mentorId(9)})`, byGuid)), [
      404,
      "0x80040217",
    ]);
    assertEquals(await client.listings(), []);
  });
});

Deno.test("PATCH by guid changes the row, and creates one, with whatever key the body names", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.seed(SEED);
    const bearer = await token();
    const [listing] = await client.listings();
    const change = write("PATCH", '{"hlf_published":false}');
    const changed = await call(bearer, `${SET}(${listing?.id})`, change);
    await changed.body?.cancel();
    assertEquals((await client.listings())[0]?.published, false);
    const nameless = await call(bearer, `${SET}(${mentorId(8)})`, change);
    assertEquals([nameless.status, (await client.rows())[1]?.mentorId], [204, null]);
    const named = write("PATCH", JSON.stringify({ hlf_mentorid: mentorId(2) }));
    await (await call(bearer, `${SET}(${mentorId(9)})`, named)).body?.cancel();
    assertEquals((await client.listings())[1]?.id, mentorId(9));
  });
});

Deno.test("PATCH with a stale ETag answers 412, with the fresh one 204", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.seed(SEED);
    const bearer = await token();
    const etag = (await client.listings())[0]?.etag ?? "";
    const change = () => write("PATCH", '{"hlf_published":false}', { "if-match": etag });
    assertEquals((await call(bearer, KEY, change())).status, 204);
    assertEquals(await codeOf(await call(bearer, KEY, change())), [412, "0x80060882"]);
    const createOnly = write("PATCH", "{}", { "if-none-match": "*" });
    assertEquals(await codeOf(await call(bearer, KEY, createOnly)), [412, "0x80060892"]);
  });
});

Deno.test("PATCH with Prefer: return=representation answers the row and its ETag", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.seed(SEED);
    const bearer = await token();
    const prefer = { prefer: "return=representation", "if-none-match": "null" };
    const response = await call(bearer, KEY, write("PATCH", '{"hlf_published":false}', prefer));
    const row = rowSchema.parse(await response.json());
    assertEquals([response.status, row.hlf_published], [200, false]);
    assertEquals(response.headers.get("etag"), row["@odata.etag"]);
    assertMatch(row["@odata.etag"], /^W\/"\d+"$/);
    const other = `${SET}(hlf_mentorid='${mentorId(2)}')`;
    const created = await call(bearer, other, write("PATCH", "{}", prefer));
    assertEquals([created.status, rowSchema.parse(await created.json()).hlf_mentorid], [
      201,
      mentorId(2),
    ]);
  });
});

const BAD_WRITES: readonly (readonly [string, string, RequestInit, number, string])[] = [
  ["an unknown property", KEY, write("PATCH", '{"hlf_publish":true}'), 400, "0x0"],
  ["a text for a boolean", KEY, write("PATCH", '{"hlf_published":"no"}'), 400, "0x80048d19"],
  ["no JSON", KEY, write("PATCH", "hlf_published=false"), 400, "0x80048d19"],
  ["another media type", KEY, { method: "PATCH", body: "{}" }, 415, ""],
  ["an unknown set", "hlf_mentors(1)", write("PATCH", "{}"), 404, "0x8006088a"],
  ["an unreadable key", `${SET}(hlf_name='a')`, write("PATCH", "{}"), 400, "0x80060888"],
  ["no key", SET, write("PATCH", "{}"), 405, ""],
  [
    "a taken alternate key",
    SET,
    write("POST", `{"hlf_mentorid":"${mentorId(1)}"}`),
    412,
    "0x80060892",
  ],
];
for (const [what, path, init, status, code] of BAD_WRITES) {
  Deno.test(`a write with ${what} answers ${status} and changes nothing`, async () => {
    await withSimulator(async ({ client, token, call }) => {
      await client.seed(SEED);
      const before = await client.listings();
      assertEquals(await codeOf(await call(await token(), path, init)), [status, code]);
      assertEquals(await client.listings(), before);
    });
  });
}

Deno.test("POST creates and DELETE takes away", async () => {
  await withSimulator(async ({ client, token, call }) => {
    const bearer = await token();
    const body = JSON.stringify({ hlf_mentorid: mentorId(1), hlf_name: "Ola Prøve" });
    assertEquals((await call(bearer, SET, write("POST", body))).status, 204);
    assertEquals((await client.listings())[0]?.name, "Ola Prøve");
    assertEquals((await call(bearer, KEY, { method: "DELETE" })).status, 204);
    assertEquals(await client.listings(), []);
    assertEquals(await codeOf(await call(bearer, KEY, { method: "DELETE" })), [404, "0x80060891"]);
  });
});

Deno.test("GET of one row honours $select and If-None-Match", async () => {
  await withSimulator(async ({ client, token, call }) => {
    await client.seed(SEED);
    const bearer = await token();
    const response = await call(bearer, `${KEY}?$select=hlf_published`);
    const row = z.record(z.string(), z.unknown()).parse(await response.json());
    assertEquals(Object.keys(row).filter((name) => !name.startsWith("@")), [
      "hlf_published",
      "hlf_mentorlistingid",
    ]);
    const headers = { "if-none-match": response.headers.get("etag") ?? "" };
    assertEquals((await call(bearer, KEY, { headers })).status, 304);
    assertEquals(
      await codeOf(await call(bearer, `${SET}(hlf_mentorid='none')`)),
      [404, "0x80060891"],
    );
  });
});

Deno.test("a request without a valid token answers 401 with the header and no body", async () => {
  const clock = createFakeClock();
  await withSimulator(async ({ client, token, call, patch }) => {
    await client.seed(SEED);
    const bearer = await token();
    clock.advance(2 * 3_600);
    for (const stale of ["made-up", bearer]) {
      const response = await patch(stale, mentorId(1), false);
      assertEquals([response.status, await response.text()], [401, ""]);
      assertMatch(
        response.headers.get("www-authenticate") ?? "",
        /^Bearer authorization_uri=http.+, resource_id=http.+\/$/,
      );
    }
    assertEquals((await client.listings())[0]?.published, true);
    const revoked = await token();
    assertEquals((await call(revoked, "WhoAmI")).status, 200);
    await client.setCredentials({ revokeTokens: true });
    assertEquals((await call(revoked, "WhoAmI")).status, 401);
  }, { now: clock.now });
});

Deno.test("an application without user or privileges answers 403", async () => {
  await withSimulator(async ({ client, token, call, patch }) => {
    await client.seed(SEED);
    const bearer = await token();
    await client.setCredentials({ privileged: false });
    assertEquals(await codeOf(await patch(bearer, mentorId(1), false)), [403, "0x80040220"]);
    assertEquals((await call(bearer, "WhoAmI")).status, 200);
    await client.setCredentials({ applicationUser: false });
    assertEquals(await codeOf(await call(bearer, "WhoAmI")), [403, "0x80072560"]);
    await client.setCredentials({ applicationUser: true, privileged: true });
    assertEquals((await patch(bearer, mentorId(1), false)).status, 204);
  });
});

Deno.test("WhoAmI answers the three ids", async () => {
  await withSimulator(async ({ token, call }) => {
    const answer: unknown = await (await call(await token(), "WhoAmI")).json();
    assertEquals(
      z.object({ BusinessUnitId: z.string(), UserId: z.string(), OrganizationId: z.string() })
        .parse(answer),
      IDENTITY,
    );
  });
});

Deno.test("limits answer 429 with Retry-After and the code", async () => {
  const clock = createFakeClock();
  await withSimulator(async ({ client, token, patch }) => {
    await client.seed(SEED);
    await client.setLimits({ requestsPerWindow: 1, windowSeconds: 60 });
    const bearer = await token();
    assertEquals((await patch(bearer, mentorId(1), false)).status, 204);
    clock.advance(20);
    const refused = await patch(bearer, mentorId(1), true);
    assertEquals(refused.headers.get("retry-after"), "40");
    assertEquals(await codeOf(refused), [429, "0x80072322"]);
    assertEquals((await client.listings())[0]?.published, false);
    clock.advance(40);
    assertNotEquals((await patch(bearer, mentorId(1), true)).status, 429);
  }, { now: clock.now });
});
