import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeLog, FakeTime } from "../_shared/fakes.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { Queue, Settlement } from "./queue.ts";

/** Ids of those of whom the answer is something else than that they are settled as they were told. */
interface Unsettled {
  readonly leaseLost: readonly string[];
  readonly busy: readonly string[];
  readonly givenUp: readonly string[];
  readonly dueInSeconds: ReadonlyMap<string, number>;
}
import { SUCCESS } from "./engine_fakes.ts";
import { createSettler } from "./settler.ts";

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
      const { leaseLost, busy, givenUp, dueInSeconds } = await settle(batch, batches.length);
      return new Map(batch.map(({ attemptId: attempt_id, decision }) => {
        const result = busy?.includes(attempt_id)
          ? "busy"
          : leaseLost?.includes(attempt_id)
          ? "lease_lost"
          : "settled";
        const outcome = givenUp?.includes(attempt_id) ? "dead_lettered" : decision.outcome;
        const due_in_seconds = dueInSeconds?.get(attempt_id) ?? null;
        return [attempt_id, { attempt_id, result, outcome, due_in_seconds }];
      }));
    },
  } as Partial<Queue> as Queue;
  const settler = createSettler({ queue, sleep: time.sleep, log });
  const send = async (attemptId: string, decision: Decision = SUCCESS) =>
    (await settler.settle({ attemptId, operation: "remove", decision })).result;
  return { time, batches, entries, send, settler };
}

Deno.test("settle() has one call under way; what comes meanwhile goes with the next", async () => {
  const { time, batches, send } = setUp(() => Promise.resolve({}));
  const results = Promise.all(["a", "b", "c"].map((id) => send(id)));
  assertEquals(batches, [["a"]]);
  assertEquals(await time.until(results), ["settled", "settled", "settled"]);
  assertEquals(batches, [["a"], ["b", "c"]]);
});

Deno.test("settle() has a remove wait for no call that is about restores", async () => {
  const { time, batches, settler } = setUp(() => Promise.resolve({}));
  const settle = (attemptId: string, operation: "remove" | "restore") =>
    settler.settle({ attemptId, operation, decision: SUCCESS });
  const restores = Promise.all(["a", "b", "c"].map((id) => settle(id, "restore")));
  const remove = settle("urgent", "remove");
  assertEquals(batches, [["a"], ["urgent"]]);
  const start = time.monotonic();
  await time.until(remove);
  assertEquals(time.monotonic() - start, 1000);
  await time.until(restores);
  assertEquals(batches, [["a"], ["urgent"], ["b", "c"]]);
});

Deno.test("settle() tells which refusal the database has given up for", async () => {
  const { time, send } = setUp(() => Promise.resolve({ givenUp: ["b"] }));
  assertEquals(await time.until(Promise.all([send("a"), send("b")])), ["settled", "given_up"]);
});

Deno.test("settle() told again is sure of what it said itself, but not of a refusal", async () => {
  const { time, send } = setUp((_, count) =>
    count === 1 ? Promise.reject(new DatabaseError("settle", "network", 0)) : Promise.resolve({})
  );
  const refusal = { ...SUCCESS, isProvisional: true } as const;
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
  assertEquals(await time.until(send("a")), "locked");
  assertEquals(entries, [{
    level: "error",
    event: "settle_failed",
    code: "busy",
    attempt_ids: ["a"],
  }]);
});

Deno.test("settle() asks for a mentor who is locked ever less often, and no longer than a lease lasts", async () => {
  const moments: number[] = [];
  const { time, send } = setUp(() => {
    moments.push(time.monotonic() / 1000);
    return Promise.resolve({ busy: ["a"] });
  });
  await time.until(send("a"));
  // Less the second that each call takes.
  const waits = moments.slice(1).map((at, index) => at - (moments[index] ?? NaN) - 1);
  assertEquals(waits.every((wait, index) => wait >= (waits[index - 1] ?? 0.1) - 1e-9), true);
  const seconds = waits.reduce((sum, wait) => sum + wait, 0);
  assertEquals([waits.length >= 5, seconds > 20, seconds < 60], [true, true, true]);
});

