import { assertEquals } from "@std/assert";
import { FakeTime } from "../../supabase/functions/_shared/fakes.ts";
import type {
  DataverseClient,
  ListingUpdate,
} from "../../supabase/functions/_shared/dataverse/client.ts";
import { classifyUpdate } from "../../supabase/functions/_shared/dataverse/classify.ts";
import { DatabaseError } from "../../supabase/functions/_shared/errors.ts";
import type { Unsettled } from "./administrator.ts";
import type { AttemptResult, Order } from "./run.ts";
import { bringIntoSync, findDivergence, isInSync, type OnlineDependencies } from "./online.ts";
import { mentorId } from "./testing.ts";
import { ENGLISH } from "./words/english.ts";

const remove = (n: number): Order => ({ mentorId: mentorId(n), operation: "remove" });
const restore = (n: number): Order => ({ mentorId: mentorId(n), operation: "restore" });
const attemptOf = (id: string) => `a-${id}`;
const down = () => new DatabaseError("settle_hlf_break_glass", "network", 0);

interface Fixture {
  /** HTTP status for a mentor; 204 where there is none. */
  readonly statuses?: Record<string, { status: number; retryAfterSeconds?: number }>;
  readonly onClaim?: (count: number) => void;
  readonly unclaimable?: (id: string, count: number) => boolean;
  readonly isWelcome?: boolean;
  readonly onSettle?: (count: number) => Partial<Unsettled>;
}

function createFixture(orders: readonly Order[], fixture: Fixture = {}) {
  const time = new FakeTime();
  const abort = new AbortController();
  const sent: ListingUpdate[] = [];
  const settled: AttemptResult[] = [];
  const notes: string[] = [];
  const calls = { claims: 0, settlements: 0 };
  const deps: OnlineDependencies = {
    administrator: {
      claim: async (ids) => {
        calls.claims++;
        fixture.onClaim?.(calls.claims);
        return await Promise.resolve(
          orders.filter((order) =>
            ids.includes(order.mentorId) && !fixture.unclaimable?.(order.mentorId, calls.claims)
          ).map((order) => ({ ...order, attemptId: attemptOf(order.mentorId), retryCount: 0 })),
        );
      },
      settle: async (results) => {
        calls.settlements++;
        const unsettled = fixture.onSettle?.(calls.settlements);
        settled.push(...results);
        return await Promise.resolve({ leaseLost: [], busy: [], ...unsettled });
      },
    },
    dataverse: {
      updateListing: async (update) => {
        sent.push(update);
        const { status, retryAfterSeconds = null } = fixture.statuses?.[update.mentorId] ??
          { status: 204 };
        const result = classifyUpdate({
          ...{ status, retryAfterSeconds, code: null, requestId: null, isDataverseError: false },
        });
        if (result.kind === "verify_gone") throw new Error("Not for a restore");
        return await Promise.resolve(result);
      },
    } as Partial<DataverseClient> as DataverseClient,
    clock: time,
    sleep: time.sleep,
    signal: abort.signal,
    onProgress: () => {},
    note: (line) => notes.push(line),
    words: ENGLISH,
    isWelcome: () => Promise.resolve(fixture.isWelcome ?? true),
  };
  const run = () => time.until(bringIntoSync(orders, deps));
  return { run, time, abort, sent, settled, notes, calls };
}

Deno.test("bringIntoSync() removes before it restores, and settles everything", async () => {
  const orders = [restore(1), ...Array.from({ length: 30 }, (_, n) => remove(n + 2)), restore(40)];
  const { run, sent, settled, calls } = createFixture(orders);
  const report = await run();
  assertEquals(sent.map((update) => update.operation), [
    ...Array(30).fill("remove"),
    "restore",
    "restore",
  ]);
  assertEquals(calls, { claims: 3, settlements: 3 });
  assertEquals(settled.map(({ decision }) => decision.outcome), Array(32).fill("success"));
  assertEquals([report.unreported, report.left, report.stopped], [[], [], null]);
});

