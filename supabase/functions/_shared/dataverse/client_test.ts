import { assertEquals, assertRejects } from "@std/assert";
import { DataverseError } from "./dataverse_error.ts";
import { fakeFetch, FakeTime, type SentRequest } from "../fakes.ts";
import { createDataverseClient } from "./client.ts";
import type { TokenOutcome } from "./token.ts";

const MENTOR = "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001";
const ATTEMPT = "0195a1b2-0000-7000-8000-000000000001";
const REQUEST = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";
const LISTING = `https://org.example/api/data/v9.2/hlf_mentorlistings(hlf_mentorid='${MENTOR}')`;

function setUp(
  answer: (request: SentRequest, count: number) => Response | Promise<Response>,
  renewed: TokenOutcome = { kind: "token", token: "second" },
) {
  const clock = new FakeTime();
  const { fetch, sent } = fakeFetch(answer);
  const asked: (string | undefined)[] = [];
  const client = createDataverseClient({
    url: "https://org.example",
    listing: { set: "hlf_mentorlistings", key: "hlf_mentorid", published: "hlf_published" },
    timeoutSeconds: 10,
  }, {
    fetch,
    clock,
    tokens: {
      get: () => Promise.resolve({ kind: "token", token: "first" }),
      renew: (refused) => {
        asked.push(refused);
        return Promise.resolve(renewed);
      },
    },
  });
  const update = (operation: "remove" | "restore" = "remove", leaseSeconds = 60) =>
    client.updateListing({
      operation,
      mentorId: MENTOR,
      attemptId: ATTEMPT,
      notAfter: clock.monotonic() + leaseSeconds * 1000,
    });
  return { client, update, sent, asked, clock };
}

const noContent = () => new Response(null, { status: 204 });
const error = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ error: { code, message: "Kari Nordmann" } }, { status, headers });

Deno.test("updateListing() sends one absolute value that can create nothing", async () => {
  for (const [operation, published] of [["remove", false], ["restore", true]] as const) {
    const { update, sent } = setUp(noContent);
    assertEquals(await update(operation), { kind: "success", responseCode: 204 });
    assertEquals(sent.length, 1);
    assertEquals(sent[0]?.method, "PATCH");
    assertEquals(sent[0]?.url, LISTING);
    assertEquals(sent[0]?.redirect, "manual");
    assertEquals(JSON.parse(sent[0]?.body ?? ""), { hlf_published: published });
    assertEquals(Object.fromEntries(sent[0]?.headers ?? []), {
      accept: "application/json",
      authorization: "Bearer first",
      "content-type": "application/json",
      "if-match": "*",
      "if-none-match": "null",
      "odata-maxversion": "4.0",
      "odata-version": "4.0",
      "x-ms-client-request-id": ATTEMPT,
    });
  }
});

Deno.test("updateListing() keeps code, request id and Retry-After of a failure", async () => {
  const { update } = setUp(() =>
    error(429, "0x80072322", { "retry-after": "30", "x-ms-service-request-id": REQUEST })
  );
  assertEquals(await update(), {
    kind: "failure",
    class: "throttled",
    permanent: false,
    responseCode: 429,
    code: "0x80072322",
    requestId: REQUEST,
    retryAfterSeconds: 30,
    gate: "throttled",
  });
});

Deno.test("updateListing() turns a broken connection and a timeout into classes", async () => {
  const faults = [
    [new TypeError("connection reset"), "network"],
    [new DOMException("late", "TimeoutError"), "timeout"],
    [new DOMException("late", "AbortError"), "timeout"],
  ] as const;
  for (const [fault, failureClass] of faults) {
    const { update } = setUp(() => {
      throw fault;
    });
    const result = await update();
    assertEquals(result.kind === "failure" && [result.class, result.responseCode], [
      failureClass,
      null,
    ]);
  }
});

Deno.test("updateListing() is interrupted by a body that breaks off", async () => {
  const { update } = setUp(() =>
    new Response(new ReadableStream({ start: (body) => body.error(new TypeError("reset")) }))
  );
  const result = await update();
  assertEquals(result.kind === "failure" && result.class, "network");
});

