import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeFetch } from "../_shared/fakes.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import { createQueue } from "./queue.ts";

const ATTEMPT = "0195a1b2-0000-7000-8000-000000000001";
const MENTOR = "00000000-0000-0000-0000-00000000000a";
const OTHER = "00000000-0000-0000-0000-00000000000b";

function setUp(answer: () => Response) {
  const { fetch, sent } = fakeFetch(answer);
  return {
    sent,
    queue: createQueue(
      createDatabaseClient("http://db.example", "sb_secret_a", { fetch }),
      "https://project.example",
    ),
  };
}

const OPTIONS = { batchSize: 5, leaseSeconds: 60, maxAttempts: 8 };

Deno.test("claim() asks for a batch and reads the attempts", async () => {
  const { queue, sent } = setUp(() =>
    Response.json([{
      attempt_id: ATTEMPT,
      mentor_id: MENTOR,
      organisation_id: MENTOR,
      operation: "restore",
      retry_count: 3,
      triggered_by_event: "nightly_reconciliation",
      is_last: false,
      later_column: 1,
    }])
  );
  assertEquals(await queue.claim(OPTIONS), [{
    attemptId: ATTEMPT,
    mentorId: MENTOR,
    organisationId: MENTOR,
    operation: "restore",
    retryCount: 3,
    triggeredByEvent: "nightly_reconciliation",
    isLast: false,
  }]);
  assertEquals(sent[0]?.url, "http://db.example/rest/v1/rpc/claim_hlf_sync_attempts");
  assertEquals(JSON.parse(sent[0]?.body ?? ""), {
    batch_size: 5,
    lease_seconds: 60,
    max_attempts: 8,
    project_url: "https://project.example",
  });
});

Deno.test("claim() can be for one mentor only", async () => {
  const { queue, sent } = setUp(() => Response.json([]));
  await queue.claim({ ...OPTIONS, onlyMentorId: MENTOR });
  assertEquals(JSON.parse(sent[0]?.body ?? "").only_mentor_id, MENTOR);
});

Deno.test("settle() sends columns, nulls included, and tells what is not settled", async () => {
  const { queue, sent } = setUp(() =>
    Response.json([
      { attempt_id: ATTEMPT, result: "settled", outcome: "dead_lettered" },
      { attempt_id: MENTOR, result: "lease_lost", outcome: "dead_lettered" },
      { attempt_id: OTHER, result: "busy", outcome: null },
    ])
  );
  const success: Decision = {
    outcome: "success",
    errorMessage: null,
    responseCode: 204,
    retryDelaySeconds: null,
    gate: { kind: "none" },
  };
  const failure: Decision = {
    outcome: "failure",
    errorMessage: "timeout",
    responseCode: null,
    retryDelaySeconds: 5.5,
    gate: { kind: "none" },
  };
  const unsettled = await queue.settle([
    { attemptId: ATTEMPT, decision: success },
    { attemptId: MENTOR, decision: failure },
  ]);
  assertEquals(unsettled, { leaseLost: [MENTOR], busy: [OTHER], givenUp: [ATTEMPT] });
  assertEquals(JSON.parse(sent[0]?.body ?? ""), {
    attempt_ids: [ATTEMPT, MENTOR],
    outcomes: ["success", "failure"],
    response_codes: [204, null],
    error_messages: [null, "timeout"],
    retry_delays_seconds: [null, 5.5],
  });
});

Deno.test("wait() reads no row as nothing to wait for", async () => {
  assertEquals(await setUp(() => Response.json([])).queue.wait(), {
    seconds: null,
    gateReason: null,
  });
  const { queue } = setUp(() => Response.json([{ seconds: 1.5, gate_reason: "throttled" }]));
  assertEquals(await queue.wait(), { seconds: 1.5, gateReason: "throttled" });
});

Deno.test("closeGate() and openGate() say why, and for how long where it ends by itself", async () => {
  const { queue, sent } = setUp(() => new Response(null, { status: 204 }));
  await queue.closeGate("throttled", 30);
  await queue.closeGate("credentials");
  await queue.openGate("credentials");
  assertEquals(sent.map(({ url, body }) => [url.split("/").at(-1), JSON.parse(body)]), [
    ["close_hlf_sync_gate", { reason: "throttled", seconds: 30 }],
    ["close_hlf_sync_gate", { reason: "credentials" }],
    ["open_hlf_sync_gate", { reason: "credentials" }],
  ]);
});

Deno.test("follow() reads what became of a generation", async () => {
  assertEquals(await setUp(() => Response.json([])).queue.follow(MENTOR, 4), null);
  const { queue, sent } = setUp(() =>
    Response.json([{
      outcome: "failure",
      attempt_id: MENTOR,
      operation: "remove",
      response_code: 503,
      retry_count: 1,
      error: "unavailable",
      next_attempt_at: "2027-03-01T12:00:00.123456+00:00",
      is_due: false,
      gate_reason: "throttled",
      gate_seconds: 4.5,
    }])
  );
  assertEquals(await queue.follow(MENTOR, 4), {
    outcome: "failure",
    attemptId: MENTOR,
    operation: "remove",
    responseCode: 503,
    retryCount: 1,
    error: "unavailable",
    nextAttemptAt: "2027-03-01T12:00:00.123Z",
    isDue: false,
    gateReason: "throttled",
    gateSeconds: 4.5,
  });
  assertEquals(JSON.parse(sent[0]?.body ?? ""), { mentor_id: MENTOR, generation: 4 });
});

const FAULTS: [string, () => Response, string, number][] = [
  [
    "an SQLSTATE",
    () => Response.json({ code: "40P01", message: "Kari" }, { status: 500 }),
    "40P01",
    500,
  ],
  ["HTML", () => new Response("<html>", { status: 502 }), "unknown", 502],
  ["another shape", () => Response.json([{ attempt_id: "Kari" }]), "invalid_answer", 200],
  [
    "no connection",
    () => {
      throw new TypeError("refused");
    },
    "network",
    0,
  ],
];

for (const [name, answer, code, status] of FAULTS) {
  Deno.test(`claim() ${name}: throws ${code}, and no text of the server`, async () => {
    const error = await assertRejects(() => setUp(answer).queue.claim(OPTIONS), DatabaseError);
    assertEquals([error.code, error.status], [code, status]);
    assertEquals(error.message.includes("Kari"), false);
  });
}

Deno.test("exchange() tells apart what it claimed, what was lost and what is to be repeated", async () => {
  const claimed = {
    attempt_id: ATTEMPT,
    mentor_id: MENTOR,
    organisation_id: MENTOR,
    operation: "remove",
    retry_count: 7,
    triggered_by_event: "status_change:paused",
    is_last: true,
    result: null,
  };
  const unsettled = {
    mentor_id: null,
    organisation_id: null,
    operation: null,
    retry_count: null,
    triggered_by_event: null,
    is_last: null,
  };
  const { queue } = setUp(() =>
    Response.json([
      { ...unsettled, attempt_id: MENTOR, result: "lease_lost" },
      { ...unsettled, attempt_id: OTHER, result: "busy" },
      claimed,
    ])
  );
  const { leaseLost, busy, attempts } = await queue.exchange([], OPTIONS);
  assertEquals([leaseLost, busy], [[MENTOR], [OTHER]]);
  assertEquals(attempts.map(({ attemptId, isLast }) => [attemptId, isLast]), [[ATTEMPT, true]]);
});
