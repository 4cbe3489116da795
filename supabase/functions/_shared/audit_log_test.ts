import { assertEquals } from "@std/assert";
import {
  type AuditInsert,
  auditRow,
  createAuditLogWriter,
  insertAuditRowsWith,
} from "./audit_log.ts";
import { fakeFetch, fakeLog, FakeTime, flushPromises } from "./fakes.ts";
import { createDatabaseClient, type DatabaseAnswer } from "./service_client.ts";

const OK: DatabaseAnswer = { data: null, error: null, status: 201 };

const ATTEMPT = {
  attemptId: "0195a1b2-0000-7000-8000-000000000001",
  organisationId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d002",
  mentorId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
  operation: "remove" as const,
  retryCount: 2,
  triggeredByEvent: "status_change:paused",
};

const SAME = {
  id: ATTEMPT.attemptId,
  organisation_id: ATTEMPT.organisationId,
  mentor_id: ATTEMPT.mentorId,
  operation: "remove",
  triggered_by_event: "status_change:paused",
};

Deno.test("auditRow() success: the code, no error, the attempts made before", () => {
  assertEquals(
    auditRow(ATTEMPT, { outcome: "success", responseCode: 204, errorMessage: null }),
    {
      ...SAME,
      dynamics_response_code: 204,
      retry_count: 2,
      outcome: "success",
      error_message: null,
    } as AuditInsert,
  );
});

Deno.test("auditRow() failure with an answer: its code and the class", () => {
  assertEquals(
    auditRow(ATTEMPT, { outcome: "failure", responseCode: 503, errorMessage: "unavailable" }),
    {
      ...SAME,
      dynamics_response_code: 503,
      retry_count: 2,
      outcome: "failure",
      error_message: "unavailable",
    } as AuditInsert,
  );
});

Deno.test("auditRow() failure without an answer: no code, but the class", () => {
  assertEquals(
    auditRow(ATTEMPT, { outcome: "failure", responseCode: null, errorMessage: "timeout" }),
    {
      ...SAME,
      dynamics_response_code: null,
      retry_count: 2,
      outcome: "failure",
      error_message: "timeout",
    } as AuditInsert,
  );
});

Deno.test("auditRow() dead letter: the attempts made in all", () => {
  const error = "rejected code=0x80048d19";
  assertEquals(
    auditRow(ATTEMPT, { outcome: "dead_lettered", responseCode: 400, errorMessage: error }),
    {
      ...SAME,
      dynamics_response_code: 400,
      retry_count: 3,
      outcome: "dead_lettered",
      error_message: error,
    } as AuditInsert,
  );
});

function row(id: string): AuditInsert {
  return {
    ...auditRow(ATTEMPT, { outcome: "success", responseCode: 204, errorMessage: null }),
    id,
  };
}

const atOnce = () => Promise.resolve();

Deno.test("write() in a backlog waits for more rows between inserts, unless there are enough", async () => {
  const time = new FakeTime();
  const startedAt = time.monotonic();
  const inserts: [number, number][] = [];
  const writer = createAuditLogWriter(async (rows) => {
    inserts.push([time.monotonic() - startedAt, rows.length]);
    await time.sleep(0.01);
    return OK;
  }, { log: fakeLog().log, sleep: time.sleep });
  const write = (count: number) => {
    for (let i = 0; i < count; i++) writer.write(row(`${i}`));
  };

  write(11);
  await time.until(time.sleep(0.025).then(() => write(3)));
  await time.until(time.sleep(0.1).then(() => write(4)));
  await time.until(time.sleep(0.1));
  assertEquals(inserts, [[20, 11], [130, 7]]);

  // No backlog any more: only the pause.
  inserts.length = 0;
  write(12);
  await time.until(time.sleep(0.025).then(() => write(100)));
  await time.until(time.sleep(0.1));
  assertEquals(inserts, [[245, 12], [255, 100]]);
});

Deno.test("idle() ends the wait for more rows", async () => {
  const time = new FakeTime();
  const startedAt = time.monotonic();
  const writer = createAuditLogWriter(async () => {
    await time.sleep(0.01);
    return OK;
  }, { log: fakeLog().log, sleep: time.sleep });
  writer.write(row("a"));
  await time.until(writer.idle());
  assertEquals(time.monotonic() - startedAt, 10);

  for (let i = 0; i < 50; i++) writer.write(row(`${i}`));
  await time.until(time.sleep(0.025).then(() => writer.write(row("b"))));
  await time.until(time.sleep(0.025));
  await time.until(writer.idle());
  assertEquals(time.monotonic() - startedAt, 70);
});