Deno.test("updateListing() renews a refused token once and sends again as the same attempt", async () => {
  const { update, sent, asked } = setUp((_, count) =>
    count === 1 ? new Response("", { status: 401 }) : noContent()
  );
  assertEquals(await update(), { kind: "success", responseCode: 204 });
  assertEquals(asked, ["first"]);
  assertEquals(sent.map(({ headers }) => headers.get("authorization")), [
    "Bearer first",
    "Bearer second",
  ]);
  assertEquals(sent.map(({ headers }) => headers.get("x-ms-client-request-id")), [
    ATTEMPT,
    ATTEMPT,
  ]);
});

Deno.test("updateListing() stops at the second 401", async () => {
  const { update, sent } = setUp(() => new Response("", { status: 401 }));
  const result = await update();
  assertEquals(result.kind === "failure" && [result.class, result.gate, result.responseCode], [
    "credentials_rejected",
    "credentials",
    401,
  ]);
  assertEquals(sent.length, 2);
});

Deno.test("updateListing() tells rejected credentials from an Entra that is away", async () => {
  const outcomes: [TokenOutcome, string, string][] = [
    [{ kind: "rejected", aadsts: [7000222] }, "credentials_rejected", "credentials"],
    [{ kind: "unavailable", class: "network", retryAfterSeconds: null }, "network", "none"],
  ];
  for (const [outcome, failureClass, gate] of outcomes) {
    const { update, sent } = setUp(() => new Response("", { status: 401 }), outcome);
    const result = await update();
    assertEquals(result.kind === "failure" && [result.class, result.gate, result.responseCode], [
      failureClass,
      gate,
      401,
    ]);
    assertEquals(sent.length, 1);
  }
});

Deno.test("updateListing() sends nothing that could outlive the lease", async () => {
  const { update, sent } = setUp(noContent);
  assertEquals(await update("remove", 9.9), { kind: "not_sent" });
  assertEquals(sent.length, 0);
  assertEquals((await update("remove", 10)).kind, "success");
});

Deno.test("updateListing() does not send again after a 401 that took too long", async () => {
  const { update, sent, clock } = setUp(() => {
    clock.advance(55);
    return new Response("", { status: 401 });
  });
  const result = await update();
  assertEquals(result.kind === "failure" && [result.class, result.responseCode], ["timeout", 401]);
  assertEquals(sent.length, 1);
});

Deno.test("updateListing() verifies a 404 on remove by a query", async () => {
  const { update, sent } = setUp((_, count) =>
    count === 1 ? error(404, "0x80060891") : Response.json({ value: [] })
  );
  assertEquals(await update(), { kind: "success", responseCode: 200 });
  const url = new URL(sent[1]?.url ?? "");
  assertEquals([sent[1]?.method, url.pathname], ["GET", "/api/data/v9.2/hlf_mentorlistings"]);
  assertEquals(Object.fromEntries(url.searchParams), {
    $select: "hlf_mentorid",
    $filter: `hlf_mentorid eq '${MENTOR}'`,
    $top: "1",
  });
});

Deno.test("updateListing() does not believe a 404 on remove while the listing is there", async () => {
  const { update } = setUp((_, count) =>
    count === 1 ? error(404, "0x80060891") : Response.json({ value: [{ hlf_mentorid: MENTOR }] })
  );
  const result = await update();
  assertEquals(result.kind === "failure" && [result.class, result.permanent, result.code], [
    "server_error",
    false,
    "0x80060891",
  ]);
});

Deno.test("updateListing() retries when the query does not answer", async () => {
  const answers: [() => Response, string][] = [
    [() => new Response("<html>", { status: 503 }), "unavailable"],
    [() => new Response("<html>"), "invalid_response"],
    [() => Response.json({ value: "none" }), "invalid_response"],
  ];
  for (const [answer, failureClass] of answers) {
    const { update } = setUp((_, count) => count === 1 ? error(404, "") : answer());
    const result = await update();
    assertEquals(result.kind === "failure" && [result.class, result.permanent], [
      failureClass,
      false,
    ]);
  }
});

