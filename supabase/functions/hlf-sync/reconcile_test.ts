import { assertEquals, assertRejects } from "@std/assert";
import { readAnswer } from "../_shared/dataverse/answer.ts";
import { classifyFailure, type Failure } from "../_shared/dataverse/classify.ts";
import type { Listing } from "../_shared/dataverse/listing_query.ts";
import { DatabaseError } from "../_shared/errors.ts";
import { DataverseError } from "../_shared/dataverse/dataverse_error.ts";
import { flushPromises } from "../_shared/fakes.ts";
import type { LogEntry } from "../_shared/log.ts";
import type { DatabaseClient } from "../_shared/service_client.ts";
import { createNight, type Night, reconcile } from "./reconcile.ts";

const A = "00000000-0000-4000-8000-0000000000a1";
const READER = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";
const B = "00000000-0000-4000-8000-0000000000a2";
const C = "00000000-0000-4000-8000-0000000000a3";
const D = "00000000-0000-4000-8000-0000000000a4";

const FOUND = { listings: 3, unknown: 0, drifts: 1, unaddressable: 0, isBelieved: true };

function fakeNight(overrides: Partial<Night> = {}): { night: Night; calls: unknown[] } {
  const calls: unknown[] = [];
  const night: Night = {
    begin(_, organisationId) {
      calls.push(organisationId === null ? "begin" : ["begin", organisationId]);
      return Promise.resolve(READER);
    },
    report(reader, page) {
      calls.push([reader, page.length]);
      return Promise.resolve();
    },
    finish(reader) {
      calls.push(["finish", reader]);
      return Promise.resolve(FOUND);
    },
    refuse(reader) {
      calls.push(["refuse", reader]);
      return Promise.resolve();
    },
    ...overrides,
  };
  return { night, calls };
}

async function* pages(...sizes: number[]): AsyncGenerator<Listing[]> {
  for (const size of sizes) {
    yield await Promise.resolve(
      Array.from({ length: size }, () => ({ mentorId: A, isAddressable: true, published: true })),
    );
  }
}

async function* pagesThen(error: Error): AsyncGenerator<Listing[]> {
  yield* pages(1);
  throw error;
}

type Parts = Parameters<typeof reconcile>[0];

async function run(
  night: Night,
  listings: Parts["listings"],
  more: Partial<Parts> = {},
): Promise<void> {
  await reconcile({
    night,
    listings,
    admit: () => Promise.resolve(true),
    apply: () => Promise.resolve(),
    organisationId: null,
    log: () => {},
    ...more,
  });
}

Deno.test("reconcile() notes each page and finishes the night", async () => {
  const { night, calls } = fakeNight();
  const lines: LogEntry[] = [];
  await run(night, () => pages(2, 1), { log: (line) => lines.push(line), organisationId: B });
  assertEquals(calls, [["begin", B], [READER, 2], [READER, 1], ["finish", READER]]);
  const { isBelieved: _, ...found } = FOUND;
  assertEquals(lines, [{ level: "info", event: "night_finished", ...found }]);
});

Deno.test("reconcile() reads nothing when the night is done or somebody else's", async () => {
  const { night } = fakeNight({ begin: () => Promise.resolve(null) });
  await run(night, () => {
    throw new Error("read");
  });
});

Deno.test("reconcile() leaves a night unfinished when a page cannot be read", async () => {
  const { night, calls } = fakeNight();
  const lines: LogEntry[] = [];
  await run(night, () => pagesThen(new DataverseError("unavailable", 503)), {
    log: (line) => lines.push(line),
  });
  assertEquals(calls, ["begin", [READER, 1]]);
  assertEquals(lines, [
    { level: "error", event: "reconciliation_failed", code: "unavailable" },
  ]);
});

Deno.test("reconcile() leaves a night unfinished when the database is out of reach", async () => {
  const { night } = fakeNight({
    report: () => Promise.reject(new DatabaseError("report_hlf_listings", "network", 0)),
  });
  const lines: LogEntry[] = [];
  await run(night, () => pages(1), { log: (line) => lines.push(line) });
  assertEquals(lines, [
    { level: "error", event: "reconciliation_failed", code: "network", status: 0 },
  ]);
});

function clientAnswering(data: unknown, calls: unknown[] = []): DatabaseClient {
  return {
    rpc(name: string, args: unknown) {
      calls.push([name, args]);
      return Promise.resolve({ data, error: null, status: 200 });
    },
  } as unknown as DatabaseClient;
}

