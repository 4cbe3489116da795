import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeLog, FakeTime } from "../_shared/fakes.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { Exchange, Queue, Settlement, Unsettled } from "./queue.ts";
import { createSettler } from "./settler.ts";

const DECISION: Decision = {
  outcome: "success",
  errorMessage: null,
  responseCode: 204,
  retryDelaySeconds: null,
  gate: { kind: "none" },
};

function setUp(
  settle: (batch: readonly Settlement[], count: number) => Promise<Partial<Unsettled>>,
) {
  const time = new FakeTime();
  const { log, entries } = fakeLog();
  const batches: string[][] = [];
  const queue = {
    settle: async (batch: readonly Settlement[]) => {
      batches.push(batch.map(({ attemptId }) => attemptId));
      await time.sleep(1);
      return { leaseLost: [], busy: [], givenUp: [], ...await settle(batch, batches.length) };
    },
  } as Queue;
  const settler = createSettler({ queue, sleep: time.sleep, log });
  const send = (attemptId: string, decision: Decision = DECISION) =>
    settler.settle({ attemptId, decision });
  return { time, batches, entries, send };
}

Deno.test("settle() has one call under way; what comes meanwhile goes with the next", async () => {
  const { time, batches, send } = setUp(() => Promise.resolve({}));
  const results = Promise.all(["a", "b", "c"].map((id) => send(id)));
  assertEquals(batches, [["a"]]);
  assertEquals(await time.until(results), ["settled", "settled", "settled"]);
  assertEquals(batches, [["a"], ["b", "c"]]);
});

Deno.test("settle() tells which refusal the database has given up for", async () => {
  const { time, send } = setUp(() => Promise.resolve({ givenUp: ["b"] }));
  assertEquals(await time.until(Promise.all([send("a"), send("b")])), ["settled", "given_up"]);
});

Deno.test("settle() told again is sure of what it said itself, but not of a refusal", async () => {
  const { time, send } = setUp((_, count) =>
    count === 1 ? Promise.reject(new DatabaseError("settle", "network", 0)) : Promise.resolve({})
  );
  const refusal = { ...DECISION, isProvisional: true } as const;
  assertEquals(await time.until(Promise.all([send("a", refusal), send("b")])), [
    "unsure",
    "settled",
  ]);
});

Deno.test("settle() tells which lease was lost", async () => {
  const { time, send, entries } = setUp(() => Promise.resolve({ leaseLost: ["b"] }));
  const results = Promise.all([send("a"), send("b")]);
  assertEquals(await time.until(results), ["settled", "lease_lost"]);
  assertEquals(entries.at(-1), { level: "warning", event: "lease_lost", attempt_ids: ["b"] });
});

Deno.test("settle() tries again while the database is away", async () => {
  const { time, batches, send, entries } = setUp((_, count) =>
    count < 4 ? Promise.reject(new DatabaseError("settle", "network", 0)) : Promise.resolve({})
  );
  assertEquals(await time.until(send("a")), "settled");
  assertEquals([batches.length, entries], [4, []]);
});

Deno.test("settle() after a retry takes a refusal for its own earlier success", async () => {
  const { time, send, entries } = setUp((_, count) =>
    count === 1
      ? Promise.reject(new DatabaseError("settle", "network", 0))
      : Promise.resolve({ leaseLost: ["a"] })
  );
  assertEquals([await time.until(send("a")), entries], ["settled", []]);
});

Deno.test("settle() gives up within the lease, with one line", async () => {
  const { time, send, entries } = setUp(() =>
    Promise.reject(new DatabaseError("settle", "PGRST000", 503))
  );
  const start = time.monotonic();
  assertEquals(await time.until(send("a")), "lost");
  assertEquals(time.monotonic() - start < 45_000, true);
  assertEquals(entries, [{
    level: "error",
    event: "settle_failed",
    code: "PGRST000",
    status: 503,
    attempt_ids: ["a"],
  }]);
});

