import { assertEquals, assertThrows } from "@std/assert";
import { StackError } from "../../stack/machine/errors.ts";
import { parseChaosArguments } from "./arguments.ts";

Deno.test("parseChaosArguments() takes 200 schedules from the first when nothing is said", () => {
  const { seeds, lanes } = parseChaosArguments([]);
  assertEquals([seeds.length, seeds[0], seeds.at(-1), lanes], [200, 1, 200, 4]);
});

Deno.test("parseChaosArguments() takes a range, or one seed", () => {
  assertEquals(parseChaosArguments(["--schedules", "3", "--from", "10"]).seeds, [10, 11, 12]);
  assertEquals(parseChaosArguments(["--seed", "77"]).seeds, [77]);
});

Deno.test("parseChaosArguments() adds seeds that are another day's no more", () => {
  const seedsOf = (day: string) =>
    parseChaosArguments(["--schedules", "2", "--daily", "3"], new Date(day)).seeds;
  assertEquals(seedsOf("2027-03-01T23:59:59Z"), [1, 2, 270301000, 270301001, 270301002]);
  assertEquals(seedsOf("2027-03-02T00:00:00Z").slice(2, 3), [270302000]);
});

Deno.test("parseChaosArguments() says what is wrong in one line", () => {
  assertThrows(
    () => parseChaosArguments(["--schedules", "many"]),
    StackError,
    '--schedules must be a whole number from 1, not "many"',
  );
  assertThrows(() => parseChaosArguments(["--sede", "1"]), StackError, "--sede");
});
