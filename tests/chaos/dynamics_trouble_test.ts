import { assertEquals } from "@std/assert";
import { faultRule } from "./dynamics_trouble.ts";

const NOW = Date.parse("2026-11-23T02:00:00.500Z");

Deno.test("faultRule() writes Retry-After as seconds, as a date, or not at all", () => {
  const headers = (["seconds", "date", "missing"] as const).map((retryAfter) =>
    faultRule({ kind: "throttle", code: "0x80072322", retryAfter }, {
      times: 1,
      mentorId: null,
      now: NOW,
    }).answer
  );
  assertEquals(headers, [
    { status: 429, code: "0x80072322", headers: { "Retry-After": "1" } },
    {
      status: 429,
      code: "0x80072322",
      headers: { "Retry-After": "Mon, 23 Nov 2026 02:00:01 GMT" },
    },
    { status: 429, code: "0x80072322" },
  ]);
});

Deno.test("faultRule() aims at one mentor's updates, or at Entra, which knows no mentors", () => {
  const aim = { times: 2, mentorId: "a1", now: NOW };
  assertEquals(faultRule({ kind: "reset" }, aim), {
    match: { target: "patch", mentorId: "a1" },
    times: 2,
    answer: { reset: true },
  });
  assertEquals(faultRule({ kind: "token", answer: "reset" }, aim).match, { target: "token" });
});
