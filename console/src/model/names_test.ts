import { assertEquals } from "@std/assert";
import { matches, Names, type NameWords, visibleName } from "./names.ts";
import type { Mentor, SyncState } from "./rows.ts";
import { stateOf } from "./testing.ts";

const A1 = "00000000-0000-4000-8000-0000000000a1";
const A2 = "00000000-0000-4000-8000-0000000000a2";
const READ_AT = new Date("2026-11-22T12:00:00Z");

const nb: NameWords = {
  names: {
    unread: (tail) => `Henter navn … (…${tail})`,
    deleted: (tail) => `Slettet (…${tail})`,
    gone: (tail) => `Borte (…${tail})`,
    blank: (tail) => `Uten navn (…${tail})`,
    twin: (name, tail) => `${name} (…${tail})`,
  },
};

function mentorsNamed(names: Record<string, string>): Map<string, Mentor> {
  return new Map(
    Object.entries(names).map(([id, full_name]) => [
      id,
      { id, full_name, status: "active", certification_expiry_date: null },
    ]),
  );
}

function names(given: Record<string, string> | null, states: SyncState[] = []) {
  return new Names(
    given === null ? null : mentorsNamed(given),
    new Map(states.map((state) => [state.mentor_id, state])),
    given === null ? null : READ_AT,
  );
}

Deno.test("Names calls nobody deleted before the names are read", () => {
  assertEquals(names(null, [stateOf({ mentor_id: A1 })]).known(A1), "unread");
  assertEquals(names(null).text(A1, nb), "Henter navn … (…00a1)");
});

Deno.test("Names calls deleted only whom the app has deleted, not who is elsewhere or new", () => {
  const read = names({ [A2]: "Bjørn" }, [stateOf({ mentor_id: A1 })]);
  assertEquals(read.known(A1), "deleted");
  assertEquals(names({ [A2]: "Bjørn" }).known(A1), "gone");
  assertEquals(names({ [A2]: "Bjørn" }).known(A1, "2026-11-22T11:00:00Z"), "gone");
  assertEquals(names({ [A2]: "Bjørn" }).known(A1, "2026-11-22T12:00:05Z"), "unread");
});

Deno.test("Names tells equal names apart, and gives blank ones something to press", () => {
  const twins = names({ [A1]: "Ola Hansen", [A2]: "ola hansen " });
  assertEquals([A1, A2].map((id) => twins.text(id, nb)), [
    "Ola Hansen (…00a1)",
    "ola hansen (…00a2)",
  ]);
  for (const blank of ["", "   ", "\u00a0\u200b\u202e", "\u3164\u2800"]) {
    assertEquals(names({ [A1]: blank }).text(A1, nb), "Uten navn (…00a1)");
  }
});

Deno.test("visibleName() takes away what turns others around, and leaves everything else", () => {
  assertEquals(visibleName("Åse\u202e Eksempel\u2066"), "Åse Eksempel");
  assertEquals(visibleName("👩‍🦽 مريم O’Neil-Ås"), "👩‍🦽 مريم O’Neil-Ås");
});

Deno.test("matches() finds a name by its words in any order, and without their marks", () => {
  for (const search of ["hansen kari", "ase", "Kari  HANSEN", "æ", "oy"]) {
    assertEquals(matches("Kari Åse Hansen Ærøy", search), true, search);
  }
  assertEquals(matches("Kari Hansen", "kari olsen"), false);
});