Deno.test("settle() repeats a mentor who is locked, and nobody else waits for it", async () => {
  const { time, batches, send, entries } = setUp((batch, count) =>
    Promise.resolve({
      busy: batch.map(({ attemptId }) => attemptId).filter((id) => id === "b" && count < 4),
    })
  );
  const done: string[] = [];
  const results = ["a", "b", "c"].map(async (id) => {
    const result = await send(id);
    done.push(id);
    return result;
  });
  assertEquals(await time.until(Promise.all(results)), ["settled", "settled", "settled"]);
  assertEquals(done, ["a", "c", "b"]);
  assertEquals([batches, entries], [[["a"], ["b", "c"], ["b"], ["b"]], []]);
});

Deno.test("settle() gives a mentor up who stays locked, with one line", async () => {
  const { time, send, entries } = setUp(() => Promise.resolve({ busy: ["a"] }));
  assertEquals(await time.until(send("a")), "lost");
  assertEquals(entries, [{
    level: "error",
    event: "settle_failed",
    code: "busy",
    attempt_ids: ["a"],
  }]);
});

const CLAIM = { batchSize: 2, leaseSeconds: 60, maxAttempts: 8 };
const CLAIMED = {
  attemptId: "new",
  mentorId: "m",
  organisationId: "o",
  operation: "remove" as const,
  retryCount: 0,
  triggeredByEvent: "status_change:paused",
  isLast: false,
};

function setUpExchange(
  exchange: () => Promise<Exchange>,
  claimer: { hasBacklog: boolean; claims: boolean } = { hasBacklog: true, claims: true },
) {
  const time = new FakeTime();
  const { log } = fakeLog();
  const calls: string[] = [];
  const taken: (readonly unknown[] | null)[] = [];
  const note = async (name: string, batch: readonly Settlement[]) => {
    calls.push(`${name} ${batch.map(({ attemptId }) => attemptId).join()}`);
    await time.sleep(1);
  };
  const queue = {
    settle: async (batch: readonly Settlement[]) => {
      await note("settle", batch);
      return { leaseLost: [], busy: [], givenUp: [] };
    },
    exchange: async (batch: readonly Settlement[]) => {
      await note("exchange", batch);
      return await exchange();
    },
  } as Partial<Queue> as Queue;
  const settler = createSettler({ queue, sleep: time.sleep, log });
  settler.claimFor({
    hasBacklog: () => claimer.hasBacklog,
    claimAlong: () =>
      claimer.claims ? { options: CLAIM, take: (attempts) => taken.push(attempts) } : null,
  });
  const send = (attemptId: string) => settler.settle({ attemptId, decision: DECISION });
  return { time, calls, taken, send };
}

Deno.test("settle() in a backlog waits for what ends shortly after, and claims in the same call", async () => {
  const { time, calls, taken, send } = setUpExchange(() =>
    Promise.resolve({ leaseLost: ["b"], busy: [], givenUp: [], attempts: [CLAIMED] })
  );
  const results = Promise.all([send("a"), time.sleep(0.0005).then(() => send("b"))]);
  assertEquals(await time.until(results), ["settled", "lease_lost"]);
  assertEquals([calls, taken], [["exchange a,b"], [[CLAIMED]]]);
});

Deno.test("settle() hands over that a claim failed, and settles again without one", async () => {
  const { time, calls, taken, send } = setUpExchange(() =>
    Promise.reject(new DatabaseError("exchange", "network", 0))
  );
  assertEquals(await time.until(send("a")), "settled");
  assertEquals([calls, taken], [["exchange a", "settle a"], [null]]);
});

Deno.test("settle() claims nothing along when nothing is wanted", async () => {
  const never = () => Promise.reject(new Error("Not to be called"));
  const { time, calls, send } = setUpExchange(never, { hasBacklog: false, claims: false });
  assertEquals(await time.until(send("a")), "settled");
  assertEquals([calls, time.epoch() - new FakeTime().epoch()], [["settle a"], 1000]);
});