Deno.test("bringIntoSync() tries nothing twice, and leaves what is refused for a person", async () => {
  const { run, sent, settled } = createFixture([remove(1), remove(2)], {
    statuses: { [mentorId(1)]: { status: 503 }, [mentorId(2)]: { status: 400 } },
  });
  const report = await run();
  assertEquals(sent.length, 2);
  assertEquals(settled.map(({ decision }) => [decision.outcome, decision.errorMessage]), [
    ["failure", "unavailable"],
    ["failure", "invalid_response"],
  ]);
  assertEquals(report.left, []);
});

const refusing = (status: number, from: number, to: number) =>
  Object.fromEntries(
    Array.from({ length: to - from }, (_, n) => [mentorId(from + n), { status }]),
  );

Deno.test("bringIntoSync() goes on past one listing that is refused", async () => {
  const orders = Array.from({ length: 100 }, (_, n) => remove(n));
  for (const status of [401, 403, 404, 400, 500]) {
    const { run, sent } = createFixture(orders, { statuses: refusing(status, 3, 4) });
    const report = await run();
    assertEquals([sent.length, report.left, report.stopped], [100, [], null]);
    const failed = report.results.filter(({ decision }) => decision.outcome !== "success");
    assertEquals(failed.map(({ attempt }) => attempt.mentorId), [mentorId(3)]);
  }
});

Deno.test("bringIntoSync() goes on past a whole wave that is refused, while others may get through", async () => {
  const orders = Array.from({ length: 120 }, (_, n) => remove(n));
  const { run } = createFixture(orders, { statuses: refusing(403, 0, 60) });
  const report = await run();
  const done = report.results.filter(({ decision }) => decision.outcome === "success");
  assertEquals([done.length, report.results.length, report.stopped], [60, 120, null]);
});

Deno.test("bringIntoSync() stops when everybody is refused", async () => {
  const orders = Array.from({ length: 160 }, (_, n) => remove(n));
  for (const status of [403, 503]) {
    const report = await createFixture(orders, { statuses: refusing(status, 0, 160) }).run();
    assertEquals([report.results.length, report.left.length], [100, 60]);
    assertEquals(report.stopped, "refused");
  }
});

Deno.test("bringIntoSync() stops at once when Dynamics no longer accepts the credentials", async () => {
  const orders = Array.from({ length: 60 }, (_, n) => remove(n));
  const fixture = { statuses: refusing(401, 0, 60), isWelcome: false };
  const report = await createFixture(orders, fixture).run();
  assertEquals([report.results.length, report.left.length], [25, 35]);
  assertEquals(report.stopped, "credentials");
});

Deno.test("bringIntoSync() waits out a throttle", async () => {
  const orders = Array.from({ length: 26 }, (_, n) => remove(n));
  const { run, time, notes } = createFixture(orders, {
    statuses: { [mentorId(3)]: { status: 429, retryAfterSeconds: 40 } },
  });
  const before = time.monotonic();
  const report = await run();
  assertEquals([report.results.length, report.stopped], [26, null]);
  assertEquals(time.monotonic() - before, 40_000);
  assertEquals(notes, ["Dynamics asks to wait 40 s"]);
});

Deno.test("bringIntoSync() stops rather than wait for an hour", async () => {
  const { run } = createFixture([remove(1)], {
    statuses: { [mentorId(1)]: { status: 429, retryAfterSeconds: 3600 } },
  });
  assertEquals((await run()).stopped, "throttled");
});

Deno.test("bringIntoSync() finishes the wave when interrupted, and says what is left", async () => {
  const orders = [...Array.from({ length: 26 }, (_, n) => remove(n)), restore(50)];
  const { run, abort, settled } = createFixture(orders, { onClaim: () => abort.abort() });
  const report = await run();
  assertEquals(settled.length, 25);
  assertEquals(report.stopped, "interrupted");
  assertEquals(report.left, [remove(25), restore(50)]);
});

Deno.test("bringIntoSync() claims later what it cannot claim now", async () => {
  const { run, notes, time } = createFixture([remove(1), remove(2)], {
    unclaimable: (id, count) => id === mentorId(1) && count < 3,
  });
  const before = time.monotonic();
  const report = await run();
  assertEquals([report.results.length, report.left], [2, []]);
  assertEquals(notes.length, 2);
  assertEquals(time.monotonic() - before, 15_000);
});