Deno.test("reconcile() says that a reading was not believed", async () => {
  const { night } = fakeNight({ finish: () => Promise.resolve({ ...FOUND, isBelieved: false }) });
  const lines: LogEntry[] = [];
  await run(night, () => pages(1), { log: (line) => lines.push(line) });
  assertEquals(lines, [{ level: "error", event: "reading_implausible", listings: 3 }]);
});

Deno.test("reconcile() refuses a reading whose values say nothing", async () => {
  const { night, calls } = fakeNight();
  const lines: LogEntry[] = [];
  const unreadable = new DataverseError("invalid_response", 200, {
    isUnreadable: true,
  });
  await run(night, () => pagesThen(unreadable), { log: (line) => lines.push(line) });
  assertEquals(calls, ["begin", [READER, 1], ["refuse", READER]]);
  assertEquals(lines.map(({ event }) => event), ["reconciliation_failed", "reading_implausible"]);
});

Deno.test("reconcile() ends with a line when the database cannot be told of a reading that says nothing", async () => {
  const { night } = fakeNight({
    refuse: async () => {
      await flushPromises();
      throw new DatabaseError("refuse_hlf_listings", "network", 0);
    },
  });
  const lines: LogEntry[] = [];
  const unreadable = new DataverseError("invalid_response", 200, { isUnreadable: true });
  await run(night, () => pagesThen(unreadable), { log: (line) => lines.push(line) });
  assertEquals(lines.map(({ event }) => event), [
    "reconciliation_failed",
    "reading_implausible",
    "reconciliation_failed",
  ]);
  assertEquals(lines.at(-1), {
    level: "error",
    event: "reconciliation_failed",
    code: "network",
    status: 0,
  });
});

Deno.test("reconcile() does not keep to itself what is neither Dynamics' fault nor the database's", async () => {
  const { night, calls } = fakeNight();
  await assertRejects(() => run(night, () => pagesThen(new TypeError("ours"))), TypeError, "ours");
  assertEquals(calls, ["begin", [READER, 1]]);
});

Deno.test("reconcile() tells everybody what an answer asks for", async () => {
  const { night, calls } = fakeNight();
  const failure = classifyFailure(
    readAnswer({ status: 429, headers: new Headers({ "retry-after": "300" }) }, "", 0),
  );
  const applied: Failure[] = [];
  const error = new DataverseError("throttled", 429, { failure });
  await run(night, () => pagesThen(error), {
    apply: (told) => Promise.resolve(void applied.push(told)),
  });
  assertEquals(applied, [failure]);
  assertEquals([failure.gate, failure.retryAfterSeconds], ["throttled", 300]);
  assertEquals(calls, ["begin", [READER, 1]]);
});

Deno.test("reconcile() asks for each page, and stops when a throttle forbids the next", async () => {
  const { night, calls } = fakeNight();
  let asked = 0;
  await run(night, () => pages(1, 1, 1), {
    admit: () => Promise.resolve(++asked < 2),
  });
  assertEquals([asked, calls], [2, ["begin", [READER, 1]]]);
});

Deno.test("createNight() passes on only keys that are uuids, and tells of published ones that no update finds", async () => {
  const calls: unknown[] = [];
  await createNight(clientAnswering(null, calls)).report(READER, [
    { mentorId: A, isAddressable: true, published: true },
    { mentorId: null, isAddressable: false, published: true },
    { mentorId: null, isAddressable: false, published: false },
    { mentorId: C, isAddressable: false, published: true },
    { mentorId: D, isAddressable: false, published: false },
    { mentorId: B, isAddressable: true, published: false },
  ], 60);
  assertEquals(calls, [["report_hlf_listings", {
    reader: READER,
    published_mentor_ids: [A],
    hidden_mentor_ids: [B],
    unaddressable_mentor_ids: [C],
    unaddressable_count: 2,
    lease_seconds: 60,
  }]]);
});

Deno.test("createNight() begins with the environment that Dynamics named, where it named one", async () => {
  const calls: unknown[] = [];
  const night = createNight(clientAnswering(READER, calls));
  assertEquals([await night.begin(60, A), await night.begin(60, null)], [READER, READER]);
  assertEquals(calls, [
    ["begin_hlf_reconciliation", { lease_seconds: 60, environment_id: A }],
    ["begin_hlf_reconciliation", { lease_seconds: 60 }],
  ]);
});

Deno.test("createNight() refuses answers of another shape", async () => {
  await assertRejects(() => createNight(clientAnswering("tonight")).begin(60, null), DatabaseError);
  await assertRejects(() => createNight(clientAnswering([])).finish(READER), DatabaseError);
  assertEquals(await createNight(clientAnswering(null)).begin(60, null), null);
});
