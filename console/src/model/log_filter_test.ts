import { assertEquals } from "@std/assert";
import { readFilter, writeFilter } from "./log_filter.ts";

const NOW = new Date("2026-11-22T23:30:00Z");
const MENTOR = "00000000-0000-4000-8000-0000000000a1";

function read(query: string) {
  return readFilter(new URLSearchParams(query), NOW);
}

Deno.test("readFilter() shows the last thirty days of everybody, counted in Oslo", () => {
  assertEquals(read(""), {
    mentorId: null,
    outcome: null,
    from: "2026-10-25",
    to: "2026-11-23",
  });
});

Deno.test("readFilter() reads what writeFilter() wrote", () => {
  const filter = {
    mentorId: MENTOR,
    outcome: "dead_lettered",
    from: "2026-01-01",
    to: "2026-02-28",
  } as const;
  assertEquals(readFilter(writeFilter(filter), NOW), filter);
});

Deno.test("readFilter() leaves out what makes no sense", () => {
  assertEquals(
    read("mentor=eq.everybody&outcome=splendid&from=2026-02-30&to=soon"),
    read(""),
  );
  assertEquals(read("from=2026-12-24&to=2026-11-01").from, "2026-11-01");
  assertEquals(read("from=0202-11-01&to=9999-12-31"), read(""));
});