Deno.test("bringIntoSync() gives up in the end on what cannot be claimed", async () => {
  const { run } = createFixture([remove(1)], { unclaimable: () => true });
  const report = await run();
  assertEquals([report.left, report.stopped], [[remove(1)], null]);
});

Deno.test("bringIntoSync() settles again when the answer is lost", async () => {
  const { run, calls } = createFixture([remove(1)], {
    onSettle: (count) => {
      if (count < 3) throw down();
      return { leaseLost: [attemptOf(mentorId(1))] };
    },
  });
  const report = await run();
  assertEquals(calls.settlements, 3);
  assertEquals([report.unreported, report.stopped], [[], null]);
});

Deno.test("bringIntoSync() names attempts whose lease was lost", async () => {
  const { run } = createFixture([remove(1)], {
    onSettle: () => ({ leaseLost: [attemptOf(mentorId(1))] }),
  });
  assertEquals((await run()).unreported, [attemptOf(mentorId(1))]);
});

Deno.test("bringIntoSync() settles again only those whom the app has locked", async () => {
  const busy = [attemptOf(mentorId(1))];
  const { run, settled } = createFixture([remove(1), remove(2)], {
    onSettle: (count) => count === 1 ? { busy } : {},
  });
  const report = await run();
  assertEquals(settled.map(({ attempt }) => attempt.mentorId), [1, 2, 1].map(mentorId));
  assertEquals([report.unreported, report.stopped], [[], null]);
  const late = createFixture([remove(1)], {
    onSettle: (count) => count === 1 ? { busy } : { leaseLost: busy },
  });
  assertEquals((await late.run()).unreported, busy);
  const forever = createFixture([remove(1), restore(2)], { onSettle: () => ({ busy }) });
  const { unreported, stopped } = await forever.run();
  assertEquals([unreported, stopped], [busy, null]);
});

Deno.test("bringIntoSync() stops when the database goes away", async () => {
  const away = createFixture([remove(1), restore(2)], {
    onSettle: () => {
      throw down();
    },
  });
  const report = await away.run();
  assertEquals(report.stopped, "database");
  assertEquals(report.unreported, [attemptOf(mentorId(1))]);
  assertEquals(report.left, [restore(2)]);

  const earlier = createFixture([remove(1), restore(2)], {
    onClaim: () => {
      throw down();
    },
  });
  assertEquals((await earlier.run()).left, [remove(1), restore(2)]);
});

async function* pages<T>(...all: T[][]): AsyncGenerator<T[]> {
  for (const page of all) yield await Promise.resolve(page);
}
const wanted = (mentorId: string, operation: "remove" | "restore") => ({ mentorId, operation });
const listing = (mentorId: string | null, published: boolean) => ({ mentorId, published });

Deno.test("findDivergence() compares across pages", async () => {
  const divergence = await findDivergence(
    pages(
      [wanted("a1", "remove"), wanted("a2", "remove"), wanted("a3", "remove")],
      [wanted("b1", "restore"), wanted("b2", "restore"), wanted("b3", "restore")],
    ),
    pages(
      [listing("a1", true), listing("b2", false), listing("a2", false)],
      [listing("b1", true), listing("stranger", true), listing(null, true), listing("gone", false)],
    ),
  );
  assertEquals(divergence, { remove: ["a1"], restore: ["b2"], unlisted: ["b3"], unknownCount: 2 });
  assertEquals(isInSync(divergence), false);
});

Deno.test("findDivergence() finds nothing where all is in sync, strangers or not", async () => {
  const divergence = await findDivergence(
    pages([wanted("a1", "remove"), wanted("b1", "restore")]),
    pages([listing("B1", true), listing("stranger", true)]),
  );
  assertEquals(divergence, { remove: [], restore: [], unlisted: [], unknownCount: 1 });
  assertEquals(isInSync(divergence), true);
});

Deno.test("findDivergence() takes a mentor for shown when any listing of theirs is", async () => {
  const divergence = await findDivergence(
    pages([wanted("a1", "remove")]),
    pages([listing("a1", true), listing("A1", false)]),
  );
  assertEquals(divergence.remove, ["a1"]);
});