Deno.test("updateListing() asks about a restore as well, and not about an unknown set", async () => {
  const restore = setUp((_, count) =>
    count === 1 ? error(404, "0x80060891") : Response.json({ value: [] })
  );
  const result = await restore.update("restore");
  assertEquals(result.kind === "failure" && [result.class, result.permanent], [
    "listing_not_found",
    true,
  ]);
  const unknownSet = setUp(() => error(404, "0x8006088a"));
  await unknownSet.update("remove");
  assertEquals([restore.sent.length, unknownSet.sent.length], [2, 1]);
});

Deno.test("updateListing() reads no more than 64 kB of an answer and lets go of the rest", async () => {
  let isCancelled = false;
  let sent = 0;
  const { update } = setUp(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(body) {
          sent += 16_384;
          body.enqueue(new Uint8Array(16_384).fill(60));
        },
        cancel() {
          isCancelled = true;
        },
      }),
      { status: 500 },
    )
  );
  const result = await update();
  assertEquals(result.kind === "failure" && result.class, "server_error");
  assertEquals([isCancelled, sent < 200_000], [true, true]);
});

Deno.test("whoAmI() is content with a user only", async () => {
  const ok = setUp(() => Response.json({ UserId: "x", BusinessUnitId: "y", OrganizationId: "z" }));
  const success = { kind: "success", responseCode: 200 } as const;
  assertEquals(await ok.client.whoAmI(), { ...success, organisationId: null });
  const whole = setUp(() => Response.json({ UserId: "x", OrganizationId: MENTOR.toUpperCase() }));
  assertEquals(await whole.client.whoAmI(), { ...success, organisationId: MENTOR });
  assertEquals(ok.sent[0]?.url, "https://org.example/api/data/v9.2/WhoAmI");
  const answers: [() => Response, string][] = [
    [() => error(403, "0x80072560"), "credentials_rejected"],
    [() => new Response("<html>"), "invalid_response"],
    [() => Response.json({}), "invalid_response"],
    [() => new Response("", { status: 401 }), "credentials_rejected"],
    [() => new Response("", { status: 503 }), "unavailable"],
  ];
  for (const [answer, failureClass] of answers) {
    const result = await setUp(answer).client.whoAmI();
    assertEquals(result.kind === "failure" && result.class, failureClass);
  }
});

Deno.test("listings() follows the links as they are, with the same preference", async () => {
  const next =
    "https://org.example/api/data/v9.2/hlf_mentorlistings?$skiptoken=%3Ccookie%20a=%22%22";
  const { client, sent } = setUp((_, count) =>
    Response.json(
      count === 1
        ? { value: [{ hlf_mentorid: MENTOR, hlf_published: true }], "@odata.nextLink": next }
        : { value: [{ hlf_mentorid: null, hlf_published: false }] },
    )
  );
  assertEquals(await Array.fromAsync(client.listings()), [
    [{ mentorId: MENTOR, isAddressable: true, published: true }],
    [{ mentorId: null, isAddressable: false, published: false }],
  ]);
  assertEquals(sent.map(({ url }) => url), [
    "https://org.example/api/data/v9.2/hlf_mentorlistings?$select=hlf_mentorid,hlf_published",
    next,
  ]);
  assertEquals(sent.map(({ headers }) => headers.get("prefer")), [
    "odata.maxpagesize=5000",
    "odata.maxpagesize=5000",
  ]);
});

Deno.test("listings() shows its token to no other server", async () => {
  const { client, sent } = setUp(() =>
    Response.json({ value: [], "@odata.nextLink": "https://org.example.evil/api/data/v9.2/x" })
  );
  await assertRejects(() => Array.fromAsync(client.listings()), DataverseError);
  assertEquals(sent.length, 1);
});

Deno.test("listings() reads nothing from a page whose values say nothing", async () => {
  const pages = [
    ...[null, undefined, 1, 0, 100000001, "true", "Yes", {}, []].map((hlf_published) => ({
      value: [{ hlf_mentorid: MENTOR, hlf_published: true }, { hlf_mentorid: "x", hlf_published }],
    })),
    { value: null },
    { value: ["x"] },
    [],
  ];
  for (const page of pages) {
    const { client } = setUp(() => Response.json(page));
    const thrown = await assertRejects(() => Array.fromAsync(client.listings()), DataverseError);
    assertEquals([thrown.code, thrown.isUnreadable], ["invalid_response", true]);
  }
});

