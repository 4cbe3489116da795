import { assertEquals } from "@std/assert";
import type { Answer } from "./answer.ts";
import { classifyFailure, classifyGone, classifyUpdate, type Failure } from "./classify.ts";

const ID = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";

function answer(status: number, more: Partial<Answer> = {}): Answer {
  return { status, code: null, requestId: null, retryAfterSeconds: null, body: "json", ...more };
}

type Expected = [Failure["class"], { permanent?: true; gate?: "throttled" | "credentials" }?];

/** Every answer that dataverse.md tells of, and some that proxies give. */
const FAILURES: [string, Answer, Expected][] = [
  ["201: something was created", answer(201), ["invalid_response"]],
  ["202: accepted, done later", answer(202), ["invalid_response"]],
  ["200 with a page of HTML", answer(200, { body: "html" }), ["invalid_response"]],
  ["200 without a body", answer(200, { body: "empty" }), ["invalid_response"]],
  ["a redirect", answer(302, { body: "empty" }), ["invalid_response"]],
  ["400 bad payload", answer(400, { code: "0x80048d19" }), ["rejected", { permanent: true }]],
  ["400 unknown property", answer(400, { code: "0x0" }), ["rejected", { permanent: true }]],
  ["400 without a code", answer(400), ["rejected", { permanent: true }]],
  ["401", answer(401, { body: "empty" }), ["credentials_rejected", { gate: "credentials" }]],
  ["403 no application user", answer(403, { code: "0x80072560" }), [
    "credentials_rejected",
    { gate: "credentials" },
  ]],
  ["403 missing privilege", answer(403, { code: "0x80040220" }), [
    "forbidden",
    { gate: "credentials" },
  ]],
  ["403 of a firewall", answer(403, { body: "html" }), ["forbidden", { gate: "credentials" }]],
  ["404 unknown set", answer(404, { code: "0x8006088a" }), ["rejected"]],
  ["404 of some other server", answer(404, { body: "html" }), ["invalid_response"]],
  ["405", answer(405), ["rejected", { permanent: true }]],
  ["408", answer(408), ["timeout"]],
  ["409", answer(409), ["rejected", { permanent: true }]],
  ["412 stale ETag", answer(412, { code: "0x80060882" }), ["precondition_failed"]],
  ["413", answer(413), ["rejected", { permanent: true }]],
  ["429 too many requests", answer(429, { code: "0x80072322" }), [
    "throttled",
    { gate: "throttled" },
  ]],
  ["429 execution time", answer(429, { code: "0x80072321" }), ["throttled", { gate: "throttled" }]],
  ["429 concurrency", answer(429, { code: "0x80072326" }), ["throttled", { gate: "throttled" }]],
  ["429 customization lock", answer(429, { code: "0x80071151" }), [
    "throttled",
    { gate: "throttled" },
  ]],
  ["429 unknown", answer(429, { body: "empty" }), ["throttled", { gate: "throttled" }]],
  ["500 deadlock", answer(500, { code: "0x80044150" }), ["server_error"]],
  ["500 with HTML", answer(500, { body: "html" }), ["server_error"]],
  ["501", answer(501), ["server_error"]],
  ["502", answer(502, { body: "html" }), ["unavailable"]],
  ["503", answer(503, { body: "empty" }), ["unavailable"]],
  ["504", answer(504, { body: "html" }), ["unavailable"]],
];

for (const [name, given, [failureClass, more = {}]] of FAILURES) {
  for (const operation of ["remove", "restore"] as const) {
    Deno.test(`classifyUpdate() ${operation}: ${name} → ${failureClass}`, () => {
      assertEquals(classifyUpdate(operation, given), {
        kind: "failure",
        class: failureClass,
        permanent: false,
        responseCode: given.status,
        code: given.code,
        requestId: null,
        retryAfterSeconds: null,
        gate: "none",
        ...more,
      });
    });
  }
}

Deno.test("classifyUpdate() 204, and 200 with a representation, are success with that code", () => {
  for (const operation of ["remove", "restore"] as const) {
    assertEquals(classifyUpdate(operation, answer(204, { body: "empty" })), {
      kind: "success",
      responseCode: 204,
    });
    assertEquals(classifyUpdate(operation, answer(200)), { kind: "success", responseCode: 200 });
  }
});

Deno.test("classifyUpdate() faults have no code, and their outcome is unknown", () => {
  for (const fault of ["timeout", "network"] as const) {
    assertEquals(classifyUpdate("remove", { fault }), {
      kind: "failure",
      class: fault,
      permanent: false,
      responseCode: null,
      code: null,
      requestId: null,
      retryAfterSeconds: null,
      gate: "none",
    });
  }
});

Deno.test("classifyUpdate() keeps code, request id and Retry-After of the answer", () => {
  const given = answer(503, { code: "0x80040216", requestId: ID, retryAfterSeconds: 42 });
  const { code, requestId, retryAfterSeconds, gate } = classifyFailure(given);
  assertEquals([code, requestId, retryAfterSeconds, gate], ["0x80040216", ID, 42, "none"]);
});

Deno.test("classifyUpdate() 404 on restore is permanent for every way of not finding it", () => {
  for (const code of ["0x80040217", "0x80060891", null]) {
    const result = classifyUpdate("restore", answer(404, { code })) as Failure;
    assertEquals([result.class, result.permanent], ["listing_not_found", true]);
  }
  const unknown = classifyUpdate("restore", answer(404, { code: "0x80060888" })) as Failure;
  assertEquals([unknown.class, unknown.permanent], ["rejected", false]);
});

Deno.test("classifyUpdate() 404 on remove has to be verified", () => {
  for (const code of ["0x80040217", "0x80060891", "0x80060888", null]) {
    assertEquals(classifyUpdate("remove", answer(404, { code })), { kind: "verify_gone" });
  }
});

const notFound = answer(404, { code: "0x80060891", requestId: ID });

Deno.test("classifyGone() no listing: gone, a success with the query's 200", () => {
  assertEquals(classifyGone(notFound, { ...answer(200), listings: 0 }), {
    kind: "success",
    responseCode: 200,
  });
});

Deno.test("classifyGone() the listing is there: listing_not_found of the update, to be retried", () => {
  const result = classifyGone(notFound, { ...answer(200), listings: 1 }) as Failure;
  assertEquals(
    [result.class, result.permanent, result.responseCode, result.code, result.requestId],
    ["listing_not_found", false, 404, "0x80060891", ID],
  );
});

Deno.test("classifyGone() a query that fails confirms nothing and is never final", () => {
  const given = [
    [{ ...answer(200, { body: "html" as const }), listings: null }, "invalid_response", 200],
    [{ ...answer(400), listings: null }, "rejected", 400],
    [{ ...answer(404), listings: null }, "rejected", 404],
    [{ ...answer(503), listings: null }, "unavailable", 503],
    [{ ...answer(204), listings: null }, "invalid_response", 204],
    [{ fault: "timeout" as const }, "timeout", null],
  ] as const;
  for (const [query, failureClass, status] of given) {
    const result = classifyGone(notFound, query) as Failure;
    assertEquals([result.kind, result.class, result.permanent, result.responseCode], [
      "failure",
      failureClass,
      false,
      status,
    ]);
  }
});

Deno.test("classifyGone() a query that is throttled or refused closes the gate", () => {
  const gate = (status: number) =>
    (classifyGone(notFound, { ...answer(status), listings: null }) as Failure).gate;
  assertEquals(gate(429), "throttled");
  assertEquals(gate(401), "credentials");
});
