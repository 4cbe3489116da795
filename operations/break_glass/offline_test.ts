import { assertEquals, assertRejects } from "@std/assert";
import { v7 } from "uuid";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { FakeTime } from "../../supabase/functions/_shared/fakes.ts";
import type { OfflineAttempt } from "./administrator.ts";
import type { Order } from "./run.ts";
import { sendOffline, withoutDone } from "./offline.ts";
import { mentorId } from "./testing.ts";
import { ENGLISH } from "./words/english.ts";

const order = (n: number, operation: Order["operation"] = "remove"): Order => ({
  mentorId: mentorId(n),
  operation,
});

function createWorld(intend: (count: number) => void = () => {}) {
  const time = new FakeTime();
  const abort = new AbortController();
  /** What happened, in its order. */
  const events: string[] = [];
  const deps = {
    journal: {
      intend: async (attempts: readonly unknown[]) => {
        events.push(`intend ${attempts.length}`);
        intend(events.length);
        await Promise.resolve();
      },
      conclude: async () => {
        events.push("conclude");
        await Promise.resolve();
      },
    },
    dataverse: {
      updateListing: async ({ operation }) => {
        events.push(operation);
        return await Promise.resolve({ kind: "success", responseCode: 204 });
      },
    } as Partial<DataverseClient> as DataverseClient,
    newAttemptId: () => v7(),
    clock: time,
    sleep: time.sleep,
    signal: abort.signal,
    onProgress: () => {},
    note: () => {},
    words: ENGLISH,
    isWelcome: () => Promise.resolve(true),
  };
  return { deps, events, abort, time };
}

Deno.test("sendOffline() writes down what it is about to do, and what became of it", async () => {
  const { deps, events, time } = createWorld();
  const report = await time.until(sendOffline([order(1, "restore"), order(2)], deps));
  assertEquals(events, ["intend 1", "remove", "conclude", "intend 1", "restore", "conclude"]);
  assertEquals(report.results.length, 2);
  assertEquals([report.left, report.stopped], [[], null]);
});

Deno.test("sendOffline() sends nothing that it could not write down", async () => {
  const { deps, events } = createWorld(() => {
    throw new Error("No space left on device");
  });
  await assertRejects(() => sendOffline([order(1)], deps), Error, "No space left");
  assertEquals(events, ["intend 1"]);
});

Deno.test("sendOffline() stops between waves and says what is left", async () => {
  const { deps, abort, time } = createWorld(() => abort.abort());
  const orders = Array.from({ length: 30 }, (_, n) => order(n));
  const report = await time.until(sendOffline(orders, deps));
  assertEquals([report.results.length, report.left.length], [25, 5]);
  assertEquals(report.stopped, "interrupted");
});

Deno.test("sendOffline() stays within 6,000 requests in 300 s", async () => {
  const { deps, events, time } = createWorld();
  const orders = Array.from({ length: 6001 }, (_, n) => order(n));
  const startedAt = time.monotonic();
  let sentInWindow = 0;
  const running = sendOffline(orders, deps);
  running.finally(() => {});
  await time.pass(299);
  sentInWindow = events.filter((event) => event === "remove").length;
  await time.until(running);
  assertEquals(sentInWindow > 5000 && sentInWindow <= 5725, true, `${sentInWindow}`);
  assertEquals((time.monotonic() - startedAt) / 1000 > 300, true);
});

Deno.test("withoutDone() leaves out what the last attempt succeeded in", () => {
  const attempt = (
    n: number,
    operation: Order["operation"],
    outcome: OfflineAttempt["outcome"],
  ): OfflineAttempt => ({
    ...{ ...order(n, operation), attemptId: v7(), outcome, responseCode: null },
    errorMessage: null,
  });
  const orders = [order(1), order(2), order(3), order(4), order(5)];
  assertEquals(
    withoutDone(orders, [
      attempt(1, "remove", "success"),
      attempt(2, "remove", "failure"),
      attempt(3, "restore", "success"),
      attempt(4, "remove", "success"),
      attempt(4, "restore", "success"),
    ]),
    [order(2), order(3), order(4), order(5)],
  );
});
