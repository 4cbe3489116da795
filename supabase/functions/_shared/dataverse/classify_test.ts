import { assertEquals } from "@std/assert";
import { readAnswer } from "./answer.ts";
import { classifyGone, classifyUpdate, type Failure, type GateWish } from "./classify.ts";
import type { FailureClass } from "../failure_classes.ts";

const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);
const ID = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";

function dataverseError(code: string | undefined, message = "text of the server"): string {
  return JSON.stringify({ error: { ...(code !== undefined && { code }), message } });
}

function answer(status: number, text = "", headers: Record<string, string> = {}) {
  return readAnswer({ status, headers: new Headers(headers) }, text, NOW);
}

const HTML = "<html><body>Sorry</body></html>";

type Kind = [what: string, class_: FailureClass, gate: GateWish, answers: [number, string][]];

/** Kinds of answers, each with several that belong to it. */
const KINDS: Kind[] = [
  [
    "what is not 204 is no success, whatever it says",
    ...(["invalid_response", "none"] as const),
    [
      ...[200, 201, 202, 205, 206].flatMap((status): [number, string][] => [
        [status, ""],
        [status, "{}"],
        [status, '{"status":"maintenance"}'],
        [status, dataverseError("0x80040265")],
        [status, '{"hlf_published":false}'],
        [status, HTML],
      ]),
    ],
  ],
  ["redirects are not followed", "invalid_response", "none", [
    [301, ""],
    [302, HTML],
    [303, ""],
    [304, ""],
    [307, ""],
    [308, ""],
  ]],
  [
    "a code of the server's own trouble decides, whatever status carries it",
    ...(["server_error", "none"] as const),
    [
      "0x80044150",
      "0x80044151",
      "0x8004418d",
      "0x8004418E",
      "0x80040216",
      "0x80040224",
      "0x80040255",
    ]
      .flatMap((code) =>
        [400, 403, 404, 409, 500, 503].map((
          status,
        ): [number, string] => [status, dataverseError(code)])
      ),
  ],
  [
    "a disabled or unknown user is rejected credentials, whatever status carries it",
    ...(["credentials_rejected", "credentials"] as const),
    ["0x80040225", "0x80072560", "0x80042F09", "0x80044302", "0x8005f101"].flatMap((code) =>
      [400, 401, 403, 404, 500].map((status): [number, string] => [status, dataverseError(code)])
    ),
  ],
  ["a disabled organisation is away with a 5xx", "unavailable", "none", [
    [503, dataverseError("0x8004a112")],
    [500, dataverseError("0x8004A112")],
  ]],
  ["and rejected credentials with a 4xx", "credentials_rejected", "credentials", [
    [400, dataverseError("0x8004a112")],
    [403, dataverseError("0x8004a112")],
  ]],
  ["401", "credentials_rejected", "credentials", [[401, ""], [401, HTML], [
    401,
    dataverseError(""),
  ]]],
  ["a throttle by its code, whatever status carries it", "throttled", "throttled", [
    [400, dataverseError("0x80072322")],
    [503, dataverseError("0x80072321")],
    [500, dataverseError("0x80072326")],
    [429, dataverseError("0x80071151")],
    [429, dataverseError("0x80079999")],
    [429, HTML],
    [429, ""],
  ]],
  ["403 is everybody's or this listing's: the database knows", "forbidden", "undecided", [
    [403, dataverseError("0x80040220")],
    [403, dataverseError("")],
    [403, HTML],
    [403, ""],
    [403, "Forbidden"],
  ]],
  ["403 of a code about one record", "forbidden", "none", [[403, dataverseError("0x80048306")]]],
  ["a refusal in words of Dataverse", "rejected", "undecided", [
    ...[
      "0x8006088a",
      "0x80060890",
      "0x0",
      "0x80048d19",
      "0x80040265",
      "0x80040203",
      "",
      "-2147220989",
    ]
      .map((code): [number, string] => [400, dataverseError(code)]),
    [400, dataverseError(undefined)],
    [404, dataverseError("0x8006088a")],
    [404, dataverseError("0x80060890")],
    [404, dataverseError("0x80060888")],
    [405, dataverseError("")],
    [409, dataverseError("0x80040203")],
    [413, dataverseError("0x80048d19")],
    [400, "\uFEFF" + dataverseError("0x0")],
  ]],
  ["412 in words of Dataverse", "precondition_failed", "none", [
    [412, dataverseError("0x80040333")],
    [412, dataverseError("0x80060882")],
    [412, dataverseError("")],
  ]],
  [
    "a 4xx that Dataverse did not word",
    ...(["invalid_response", "none"] as const),
    [400, 402, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 418, 421, 425, 431, 451]
      .flatMap((status): [number, string][] => [
        [status, HTML],
        [status, ""],
        [status, "Bad Request"],
        [status, '{"Message":"No HTTP resource was found"}'],
        [status, '{"statusCode":404,"message":"Resource not found"}'],
        [status, '{"error":"invalid_token"}'],
        [status, dataverseError("ResourceNotFound")],
        [status, dataverseError("80040220")],
        [status, "[]"],
        [status, '{"error":null}'],
      ]),
  ],
  ["5xx", "server_error", "none", [
    [500, HTML],
    [500, dataverseError("0x80048d19")],
    [501, ""],
    [507, ""],
    [520, HTML],
  ]],
  ["away", "unavailable", "none", [[502, HTML], [503, ""], [504, HTML], [503, dataverseError("")]]],
  ["408", "timeout", "none", [[408, ""], [408, HTML]]],
];

