import { assertEquals } from "@std/assert";
import { addDays, dayOf, daysBetween, isDay, parseTimestamp, startOfDay } from "./moment.ts";

Deno.test("parseTimestamp() reads both forms that REST writes", () => {
  const expected = Date.parse("2026-11-23T03:12:27.295Z");
  for (
    const text of [
      "2026-11-23 03:12:27.295+00",
      "2026-11-23T03:12:27.295+00:00",
      "2026-11-23T04:12:27.295+01",
      "2026-11-23T03:12:27.295Z",
    ]
  ) assertEquals(parseTimestamp(text)?.getTime(), expected, text);
});

Deno.test("parseTimestamp() gives null for what is no moment", () => {
  assertEquals(parseTimestamp(null), null);
  assertEquals(parseTimestamp("infinity"), null);
});

Deno.test("dayOf() counts in Europe/Oslo, summer and winter", () => {
  assertEquals(dayOf(new Date("2026-11-22T23:30:00Z")), "2026-11-23");
  assertEquals(dayOf(new Date("2026-06-22T22:30:00Z")), "2026-06-23");
  assertEquals(dayOf(new Date("2026-06-22T21:30:00Z")), "2026-06-22");
});

Deno.test("startOfDay() is midnight in Europe/Oslo, on the days the clock changes too", () => {
  assertEquals(startOfDay("2026-11-23").toISOString(), "2026-11-22T23:00:00.000Z");
  assertEquals(startOfDay("2026-07-01").toISOString(), "2026-06-30T22:00:00.000Z");
  assertEquals(startOfDay("2026-03-29").toISOString(), "2026-03-28T23:00:00.000Z");
  assertEquals(startOfDay("2026-03-30").toISOString(), "2026-03-29T22:00:00.000Z");
  assertEquals(startOfDay("2026-10-25").toISOString(), "2026-10-24T22:00:00.000Z");
  assertEquals(startOfDay("2026-10-26").toISOString(), "2026-10-25T23:00:00.000Z");
});

Deno.test("addDays() and daysBetween() count calendar days", () => {
  assertEquals(addDays("2026-03-28", 2), "2026-03-30");
  assertEquals(addDays("2027-01-01", -1), "2026-12-31");
  assertEquals(daysBetween("2026-03-28", "2026-03-30"), 2);
  assertEquals(daysBetween("2026-03-28", "2026-03-28"), 0);
});

Deno.test("isDay() admits days that exist and nothing else", () => {
  assertEquals(isDay("2028-02-29"), true);
  assertEquals(isDay("2026-02-29"), false);
  assertEquals(isDay("2026-2-9"), false);
  assertEquals(isDay("yesterday"), false);
});
