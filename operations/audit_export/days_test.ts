import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { dayAfter, daysBetween, monthsBetween, readDay } from "./days.ts";

Deno.test("readDay() takes days of the calendar only", () => {
  assertEquals(readDay("2028-02-29", "--from"), "2028-02-29");
  for (const text of ["2027-02-29", "2026-11-31", "2026-13-01", "1.11.2026", "2026-11-1", ""]) {
    assertThrows(() => readDay(text, "--from"), OperationError, "Cannot read --from");
  }
});

Deno.test("dayAfter() knows months and leap years", () => {
  assertEquals(dayAfter("2026-12-31"), "2027-01-01");
  assertEquals(dayAfter("2028-02-28"), "2028-02-29");
});

Deno.test("daysBetween() includes both ends", () => {
  assertEquals([...daysBetween("2026-11-29", "2026-12-01")], [
    "2026-11-29",
    "2026-11-30",
    "2026-12-01",
  ]);
  assertEquals([...daysBetween("2026-11-29", "2026-11-28")], []);
});

Deno.test("monthsBetween() cuts months to the range", () => {
  assertEquals(monthsBetween("2026-11-29", "2027-01-02"), [
    { month: "2026-11", from: "2026-11-29", to: "2026-11-30" },
    { month: "2026-12", from: "2026-12-01", to: "2026-12-31" },
    { month: "2027-01", from: "2027-01-01", to: "2027-01-02" },
  ]);
});
