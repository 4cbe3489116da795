import { assertEquals } from "@std/assert";
import { causesOf } from "./causes.ts";
import { groupChanges } from "./changes.ts";
import { attemptOf, stateOf } from "./testing.ts";

Deno.test("groupChanges() puts the attempts of one change together", () => {
  const paused = { operation: "remove", triggered_by_event: "status_change:paused" } as const;
  const attempts = [
    attemptOf({ id: "5" }),
    attemptOf({ id: "4", ...paused, retry_count: 2 }),
    attemptOf({ id: "4, ahead of its time", ...paused, retry_count: 2, outcome: "failure" }),
    attemptOf({ id: "3", ...paused, retry_count: 1, outcome: "failure" }),
    attemptOf({ id: "2", ...paused, retry_count: 0, outcome: "failure" }),
    attemptOf({ id: "1", ...paused, retry_count: 0 }),
  ];
  assertEquals(groupChanges(attempts).map(({ attempts }) => attempts.map(({ id }) => id)), [
    ["5"],
    ["4", "4, ahead of its time", "3", "2"],
    ["1"],
  ]);
  assertEquals(groupChanges(attempts.slice(3))[0]?.isOver, false);
});

Deno.test("causesOf() groups who is stuck by what helps, most first", () => {
  const stuck = ["timeout", "listing_not_found", "network code=0x1", "unheard of"].map((
    last_error,
    index,
  ) => ({
    id: String(index),
    known: "unread" as const,
    state: stateOf({ last_error }),
    standing: "stuck" as const,
  }));
  assertEquals(
    causesOf(stuck).map(({ key, mentors }) => [key, mentors.length]),
    [["no_contact", 2], ["listing_not_found", 1], ["unknown", 1]],
  );
});
