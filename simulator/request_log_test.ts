import { assertEquals } from "@std/assert";
import { RequestLog } from "./request_log.ts";

function received(mentorId: string | null, method = "PATCH") {
  return { method, path: "/", clientRequestId: null, mentorId, published: null };
}

Deno.test("RequestLog marks the later of two PATCHes for one mentor in flight together", () => {
  const log = new RequestLog();
  const first = log.receive(received("a"), 0);
  const second = log.receive(received("A"), 0);
  const other = log.receive(received("b"), 0);
  const query = log.receive(received("a", "GET"), 0);
  assertEquals([first, second, other, query].map((entry) => entry.overlapped), [
    false,
    true,
    false,
    false,
  ]);
  assertEquals(query.concurrent, 4);
});

Deno.test("RequestLog does not call PATCHes one after the other an overlap", () => {
  const log = new RequestLog();
  log.finish(log.receive(received("a"), 0), 204);
  const second = log.receive(received("a"), 0);
  assertEquals([second.overlapped, second.concurrent], [false, 1]);
});

Deno.test("RequestLog.finish() counts only once", () => {
  const log = new RequestLog();
  const first = log.receive(received("a"), 0);
  log.receive(received("a"), 0);
  log.finish(first, null);
  log.finish(first, 204);
  assertEquals([first.status, first.inFlight], [null, false]);
  assertEquals(log.receive(received("a"), 0).overlapped, true);
});

Deno.test("RequestLog.since() pages by sequence, also after clear()", () => {
  const log = new RequestLog();
  for (let index = 0; index < 5; index++) log.receive(received(null), index);
  const sequences = (since: number, limit: number) =>
    log.since(since, limit).map((entry) => entry.sequence);
  assertEquals(sequences(0, 2), [1, 2]);
  assertEquals(sequences(2, 9), [3, 4, 5]);
  assertEquals(sequences(5, 9), []);
  log.clear();
  assertEquals(sequences(0, 9), []);
  log.receive(received(null), 0);
  assertEquals(sequences(0, 9), [6]);
  assertEquals(sequences(6, 9), []);
});

Deno.test("RequestLog drops the oldest entries beyond its capacity", () => {
  const log = new RequestLog(10);
  for (let index = 0; index < 11; index++) log.receive(received(null), index);
  assertEquals(log.since(0, 100).map((entry) => entry.sequence).at(0), 2);
  assertEquals(log.since(10, 100).length, 1);
});
