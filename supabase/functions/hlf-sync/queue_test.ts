import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeFetch } from "../_shared/fakes.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import { type ClaimedAhead, createQueue } from "./queue.ts";

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

const OPTIONS = { leaseSeconds: 60, maxAttempts: 8 };
const ROW = {
  attempt_id: ATTEMPT,
  mentor_id: MENTOR,
  organisation_id: MENTOR,
  operation: "restore",
  retry_count: 3,
  triggered_by_event: "nightly_reconciliation",
  is_last: false,
  later_column: 1,
};
const CLAIMED = {
  attemptId: ATTEMPT,
  mentorId: MENTOR,
  organisationId: MENTOR,
  operation: "restore",
  retryCount: 3,
  triggeredByEvent: "nightly_reconciliation",
  isLast: false,
} as const;

Deno.test("claimOne() asks for one mentor's attempt, and reads it or none", async () => {
  const { queue, sent } = setUp(() => Response.json([ROW]));
  assertEquals(await queue.claimOne(MENTOR, OPTIONS), CLAIMED);
  assertEquals(sent[0]?.url, "http://db.example/rest/v1/rpc/claim_hlf_sync_attempts");
  assertEquals(JSON.parse(sent[0]?.body ?? ""), {
    batch_size: 1,
    lease_seconds: 60,
    max_attempts: 8,
    only_mentor_id: MENTOR,
    project_url: "https://project.example",
  });
  assertEquals(await setUp(() => Response.json([])).queue.claimOne(MENTOR, OPTIONS), null);
});

Deno.test("claimAhead() asks for a drain's batch and reads what it has to know", async () => {
  const { queue, sent } = setUp(() =>
    Response.json({
      attempts: [ROW],
      places: 48,
      has_more: true,
      is_elsewhere: false,
      seconds: 1.5,
      gate_reason: "throttled",
      ready_seconds: 10,
    })
  );
  const claim = { number: 4, lost: [1, 3] };
  const options = { ...OPTIONS, worker: OTHER, batchSize: 5, moreRemoves: 4, claim };
  assertEquals(await queue.claimAhead(options), {
    attempts: [CLAIMED],
    places: 48,
    has_more: true,
    is_elsewhere: false,
    seconds: 1.5,
    gate_reason: "throttled",
    ready_seconds: 10,
  });
  assertEquals(JSON.parse(sent[0]?.body ?? ""), {
    worker: OTHER,
    batch_size: 5,
    more_removes: 4,
    lease_seconds: 60,
    max_attempts: 8,
    project_url: "https://project.example",
    claim_number: 4,
    lost_claims: [1, 3],
  });
});

Deno.test("claimAhead() reads that another worker has the backlog, and no place is left", async () => {
  const answer: ClaimedAhead = {
    attempts: [],
    places: 0,
    has_more: false,
    is_elsewhere: true,
    seconds: 4.5,
    gate_reason: null,
    ready_seconds: 0,
  };
  const { queue } = setUp(() => Response.json(answer));
  const options = {
    ...OPTIONS,
    worker: OTHER,
    batchSize: 5,
    moreRemoves: 4,
    claim: { number: 1, lost: [] },
  };
  assertEquals(await queue.claimAhead(options), answer);
});

Deno.test("handBack() says what was not sent, and reads whose mentor is locked", async () => {
  const { queue, sent } = setUp(() => Response.json([MENTOR]));
  assertEquals(await queue.handBack(OTHER, [ATTEMPT, MENTOR]), [MENTOR]);
  assertEquals(JSON.parse(sent[0]?.body ?? ""), { worker: OTHER, attempt_ids: [ATTEMPT, MENTOR] });
});

Deno.test("settle() sends columns, nulls included, and tells what is not settled", async () => {
  const { queue, sent } = setUp(() =>
    Response.json([
      { attempt_id: ATTEMPT, result: "settled", outcome: "dead_lettered", due_in_seconds: null },
      { attempt_id: MENTOR, result: "lease_lost", outcome: "dead_lettered", due_in_seconds: 2.5 },
      { attempt_id: OTHER, result: "busy", outcome: null, due_in_seconds: null },
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
  const told = await queue.settle([
    { attemptId: ATTEMPT, operation: "remove", decision: success },
    { attemptId: MENTOR, operation: "restore", decision: failure },
  ]);
  assertEquals([...told.values()].map((row) => [row.attempt_id, row.result, row.due_in_seconds]), [
    [ATTEMPT, "settled", null],
    [MENTOR, "lease_lost", 2.5],
    [OTHER, "busy", null],
  ]);
  assertEquals(JSON.parse(sent[0]?.body ?? ""), {
    attempt_ids: [ATTEMPT, MENTOR],
    outcomes: ["success", "failure"],
    response_codes: [204, null],
    error_messages: [null, "timeout"],
    retry_delays_seconds: [null, 5.5],
  });
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
    attempt_id: MENTOR,
    operation: "remove",
    response_code: 503,
    retry_count: 1,
    error: "unavailable",
    next_attempt_at: "2027-03-01T12:00:00.123Z",
    is_due: false,
    gate_reason: "throttled",
    gate_seconds: 4.5,
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
  Deno.test(`claimOne() ${name}: throws ${code}, and no text of the server`, async () => {
    const error = await assertRejects(
      () => setUp(answer).queue.claimOne(MENTOR, OPTIONS),
      DatabaseError,
    );
    assertEquals([error.code, error.status], [code, status]);
    assertEquals(error.message.includes("Kari"), false);
  });
}
