import { assertEquals, assertRejects } from "@std/assert";
import type { Listing } from "../_shared/dataverse/listing_query.ts";
import { DatabaseError, DataverseError } from "../_shared/errors.ts";
import type { LogEntry } from "../_shared/log.ts";
import type { DatabaseClient } from "../_shared/service_client.ts";
import { createNight, type Night, reconcile } from "./reconcile.ts";

const A = "00000000-0000-4000-8000-0000000000a1";
const READER = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";
const B = "00000000-0000-4000-8000-0000000000a2";

function fakeNight(overrides: Partial<Night> = {}): { night: Night; calls: unknown[] } {
  const calls: unknown[] = [];
  const night: Night = {
    begin() {
      calls.push("begin");
      return Promise.resolve(READER);
    },
    report(reader, page) {
      calls.push([reader, page.length]);
      return Promise.resolve();
    },
    finish(reader) {
      calls.push(["finish", reader]);
      return Promise.resolve({ listings: 3, unknown: 0, drifts: 1 });
    },
    ...overrides,
  };
  return { night, calls };
}

async function* pages(...sizes: number[]): AsyncGenerator<Listing[]> {
  for (const size of sizes) {
    yield await Promise.resolve(
      Array.from({ length: size }, () => ({ mentorId: A, published: true })),
    );
  }
}

Deno.test("reconcile() notes each page and finishes the night", async () => {
  const { night, calls } = fakeNight();
  const lines: LogEntry[] = [];
  await reconcile({ night, listings: () => pages(2, 1), log: (line) => lines.push(line) });
  assertEquals(calls, ["begin", [READER, 2], [READER, 1], ["finish", READER]]);
  assertEquals(lines, [
    { level: "info", event: "night_finished", listings: 3, unknown: 0, drifts: 1 },
  ]);
});

Deno.test("reconcile() reads nothing when the night is done or somebody else's", async () => {
  const { night } = fakeNight({ begin: () => Promise.resolve(null) });
  await reconcile({
    night,
    listings: () => {
      throw new Error("read");
    },
    log: () => {},
  });
});

Deno.test("reconcile() leaves a night unfinished when a page cannot be read", async () => {
  const { night, calls } = fakeNight();
  const lines: LogEntry[] = [];
  await reconcile({
    night,
    async *listings() {
      yield* pages(1);
      throw new DataverseError("read the listings", "unavailable", 503);
    },
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
  await reconcile({ night, listings: () => pages(1), log: (line) => lines.push(line) });
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

Deno.test("createNight() passes on only keys that are uuids", async () => {
  const calls: unknown[] = [];
  await createNight(clientAnswering(null, calls)).report(READER, [
    { mentorId: A, published: true },
    { mentorId: null, published: true },
    { mentorId: "Åse", published: true },
    { mentorId: B, published: false },
  ], 60);
  assertEquals(calls, [["report_hlf_listings", {
    reader: READER,
    published_mentor_ids: [A],
    hidden_mentor_ids: [B],
    lease_seconds: 60,
  }]]);
});

Deno.test("createNight() refuses answers of another shape", async () => {
  await assertRejects(() => createNight(clientAnswering("tonight")).begin(60), DatabaseError);
  await assertRejects(() => createNight(clientAnswering([])).finish(READER), DatabaseError);
  assertEquals(await createNight(clientAnswering(null)).begin(60), null);
});
