import { assertEquals } from "@std/assert";
import { LONGEST_RETRY_AFTER_SECONDS, parseRetryAfter } from "./retry_after.ts";

const NOW = Date.UTC(2027, 2, 1, 12, 0, 0);

Deno.test("parseRetryAfter() reads seconds, also many and fractions", () => {
  assertEquals(parseRetryAfter("0", NOW), 0);
  assertEquals(parseRetryAfter("17", NOW), 17);
  assertEquals(parseRetryAfter(" 1800 ", NOW), 1800);
  assertEquals(parseRetryAfter("2.5", NOW), 2.5);
});

Deno.test("parseRetryAfter() reads an HTTP date as seconds from now", () => {
  assertEquals(parseRetryAfter("Mon, 01 Mar 2027 12:02:00 GMT", NOW), 120);
  assertEquals(parseRetryAfter("Monday, 01-Mar-27 12:02:00 GMT", NOW), 120);
});

Deno.test("parseRetryAfter() takes a date in the past for now", () => {
  assertEquals(parseRetryAfter("Mon, 01 Mar 2027 11:00:00 GMT", NOW), 0);
});

Deno.test("parseRetryAfter() answers null to what is missing or unreadable", () => {
  for (
    const value of [null, "", "soon", "-5", "1e9", "NaN", "12 parsecs", "Mon, 99 Foo 12:00:00"]
  ) {
    assertEquals(parseRetryAfter(value, NOW), null, `${value}`);
  }
});

Deno.test("parseRetryAfter() believes no header that asks for more than a day", () => {
  assertEquals(parseRetryAfter("99999999999", NOW), LONGEST_RETRY_AFTER_SECONDS);
  assertEquals(
    parseRetryAfter("Mon, 01 Mar 2100 12:00:00 GMT", NOW),
    LONGEST_RETRY_AFTER_SECONDS,
  );
});
