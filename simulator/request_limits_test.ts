import { assertEquals } from "@std/assert";
import { type Admission, type Refusal, RequestLimits } from "./request_limits.ts";

const OFF = {
  requestsPerWindow: null,
  windowSeconds: 300,
  executionSecondsPerWindow: null,
  maxConcurrent: null,
};

function enter(limits: RequestLimits, seconds: number): Admission | Refusal {
  return limits.enter(seconds * 1_000);
}

function pass(limits: RequestLimits, seconds: number, duration = 0): void {
  const admission = enter(limits, seconds);
  if ("code" in admission) throw new Error(`Refused at ${seconds}: ${admission.code}`);
  limits.leave(admission, (seconds + duration) * 1_000);
}

function refusal(limits: RequestLimits, seconds: number): [string, number] {
  const answer = enter(limits, seconds);
  if (!("code" in answer)) throw new Error(`Admitted at ${seconds}`);
  return [answer.code, answer.retryAfterSeconds];
}

Deno.test("RequestLimits admits everything when all limits are off", () => {
  const limits = new RequestLimits(OFF);
  for (let index = 0; index < 10_000; index++) enter(limits, 0);
  assertEquals(limits.inFlight, 10_000);
});

Deno.test("RequestLimits counts requests over a sliding window", () => {
  const limits = new RequestLimits({ ...OFF, requestsPerWindow: 2 });
  pass(limits, 0);
  pass(limits, 100);
  assertEquals(refusal(limits, 200), ["0x80072322", 100]);
  pass(limits, 300);
  assertEquals(refusal(limits, 301), ["0x80072322", 99]);
});

Deno.test("RequestLimits makes Retry-After longer for a client that sends on, up to the window", () => {
  const limits = new RequestLimits({ ...OFF, requestsPerWindow: 1 });
  pass(limits, 0);
  assertEquals(refusal(limits, 290), ["0x80072322", 10]);
  assertEquals(refusal(limits, 290), ["0x80072322", 11]);
  assertEquals(refusal(limits, 290), ["0x80072322", 12]);
  assertEquals(refusal(limits, 300), ["0x80072322", 3]);
  for (let index = 0; index < 1_000; index++) refusal(limits, 300);
  assertEquals(refusal(limits, 300), ["0x80072322", 300]);
});

Deno.test("RequestLimits admits a client that waited as long as it was told", () => {
  const limits = new RequestLimits({ ...OFF, requestsPerWindow: 1, windowSeconds: 3 });
  pass(limits, 0);
  for (let index = 0; index < 50; index++) refusal(limits, 0.5);
  const [, wait] = refusal(limits, 0.6);
  pass(limits, 0.6 + wait);
});

Deno.test("RequestLimits forgets the pressure after a client that waited", () => {
  const limits = new RequestLimits({ ...OFF, requestsPerWindow: 1 });
  pass(limits, 0);
  refusal(limits, 290);
  refusal(limits, 290);
  pass(limits, 400);
  assertEquals(refusal(limits, 690), ["0x80072322", 10]);
});

Deno.test("RequestLimits adds up execution time", () => {
  const limits = new RequestLimits({ ...OFF, executionSecondsPerWindow: 10 });
  pass(limits, 0, 6);
  pass(limits, 10, 6);
  assertEquals(refusal(limits, 20), ["0x80072321", 286]);
  pass(limits, 306.5);
});

Deno.test("RequestLimits refuses one request too many in flight", () => {
  const limits = new RequestLimits({ ...OFF, maxConcurrent: 2 });
  const first = enter(limits, 0);
  enter(limits, 0);
  assertEquals(refusal(limits, 0), ["0x80072326", 1]);
  assertEquals(refusal(limits, 0), ["0x80072326", 2]);
  if ("code" in first) throw new Error("admission expected");
  limits.leave(first, 0);
  pass(limits, 0);
});

Deno.test("RequestLimits.configure() forgets counts but not requests in flight", () => {
  const limits = new RequestLimits({ ...OFF, requestsPerWindow: 1 });
  enter(limits, 0);
  refusal(limits, 0);
  limits.configure({ ...OFF, requestsPerWindow: 5, maxConcurrent: 1 });
  assertEquals(refusal(limits, 0)[0], "0x80072326");
});
