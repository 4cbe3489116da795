import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeLog, FakeTime } from "../_shared/fakes.ts";
import type { Decision } from "./decide.ts";
import type { Queue, Settlement, Unsettled } from "./queue.ts";
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
      return { refused: [], busy: [], ...await settle(batch, batches.length) };
    },
  } as Queue;
  const settler = createSettler({ queue, sleep: time.sleep, log });
  const send = (attemptId: string) => settler.settle({ attemptId, decision: DECISION });
  return { time, batches, entries, send };
}

Deno.test("settle() has one call under way; what comes meanwhile goes with the next", async () => {
  const { time, batches, send } = setUp(() => Promise.resolve({}));
  const results = Promise.all(["a", "b", "c"].map(send));
  assertEquals(batches, [["a"]]);
  assertEquals(await time.until(results), ["settled", "settled", "settled"]);
  assertEquals(batches, [["a"], ["b", "c"]]);
});

Deno.test("settle() tells which lease was lost", async () => {
  const { time, send, entries } = setUp(() => Promise.resolve({ refused: ["b"] }));
  const results = Promise.all([send("a"), send("b")]);
  assertEquals(await time.until(results), ["settled", "refused"]);
  assertEquals(entries.at(-1), { level: "warning", event: "settle_refused", attempt_ids: ["b"] });
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
      : Promise.resolve({ refused: ["a"] })
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
