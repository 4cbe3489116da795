import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeLog, flushPromises } from "../_shared/fakes.ts";
import { RELEASE } from "../_shared/release.ts";
import type { ForceSyncAnswer } from "./force_sync.ts";
import type { Health } from "./gate.ts";
import { createHandler } from "./handler.ts";
import type { ProjectAnswer } from "./queue.ts";

const MENTOR = "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001";
const SECRET = { apikey: "sb_secret_a" };
const USER = { apikey: "sb_publishable_a", authorization: "Bearer jwt" };
const SWEEP = { type: "sweep" };
const FORCE = { type: "force_sync", mentor_id: MENTOR };

const REPORT = {
  mentor_id: MENTOR,
  attempt_id: null,
  operation: "remove",
  outcome: "success",
  response_code: 204,
  retry_count: 0,
  error: null,
  recorded: true,
} as const;
const rest = Promise.resolve();

function setUp(options: {
  readonly health?: Health;
  readonly forceSync?: () => Promise<ForceSyncAnswer>;
  readonly project?: ProjectAnswer;
} = {}) {
  const started: string[] = [];
  const background: Promise<unknown>[] = [];
  let timesMade = 0;
  const { log, entries } = fakeLog();
  const handler = createHandler({
    supabase: {
      url: "http://127.0.0.1:54321",
      projectUrl: "http://127.0.0.1:54321",
      secretKeys: { default: "sb_secret_a", cron: "sb_secret_b" },
      publishableKeys: { default: "sb_publishable_a" },
      secretKey: "sb_secret_a",
      publishableKey: "sb_publishable_a",
    },
    engine: () => {
      timesMade++;
      return Promise.resolve({
        drain: () => Promise.resolve(void started.push("drain")),
        nightly: () => Promise.resolve(void started.push("nightly")),
        checkHealth: () =>
          Promise.resolve(options.health ?? { dynamics: "ok", organisationId: null }),
        confirmProject: () => Promise.resolve(options.project ?? "confirmed"),
        forceSync: (mentorId, token) => {
          started.push(`force_sync ${mentorId} ${token}`);
          return options.forceSync?.() ?? Promise.resolve({ kind: "done", report: REPORT, rest });
        },
      });
    },
    background: (work) => void background.push(work()),
    log,
  });
  async function post(
    body: unknown,
    headers: Record<string, string>,
    init: RequestInit = {},
  ) {
    const response = await handler(
      new Request("http://127.0.0.1/hlf-sync", {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
    );
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  return { handler, post, started, background, entries, timesMade: () => timesMade };
}

Deno.test("createHandler() accepts every trigger of the machine and works on after the answer", async () => {
  const record = { id: MENTOR, full_name: "Kari Nordmann", email: "kari@example.no" };
  const bodies: [unknown, string][] = [
    [{ type: "UPDATE", table: "mentors", schema: "public" }, "drain"],
    [{ type: "INSERT", table: "mentors", schema: "public", record, old_record: null }, "drain"],
    [{ type: "DELETE", table: "mentors", old_record: record, more: 1 }, "drain"],
    [SWEEP, "drain"],
    [{ type: "nightly", date: "2027-03-01" }, "nightly"],
  ];
  for (const [body, work] of bodies) {
    for (const apikey of ["sb_secret_a", "sb_secret_b"]) {
      const { post, started } = setUp();
      const answer = await post(body, { apikey });
      assertEquals([answer.status, answer.body, started], [202, { accepted: true }, [work]]);
    }
  }
});

Deno.test("createHandler() tells a database whether it works on it, and 409 to any other", async () => {
  const question = { type: "identify", question: MENTOR };
  const own = setUp();
  assertEquals((await own.post(question, SECRET)).body, { project: "confirmed" });
  assertEquals(own.started, ["drain"]);
  for (const project of ["not asked here", "foreign"] as const) {
    const { post, started, entries } = setUp({ project });
    const { status, body } = await post(question, SECRET);
    assertEquals([status, body.error.code, started], [409, "foreign_project", []]);
    assertEquals(entries.map(({ event }) => event), ["foreign_project"]);
  }
  assertEquals((await own.post(question, USER)).status, 401);
});

Deno.test("createHandler() reports the health of Dynamics", async () => {
  const ok = await setUp().post({ type: "health" }, SECRET);
  assertEquals([ok.status, ok.body], [200, { dynamics: "ok", release: RELEASE }]);
  const health: Health = { dynamics: "forbidden", gate: "credentials" };
  const ill = await setUp({ health }).post({ type: "health" }, SECRET);
  assertEquals([ill.status, ill.body], [503, { dynamics: "forbidden", release: RELEASE }]);
});

Deno.test("createHandler() answers force_sync with the result, and drains on", async () => {
  const { post, started } = setUp();
  const answer = await post({ ...FORCE, mentor_id: MENTOR.toUpperCase() }, USER);
  assertEquals([answer.status, answer.body], [200, REPORT]);
  assertEquals(started, [`force_sync ${MENTOR} jwt`, "drain"]);
});

Deno.test("createHandler() keeps its isolate until what is left of a force_sync has ended", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { post, background } = setUp({
    forceSync: () => Promise.resolve({ kind: "done", report: REPORT, rest: promise }),
  });
  let isOver = false;
  assertEquals((await post(FORCE, USER)).status, 200);
  const done = Promise.all(background).then(() => isOver = true);
  await flushPromises();
  assertEquals(isOver, false);
  resolve();
  await done;
});

Deno.test("createHandler() answers 202 while a force_sync is pending", async () => {
  const report = { ...REPORT, outcome: "pending", response_code: null } as const;
  const { post } = setUp({ forceSync: () => Promise.resolve({ kind: "pending", report, rest }) });
  const answer = await post(FORCE, USER);
  assertEquals([answer.status, answer.body], [202, report]);
});

Deno.test("createHandler() gives each refusal of the database its status", async () => {
  const refusals = [
    ["unauthorised", 401],
    ["not_found", 404],
    ["not_coordinator", 403],
    ["sync_disabled", 409],
    ["too_many_requests", 429],
  ] as const;
  for (const [reason, status] of refusals) {
    const { post, started } = setUp({
      forceSync: () => Promise.resolve({ kind: "refused", reason }),
    });
    const answer = await post(FORCE, USER);
    assertEquals([answer.status, answer.body.error.code], [status, reason]);
    assertEquals(answer.headers.get("retry-after"), status === 429 ? "60" : null);
    assertEquals(started.includes("drain"), false);
  }
});

const REFUSED: [string, unknown, Record<string, string>, RequestInit, number, string][] = [
  ["GET", null, SECRET, { method: "GET", body: null }, 405, "method_not_allowed"],
  ["PUT", SWEEP, SECRET, { method: "PUT" }, 405, "method_not_allowed"],
  ["no credentials", SWEEP, {}, {}, 401, "unauthorised"],
  ["no credentials, whatever the body says", "{", {}, {}, 401, "unauthorised"],
  ["a wrong secret key", SWEEP, { apikey: "sb_secret_x" }, {}, 401, "unauthorised"],
  ["a publishable key", SWEEP, { apikey: "sb_publishable_a" }, {}, 401, "unauthorised"],
  ["a user's token for a sweep", SWEEP, USER, {}, 401, "unauthorised"],
  [
    "the secret key as a token",
    SWEEP,
    { authorization: "Bearer sb_secret_a" },
    {},
    401,
    "unauthorised",
  ],
  ["force_sync without a token", FORCE, SECRET, {}, 401, "unauthorised"],
  [
    "force_sync with a key as a token",
    FORCE,
    { authorization: "Bearer sb_secret_a" },
    {},
    401,
    "unauthorised",
  ],
  ["another scheme", FORCE, { apikey: "a", authorization: "Basic a" }, {}, 401, "unauthorised"],
  [
    "a form",
    "a=b",
    { ...SECRET, "content-type": "application/x-www-form-urlencoded" },
    {},
    415,
    "unsupported_media_type",
  ],
  [
    "JSON with another name",
    SWEEP,
    { ...SECRET, "content-type": "application/jsonp" },
    {},
    415,
    "unsupported_media_type",
  ],
  ["no JSON", "{", SECRET, {}, 400, "invalid_json"],
  ["an empty body", "", SECRET, {}, 400, "invalid_json"],
  ["null", "null", SECRET, {}, 400, "invalid_body"],
  ["a list", "[]", SECRET, {}, 400, "invalid_body"],
  ["no type", {}, SECRET, {}, 400, "invalid_body"],
  ["an unknown type", { type: "drop" }, SECRET, {}, 400, "invalid_body"],
  ["another table", { type: "UPDATE", table: "users" }, SECRET, {}, 400, "invalid_body"],
  [
    "a mentor id that is none",
    { type: "force_sync", mentor_id: "1" },
    USER,
    {},
    400,
    "invalid_body",
  ],
  ["65 kB", `"${"a".repeat(65_536)}"`, SECRET, {}, 413, "body_too_large"],
];

for (const [name, body, headers, init, status, code] of REFUSED) {
  Deno.test(`createHandler() refuses ${name}: ${status} ${code}`, async () => {
    const { post, started, entries, timesMade } = setUp();
    const answer = await post(body, headers, init);
    assertEquals([answer.status, answer.body.error.code], [status, code]);
    assertEquals(Object.keys(answer.body.error), ["code", "message", "problems"]);
    assertEquals([started, entries, timesMade()], [[], [], 0]);
  });
}

Deno.test("createHandler() lists every problem of a body and quotes nothing of it", async () => {
  const { post } = setUp();
  const { body } = await post({ type: "force_sync", mentor_id: "Kari Nordmann" }, USER);
  assertEquals(body.error.problems.length, 1);
  assertEquals(body.error.problems[0].startsWith("mentor_id: "), true);
  assertEquals(JSON.stringify(body).includes("Kari"), false);
  const { body: unknown } = await post({ type: "Kari", table: 3 }, SECRET);
  assertEquals(JSON.stringify(unknown).includes("Kari"), false);
  assertEquals(unknown.error.problems.length, 1);
});

Deno.test("createHandler() refuses 2 MB without reading them", async () => {
  const { handler } = setUp();
  const announced = new Request("http://127.0.0.1/", {
    method: "POST",
    headers: { ...SECRET, "content-type": "application/json", "content-length": "2000000" },
    body: new Uint8Array(10),
  });
  assertEquals((await handler(announced)).status, 413);
  // Whatever a server makes of a length that is sent twice, or beside `Transfer-Encoding`, what comes is counted.
  for (const length of [null, "5", "2000000, 2000000"]) {
    let read = 0;
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(stream) {
        read += 16_384;
        stream.enqueue(new Uint8Array(16_384));
        if (read >= 2_000_000) stream.close();
      },
      cancel() {
        isCancelled = true;
      },
    });
    const streamed = new Request("http://127.0.0.1/", {
      method: "POST",
      headers: {
        ...SECRET,
        "content-type": "application/json",
        ...(length !== null && { "content-length": length }),
      },
      body,
    });
    assertEquals((await handler(streamed)).status, 413);
    assertEquals([isCancelled, read < 200_000], [true, true]);
  }
});

Deno.test("createHandler() lets the console ask from another origin", async () => {
  const { handler } = setUp();
  const response = await handler(new Request("http://127.0.0.1/", { method: "OPTIONS" }));
  assertEquals(response.status, 204);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  const allowed = response.headers.get("access-control-allow-headers")?.split(", ");
  for (const name of ["authorization", "apikey", "content-type", "x-client-info"]) {
    assertEquals(allowed?.includes(name), true, name);
  }
});

Deno.test("createHandler() tells a caller nothing of what broke inside", async () => {
  const faults = [
    [new DatabaseError("request_hlf_force_sync", "network", 0), 503, "unavailable"],
    [new Error("Kari Nordmann"), 500, "internal_error"],
  ] as const;
  for (const [fault, status, code] of faults) {
    const { post, entries } = setUp({ forceSync: () => Promise.reject(fault) });
    const answer = await post(FORCE, USER);
    assertEquals([answer.status, answer.body.error.code], [status, code]);
    assertEquals(JSON.stringify([answer.body, entries]).includes("Kari"), false);
    assertEquals(entries.length, 1);
  }
});
