import { assertEquals } from "@std/assert";
import { countStandings, isStillShown, listMentors, standingOf } from "./standing.ts";
import { Names } from "./names.ts";
import type { Mentor } from "./rows.ts";
import { stateOf } from "./testing.ts";

const NOW = "2026-11-22T12:00:00+00:00";

Deno.test("standingOf() follows the view hlf_sync_mentor_status", () => {
  assertEquals(standingOf(stateOf()), "in_sync");
  assertEquals(standingOf(stateOf({ due_at: NOW })), "waiting");
  assertEquals(standingOf(stateOf({ in_flight_attempt_id: "x" })), "waiting");
  assertEquals(standingOf(stateOf({ wanted_operation: "remove" })), "waiting");
  assertEquals(standingOf(stateOf({ confirmed_operation: null })), "waiting");
  assertEquals(standingOf(stateOf({ dead_lettered_at: NOW, due_at: NOW })), "stuck");
});

Deno.test("isStillShown() is about removals that are not confirmed, or wanted once more", () => {
  const remove = { wanted_operation: "remove" } as const;
  assertEquals(isStillShown(stateOf(remove)), true);
  assertEquals(isStillShown(stateOf({ ...remove, confirmed_operation: null })), true);
  assertEquals(isStillShown(stateOf({ ...remove, confirmed_operation: "remove" })), false);
  // The night has found the listing published.
  assertEquals(
    isStillShown(stateOf({ ...remove, confirmed_operation: "remove", due_at: NOW })),
    true,
  );
  assertEquals(isStillShown(stateOf({ confirmed_operation: "remove" })), false);
});

Deno.test("listMentors() puts first who may still be shown, then who needs a person, then names", () => {
  const mentors = new Map<string, Mentor>(
    Object.entries({ a: "Åse", b: "Bjørn", c: "Cecilie", d: "Dag", e: "Eli" }).map((
      [id, full_name],
    ) => [id, { id, full_name, status: "active", certification_expiry_date: null }]),
  );
  const listed = listMentors([
    stateOf({ mentor_id: "a" }),
    stateOf({ mentor_id: "b" }),
    stateOf({ mentor_id: "c", due_at: NOW, wanted_operation: "remove" }),
    stateOf({ mentor_id: "d", dead_lettered_at: NOW }),
    stateOf({ mentor_id: "e", dead_lettered_at: NOW, wanted_operation: "remove" }),
  ], new Names(mentors, null, null));
  assertEquals(listed.map(({ id }) => id), ["e", "c", "d", "b", "a"]);
  assertEquals(countStandings(listed), { stuck: 2, waiting: 1, in_sync: 2 });
});