Deno.test("settle() tells when a mentor is due next", async () => {
  const { time, settler } = setUp(() => Promise.resolve({ dueInSeconds: new Map([["a", 30]]) }));
  const told = await time.until(
    Promise.all(
      ["a", "b"].map((attemptId) =>
        settler.settle({ attemptId, operation: "remove", decision: SUCCESS })
      ),
    ),
  );
  assertEquals(told.map(({ dueInSeconds }) => dueInSeconds), [30, null]);
});

Deno.test("settle() is stuck while it has to tell the database again", async () => {
  const { time, send, settler } = setUp((_, count) =>
    count < 3 ? Promise.reject(new DatabaseError("settle", "network", 0)) : Promise.resolve({})
  );
  const told = send("a");
  const seen = [settler.isStuck("restore")];
  for (let second = 0; second < 3; second++) {
    await time.pass(1.1);
    seen.push(settler.isStuck("restore"));
  }
  await time.until(told);
  assertEquals([seen, settler.isStuck("restore")], [[false, true, true, true], false]);
});

Deno.test("settle() of restores that has to tell the database again keeps no remove from being sent", async () => {
  const { time, settler } = setUp((batch) =>
    batch.some(({ operation }) => operation === "restore")
      ? Promise.reject(new DatabaseError("settle", "57014", 500))
      : Promise.resolve({})
  );
  const told = settler.settle({ attemptId: "a", operation: "restore", decision: SUCCESS });
  await time.pass(1.1);
  assertEquals([settler.isStuck("remove"), settler.isStuck("restore")], [false, true]);
  assertEquals((await time.until(told)).result, "lost");
});

Deno.test("settle() in a backlog waits for what ends shortly after", async () => {
  const { time, batches, send } = setUp(() => Promise.resolve({}));
  const second = Array.from({ length: 20 }, (_, i) => `b${i}`);
  const first = ["a", ...second].map((id) => send(id));
  // The second batch, of twenty, shows a backlog; the next waits.
  await time.pass(1.5);
  const next = send("g");
  await time.pass(0.505);
  const last = send("h");
  await time.until(Promise.all([...first, next, last]));
  assertEquals(batches, [["a"], second, ["g", "h"]]);
});

Deno.test("settle() tells of the others of a batch when the database refuses what one of them says", async () => {
  const { time, batches, entries, send, settler } = setUp((batch) => {
    if (!batch.some(({ attemptId }) => attemptId === "poison")) return Promise.resolve({});
    throw new DatabaseError("settle_hlf_sync_attempts", "23514", 400);
  });
  const ids = ["first", ..."abcdefg", "poison", ..."hijklmn"];
  const results = await time.until(Promise.all(ids.map((id) => send(id))));
  assertEquals(ids.filter((_, n) => results[n] !== "settled"), ["poison"]);
  assertEquals(results[ids.indexOf("poison")], "locked");
  assertEquals(settler.isStuck("remove"), false);
  assertEquals(batches.length < 12, true);
  assertEquals(entries, [{
    ...{ level: "error", event: "settle_failed", code: "23514", status: 400 },
    attempt_ids: ["poison"],
  }]);
});

Deno.test("settle() does not go on one by one when the database refuses everything", async () => {
  const { time, batches, send } = setUp(() => {
    throw new DatabaseError("settle_hlf_sync_attempts", "22023", 400);
  });
  const ids = Array.from({ length: 101 }, (_, n) => `${n}`);
  const results = await time.until(Promise.all(ids.map((id) => send(id))));
  assertEquals(results.filter((result) => result === "locked").length, 3);
  assertEquals(results.filter((result) => result === "lost").length, 98);
  assertEquals(batches.length < 20, true);
});

Deno.test("settle() counts refusals in a row only: the fifth of single results ends a drain no more than the first", async () => {
  const { time, send } = setUp((batch) => {
    if (batch.some(({ attemptId }) => attemptId.startsWith("refused"))) {
      throw new DatabaseError("settle_hlf_sync_attempts", "23514", 400);
    }
    return Promise.resolve({});
  });
  for (let n = 0; n < 5; n++) {
    assertEquals(await time.until(send(`refused ${n}`)), "locked");
    assertEquals(await time.until(send(`${n}`)), "settled");
  }
});