Deno.test("listings() ends at a next link that comes again, at once or in a circle", async () => {
  const link = (n: number) => `https://org.example/api/data/v9.2/x?$skiptoken=${n}`;
  for (const circle of [[1], [1, 2], [1, 2, 3]]) {
    const { client, sent } = setUp((_, count) =>
      Response.json({
        value: [{ hlf_mentorid: MENTOR, hlf_published: true }],
        "@odata.nextLink": link(circle[(count - 1) % circle.length] ?? 0),
      })
    );
    const thrown = await assertRejects(() => Array.fromAsync(client.listings()), DataverseError);
    assertEquals([thrown.isUnreadable, sent.length], [true, circle.length + 1]);
  }
});

const KEYS: [unknown, string | null, boolean][] = [
  [MENTOR, MENTOR, true],
  [MENTOR.toUpperCase(), MENTOR, true],
  [`{${MENTOR}}`, MENTOR, false],
  [`{${MENTOR.toUpperCase()}}`, MENTOR, false],
  [`(${MENTOR})`, MENTOR, false],
  [`"${MENTOR}"`, MENTOR, false],
  [` ${MENTOR}`, MENTOR, false],
  [`${MENTOR}\t`, MENTOR, false],
  [`\u00a0${MENTOR}\u200b`, MENTOR, false],
  [`urn:uuid:${MENTOR}`, MENTOR, false],
  [`URN:UUID:{${MENTOR}}`, MENTOR, false],
  [MENTOR.replaceAll("-", ""), MENTOR, false],
  [`{${MENTOR.replaceAll("-", "")}}`, MENTOR, false],
  ["Kari Nordmann", null, false],
  [MENTOR.slice(1), null, false],
  [`${MENTOR}${MENTOR}`, null, false],
  ["", null, false],
  [null, null, false],
  [5, null, false],
];

for (const [key, mentorId, isAddressable] of KEYS) {
  Deno.test(`listings() key ${JSON.stringify(key)} → ${mentorId}, ${isAddressable}`, async () => {
    const { client } = setUp(() =>
      Response.json({ value: [{ hlf_mentorid: key, hlf_published: true }] })
    );
    assertEquals(await Array.fromAsync(client.listings()), [
      [{ mentorId, isAddressable, published: true }],
    ]);
  });
}

Deno.test("describeListings() tells the columns' types and whether the key is active", async () => {
  const attributes = [
    { LogicalName: "hlf_published", AttributeType: "Picklist" },
    { LogicalName: "hlf_mentorid", AttributeType: "String" },
  ];
  const keys = [
    { KeyAttributes: ["hlf_mentorid", "hlf_name"], EntityKeyIndexStatus: "Active" },
    { KeyAttributes: ["hlf_mentorid"], EntityKeyIndexStatus: "Pending" },
  ];
  const { client, sent } = setUp(() =>
    Response.json({ value: [{ LogicalName: "x", Attributes: attributes, Keys: keys }] })
  );
  assertEquals(await client.describeListings(), {
    publishedType: "Picklist",
    keyType: "String",
    keyStatus: "Pending",
  });
  const query = new URL(sent[0]?.url ?? "").searchParams;
  assertEquals(query.get("$filter"), "EntitySetName eq 'hlf_mentorlistings'");
  const none = await setUp(() => Response.json({ value: [] })).client.describeListings();
  assertEquals("kind" in none && none.class, "invalid_response");
  const forbidden = await setUp(() => error(403, "0x80040220")).client.describeListings();
  assertEquals("kind" in forbidden && forbidden.class, "forbidden");
});

Deno.test("listings() throws the class of what went wrong", async () => {
  const { client } = setUp(() => new Response("", { status: 503 }));
  const thrown = await assertRejects(() => Array.fromAsync(client.listings()), DataverseError);
  assertEquals([thrown.code, thrown.status], ["unavailable", 503]);
});