for (const [what, failureClass, gate, answers] of KINDS) {
  Deno.test(`classifyUpdate() ${what}: ${failureClass}, gate ${gate}`, () => {
    for (const [status, text] of answers) {
      const result = classifyUpdate(answer(status, text));
      const told = `${status} ${text}`;
      assertEquals(
        result.kind === "failure" && [result.class, result.gate, result.permanent, told],
        [
          failureClass,
          gate,
          false,
          told,
        ],
      );
    }
  });
}

Deno.test("classifyUpdate() 204 is success, whatever headers come with it", () => {
  for (const headers of [{}, { "content-type": "text/html" }, { "retry-after": "60" }]) {
    assertEquals(classifyUpdate(answer(204, "", headers)), { kind: "success", responseCode: 204 });
  }
});

Deno.test("classifyUpdate() faults have no code, and their outcome is unknown", () => {
  for (const fault of ["timeout", "network"] as const) {
    assertEquals(classifyUpdate({ fault }), {
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

Deno.test("classifyUpdate() keeps code, request id and Retry-After, and no text", () => {
  const given = answer(400, dataverseError("0X80040265", "Kari Nordmann 010199 12345"), {
    req_id: ID.toUpperCase(),
    "retry-after": "42",
  });
  assertEquals(classifyUpdate(given), {
    kind: "failure",
    class: "rejected",
    permanent: false,
    responseCode: 400,
    code: "0x80040265",
    requestId: ID,
    retryAfterSeconds: 42,
    gate: "undecided",
  });
});

Deno.test("classifyUpdate() a 503 that asks to wait holds everybody, others only their mentor", () => {
  const gate = (status: number, header: string) =>
    (classifyUpdate(answer(status, "", { "retry-after": header })) as Failure).gate;
  assertEquals([gate(503, "120"), gate(503, "3600000")], ["throttled", "throttled"]);
  assertEquals([gate(503, "0"), gate(503, "soon"), gate(502, "120"), gate(504, "120")], [
    ...["none", "none", "none", "none"],
  ] as GateWish[]);
});

Deno.test("classifyUpdate() a 404 in words of Dataverse has to be verified", () => {
  const texts = ["0x80040217", "0x80060891", "", "0x80041103"].map((code) => dataverseError(code));
  for (
    const text of [...texts, dataverseError(undefined), "\uFEFF" + dataverseError("0x80060891")]
  ) {
    assertEquals(classifyUpdate(answer(404, text)), { kind: "verify_gone" });
  }
});

const notFound = answer(404, dataverseError("0x80060891"), { req_id: ID });
const found = (listings: number | null) => ({ ...answer(200, "{}"), listings });

Deno.test("classifyGone() no listing: a remove is done, with the query's 200", () => {
  assertEquals(classifyGone("remove", notFound, found(0)), { kind: "success", responseCode: 200 });
});

Deno.test("classifyGone() no listing: a restore is final", () => {
  const result = classifyGone("restore", notFound, found(0)) as Failure;
  assertEquals([result.class, result.permanent, result.responseCode, result.requestId], [
    "listing_not_found",
    true,
    404,
    ID,
  ]);
});

Deno.test("classifyGone() the listing is there: something else was not found, to be retried", () => {
  for (const operation of ["remove", "restore"] as const) {
    for (const listings of [1, 2]) {
      const result = classifyGone(operation, notFound, found(listings)) as Failure;
      assertEquals([result.class, result.permanent, result.gate, result.code], [
        "server_error",
        false,
        "none",
        "0x80060891",
      ]);
    }
  }
});

Deno.test("classifyGone() a query that fails confirms nothing and is never final", () => {
  const query = (status: number, text = "") => ({ ...answer(status, text), listings: null });
  const given = [
    [found(null), "invalid_response", "none"],
    [query(204), "invalid_response", "none"],
    [query(404, HTML), "invalid_response", "none"],
    [query(400, dataverseError("0x80060888")), "rejected", "undecided"],
    [query(404, dataverseError("0x80060891")), "rejected", "undecided"],
    [query(403), "forbidden", "undecided"],
    [query(401), "credentials_rejected", "credentials"],
    [query(429), "throttled", "throttled"],
    [query(503), "unavailable", "none"],
    [{ fault: "timeout" as const }, "timeout", "none"],
  ] as const;
  for (const operation of ["remove", "restore"] as const) {
    for (const [answered, failureClass, gate] of given) {
      const result = classifyGone(operation, notFound, answered) as Failure;
      assertEquals([result.kind, result.class, result.gate, result.permanent], [
        "failure",
        failureClass,
        gate,
        false,
      ]);
    }
  }
});