Deno.test("write() sends together what came meanwhile", async () => {
  const inserts: string[][] = [];
  const gates = [Promise.withResolvers<DatabaseAnswer>(), Promise.withResolvers<DatabaseAnswer>()];
  const writer = createAuditLogWriter((rows) => {
    inserts.push(rows.map(({ id }) => id));
    return gates[inserts.length - 1]?.promise ?? Promise.resolve(OK);
  }, { log: fakeLog().log, sleep: atOnce });

  writer.write(row("a"));
  await flushPromises();
  assertEquals(inserts, [["a"]]);
  writer.write(row("b"));
  writer.write(row("c"));
  await flushPromises();
  assertEquals(inserts, [["a"]]);
  gates[0]?.resolve(OK);
  await flushPromises();
  assertEquals(inserts, [["a"], ["b", "c"]]);
  gates[1]?.resolve(OK);
  await writer.idle();
  writer.write(row("d"));
  await writer.idle();
  assertEquals(inserts, [["a"], ["b", "c"], ["d"]]);
});

Deno.test("write() puts no more than 200 rows into one insert", async () => {
  const sizes: number[] = [];
  const writer = createAuditLogWriter((rows) => {
    sizes.push(rows.length);
    return Promise.resolve(OK);
  }, { log: fakeLog().log, sleep: atOnce });
  for (let i = 0; i < 451; i++) writer.write(row(`${i}`));
  await writer.idle();
  assertEquals(sizes, [200, 200, 51]);
});

Deno.test("write() a failed insert is one line with code and attempt ids, and nothing else", async () => {
  const failures: [() => Promise<DatabaseAnswer>, string][] = [
    [
      () =>
        Promise.resolve({
          data: null,
          error: { code: "23514", message: "Kari Nordmann", details: "01017012345" },
          status: 400,
        }),
      "23514",
    ],
    [() => Promise.resolve({ data: null, error: { code: "Kari N." }, status: 400 }), "unknown"],
    [() => Promise.resolve({ data: null, error: { code: "" }, status: 0 }), "network"],
    [() => Promise.reject(new Error("Kari Nordmann")), "network"],
  ];
  for (const [insert, code] of failures) {
    const { log, entries } = fakeLog();
    const writer = createAuditLogWriter(insert, { log, sleep: atOnce });
    writer.write(row("a"));
    await writer.idle();
    assertEquals(entries, [
      { level: "error", event: "audit_insert_failed", code, attempt_ids: ["a"] },
    ]);
  }
});

Deno.test("write() goes on after an insert that failed", async () => {
  let count = 0;
  const { log, entries } = fakeLog();
  const writer = createAuditLogWriter(() => {
    count++;
    return count === 1 ? Promise.reject(new Error()) : Promise.resolve(OK);
  }, { log, sleep: atOnce });
  writer.write(row("a"));
  await writer.idle();
  writer.write(row("b"));
  await writer.idle();
  assertEquals([count, entries.length], [2, 1]);
});

Deno.test("idle() resolves at once when nothing is under way", async () => {
  await createAuditLogWriter(() => Promise.resolve(OK), { log: fakeLog().log, sleep: atOnce })
    .idle();
});

Deno.test("insertAuditRowsWith() posts the rows over REST without created_at", async () => {
  const { fetch, sent } = fakeFetch(() => new Response(null, { status: 201 }));
  const client = createDatabaseClient("http://127.0.0.1:1", "sb_secret_a", { fetch });
  const { error } = await insertAuditRowsWith(client)([row("a"), row("b")]);
  assertEquals(error, null);
  const url = new URL(sent[0]?.url ?? "");
  assertEquals([sent[0]?.method, url.pathname], ["POST", "/rest/v1/hlf_sync_audit_log"]);
  assertEquals(url.searchParams.get("columns")?.includes("created_at"), false);
  assertEquals(JSON.parse(sent[0]?.body ?? ""), [row("a"), row("b")]);
  assertEquals(sent[0]?.headers.get("apikey"), "sb_secret_a");
});
