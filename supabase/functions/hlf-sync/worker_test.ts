import { assertEquals } from "@std/assert";
import { fakeFetch, fakeLog, FakeTime, flushPromises, type SentRequest } from "../_shared/fakes.ts";
import { readSettings } from "../_shared/settings.ts";
import { createEngine } from "./engine.ts";
import { createWorker, type Platform, systemPlatform } from "./worker.ts";

const ATTEMPT = "0195a1b2-0000-7000-8000-000000000001";
const MENTOR = "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001";

const SETTINGS = readSettings({
  SUPABASE_URL: "http://db.example",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_a"}',
  DYNAMICS_URL: "https://org.example",
  DYNAMICS_TENANT_ID: "00000000-0000-4000-8000-00000000aaaa",
  DYNAMICS_CLIENT_ID: "00000000-0000-4000-8000-00000000bbbb",
  DYNAMICS_CLIENT_SECRET: "secret",
  DYNAMICS_AUTHORITY_HOST: "https://login.example",
});

const CLAIMED = {
  attempt_id: ATTEMPT,
  mentor_id: MENTOR,
  organisation_id: MENTOR,
  operation: "remove",
  retry_count: 0,
  triggered_by_event: "status_change:paused",
  is_last: false,
};

/** A database with one due mentor, Entra and Dynamics, all behind one fetch. */
function setUp(options: {
  readonly entra?: () => Response;
  readonly whoAmI?: () => Response;
  readonly auditInsert?: () => Promise<Response>;
  readonly isIsolateBounded?: boolean;
  /** Called when the last listing has been read. */
  readonly listings?: () => void;
  readonly waitSeconds?: number;
  /** So many claims more leave something to claim. */
  readonly moreClaims?: number;
} = {}) {
  const time = new FakeTime();
  const { log, entries } = fakeLog();
  const due = [CLAIMED];
  let moreClaims = options.moreClaims ?? 0;
  const listeners: ((reason: unknown) => void)[] = [];
  const { fetch, sent } = fakeFetch((request) => {
    const { url } = request;
    if (url.startsWith("https://login.example")) {
      return options.entra?.() ?? Response.json({ access_token: "t", expires_in: 3600 });
    }
    if (url.endsWith("/WhoAmI")) return options.whoAmI?.() ?? Response.json({ UserId: "x" });
    if (request.method === "PATCH") return new Response(null, { status: 204 });
    if (url.startsWith("https://org.example")) return Response.json({ value: [] });
    switch (step(request)) {
      case "claim_hlf_sync_ahead":
        if (moreClaims > 0) due.push(CLAIMED);
        return Response.json({
          attempts: due.splice(0),
          places: 50,
          has_more: moreClaims-- > 0,
          is_elsewhere: false,
          seconds: options.waitSeconds ?? null,
          gate_reason: null,
          ready_seconds: 10,
        });
      case "settle_hlf_sync_attempts":
        return Response.json([{
          attempt_id: ATTEMPT,
          result: "settled",
          outcome: "success",
          due_in_seconds: null,
        }]);
      case "hlf_sync_audit_log":
        return options.auditInsert?.() ?? new Response(null, { status: 201 });
      case "admit_hlf_sync_request":
        return Response.json([{ is_admitted: true, gate_reason: null }]);
      case "begin_hlf_reconciliation":
        return Response.json(crypto.randomUUID());
      case "finish_hlf_reconciliation":
        options.listings?.();
        return Response.json([{
          listing_count: 1,
          unknown_listing_count: 0,
          drift_count: 1,
          unaddressable_count: 0,
          is_believed: true,
        }]);
      default:
        return Response.json([]);
    }
  });
  const platform: Platform = {
    fetch,
    clock: time,
    sleep: time.sleep,
    nextTurn: () => Promise.resolve(),
    random: () => 0.5,
    log,
    isIsolateBounded: options.isIsolateBounded ?? false,
    beforeUnload: (listener) => listeners.push(listener),
  };
  const worker = createWorker(SETTINGS, platform, () => Promise.resolve({ createEngine }));
  const post = (body: unknown) =>
    worker(
      new Request("http://127.0.0.1/hlf-sync", {
        method: "POST",
        headers: { "content-type": "application/json", apikey: "sb_secret_a" },
        body: JSON.stringify(body),
      }),
    );
  const unload = (reason: string) => listeners.forEach((listener) => listener(reason));
  return { post, sent, entries, time, due, unload, platform };
}

function step({ url }: SentRequest): string {
  const { hostname, pathname } = new URL(url);
  return hostname === "db.example" ? pathname.split("/").at(-1) ?? "" : hostname;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await flushPromises();
}

Deno.test("createWorker() has one call of the database between a webhook and Dynamics", async () => {
  const { post, sent, entries } = setUp();
  const response = await post({ type: "UPDATE", table: "mentors", schema: "public" });
  assertEquals([response.status, await response.json()], [202, { accepted: true }]);
  await settled();
  const steps = sent.map(step);
  assertEquals(steps.slice(0, 3), ["login.example", "claim_hlf_sync_ahead", "org.example"]);
  assertEquals(steps.slice(3).sort(), [
    "hlf_sync_audit_log",
    "settle_hlf_sync_attempts",
  ]);
  assertEquals(entries.filter(({ level }) => level !== "info"), []);
});

