import { assertAlmostEquals, assertEquals } from "@std/assert";
import { readRetryAfter } from "./retry_after.ts";

const NOW = Date.UTC(2026, 10, 1, 12, 0, 0);

function read(value: string, name = "retry-after"): number | null {
  return readRetryAfter(new Headers({ [name]: value }), NOW);
}

const WAITS: [string, number | null][] = [
  ["30", 30],
  [" 30 ", 30],
  ["17.5", 17.5],
  ['"45"', 45],
  ["120 seconds", 120],
  ["120s", 120],
  // A proxy that repeats the header, or two servers that each have a word: the longest counts.
  ["120, 120", 120],
  ["5, 120, 30", 120],
  ["120, Sun, 01 Nov 2026 12:05:00 GMT", 300],
  ["Sun, 01 Nov 2026 12:00:10 GMT, 120", 120],
  ["soon, 60", 60],
  ["-5, 60", 60],
  // The three forms of an HTTP date, and others that servers write.
  ["Sun, 01 Nov 2026 12:01:30 GMT", 90],
  ["Sunday, 01-Nov-26 12:01:30 GMT", 90],
  ["Sun Nov  1 12:01:30 2026", 90],
  ["01 Nov 2026 12:01:30 GMT", 90],
  ["2026-11-01T12:01:30Z", 90],
  ["2026-11-01T12:01:30", 90],
  // A .NET timespan.
  ["00:02:00", 120],
  ["00:00:17.5", 17.5],
  ["1.00:00:00", 86_400],
  // Nothing that asks for a wait.
  ["0", null],
  ["-5", null],
  ["-00:02:00", null],
  ["Wed, 21 Oct 2015 07:28:00 GMT", null],
  ["Sun, 01 Nov 2026 12:00:00 GMT", null],
  ["", null],
  ["soon", null],
  ["1e3", null],
  ["NaN", null],
  ["Infinity", null],
  // What is too long is read as it stands; who waits has a cap.
  ["3600000", 3_600_000],
  ["999999999", 999_999_999],
];

for (const [value, seconds] of WAITS) {
  Deno.test(`readRetryAfter() ${JSON.stringify(value)} → ${seconds}`, () => {
    const read_ = read(value);
    if (seconds === null) assertEquals(read_, null);
    else assertAlmostEquals(read_ ?? NaN, seconds);
  });
}

Deno.test("readRetryAfter() takes the longest of all headers that say something", () => {
  const headers = new Headers({ "retry-after": "10", "x-ms-retry-after-ms": "45000" });
  assertAlmostEquals(readRetryAfter(headers, NOW) ?? NaN, 45);
  headers.append("retry-after", "120");
  assertEquals(readRetryAfter(headers, NOW), 120);
  assertEquals(readRetryAfter(new Headers(), NOW), null);
});