Deno.test("createWorker() settles although the audit insert hangs", async () => {
  const { post, sent } = setUp({ auditInsert: () => new Promise(() => {}) });
  await post({ type: "sweep" });
  await settled();
  assertEquals(sent.map(step).includes("settle_hlf_sync_attempts"), true);
});

Deno.test("createWorker() nightly closes the gate for credentials that are rejected", async () => {
  const { post, sent } = setUp({
    entra: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  });
  const response = await post({ type: "nightly" });
  await response.body?.cancel();
  await settled();
  const steps = sent.map(step);
  assertEquals(steps.includes("close_hlf_sync_gate"), true);
  assertEquals(steps.includes("claim_hlf_sync_ahead"), false);
});

Deno.test("createWorker() nightly closes the gate for an application user that is refused", async () => {
  const { post, sent } = setUp({ whoAmI: () => new Response("", { status: 403 }) });
  const response = await post({ type: "nightly" });
  await response.body?.cancel();
  await settled();
  const closed = sent.find((request) => step(request) === "close_hlf_sync_gate");
  assertEquals(JSON.parse(closed?.body ?? "null"), { reason: "credentials" });
});

Deno.test("createWorker() in a bounded isolate counts the time from its start, and has some left in the end", async () => {
  const cases = [
    { isIsolateBounded: true, age: 0, retryAfter: 40, drained: true },
    { isIsolateBounded: true, age: 75, retryAfter: 40, drained: false },
    { isIsolateBounded: true, age: 105, retryAfter: 20, drained: true },
    { isIsolateBounded: false, age: 75, retryAfter: 40, drained: true },
  ];
  for (const { isIsolateBounded, age, retryAfter, drained } of cases) {
    const { post, sent, time } = setUp({
      isIsolateBounded,
      entra: () =>
        sent.length === 1
          ? new Response("", { status: 503, headers: { "retry-after": `${retryAfter}` } })
          : Response.json({ access_token: "t" }),
    });
    time.advance(age);
    const response = await post({ type: "sweep" });
    await response.body?.cancel();
    await settled();
    await time.pass(retryAfter + 1);
    await settled();
    assertEquals(sent.map(step).includes("claim_hlf_sync_ahead"), drained);
  }
});

Deno.test("createWorker() in a bounded isolate leaves the rest of a long backlog to another one", async () => {
  for (const isIsolateBounded of [true, false]) {
    const { post, sent, time } = setUp({ isIsolateBounded, moreClaims: 300 });
    await post({ type: "sweep" });
    await time.pass(30);
    const patches = sent.filter(({ method }) => method === "PATCH").length;
    const isAll = patches === 301;
    assertEquals([isAll, patches > 50], [!isIsolateBounded, true], `${patches}`);
  }
});

Deno.test("createWorker() nightly syncs what the listings show while its drain sleeps for a later attempt", async () => {
  const { post, sent, time, due } = setUp({ listings: () => due.push(CLAIMED), waitSeconds: 80 });
  due.length = 0;
  await post({ type: "nightly" });
  await time.pass(5);
  assertEquals(sent.filter(({ method }) => method === "PATCH").length, 1);
});

Deno.test("systemPlatform() tells why the isolate ends, as the edge runtime says it", () => {
  const reasons: unknown[] = [];
  systemPlatform(true).beforeUnload((reason) => reasons.push(reason));
  dispatchEvent(new CustomEvent("beforeunload", { detail: { reason: "memory" } }));
  assertEquals(reasons, ["memory"]);
});

Deno.test("createWorker() sends nothing more once its isolate has been told that it ends, unless only memory was short", async () => {
  const { post, sent, due, unload } = setUp();
  await post({ type: "sweep" });
  await settled();
  const patches = () => sent.filter(({ method }) => method === "PATCH").length;
  assertEquals(patches(), 1);
  unload("memory");
  due.push(CLAIMED);
  assertEquals((await post({ type: "sweep" })).status, 202);
  await settled();
  assertEquals(patches(), 2, "memory was freed");
  unload("cpu");
  unload("memory");
  due.push(CLAIMED);
  assertEquals((await post({ type: "sweep" })).status, 202);
  await settled();
  assertEquals(patches(), 2);
});

Deno.test("createEngine() has not drained before the audit rows are written: nothing else keeps the isolate", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const { platform, sent } = setUp({ auditInsert: () => promise });
  let isOver = false;
  const done = createEngine(SETTINGS, platform, 0).drain().then(() => isOver = true);
  await settled();
  assertEquals([sent.map(step).includes("settle_hlf_sync_attempts"), isOver], [true, false]);
  resolve(new Response(null, { status: 201 }));
  await done;
});

Deno.test("createEngine() has not ended its night while its drain waits for a later attempt", async () => {
  const { platform, time, sent, due } = setUp({ waitSeconds: 80 });
  due.length = 0;
  let isOver = false;
  const done = createEngine(SETTINGS, platform, 0).nightly().then(() => isOver = true);
  await time.pass(79);
  assertEquals([sent.map(step).includes("finish_hlf_reconciliation"), isOver], [true, false]);
  due.push(CLAIMED);
  await time.until(done);
  assertEquals(sent.filter(({ method }) => method === "PATCH").length, 1);
});
