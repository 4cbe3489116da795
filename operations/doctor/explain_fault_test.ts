import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { z } from "zod";
import { explainFault } from "./explain_fault.ts";

function refusal(code: string): Error {
  // The driver makes these itself, from what the server sends.
  return Object.assign(Object.create(postgres.PostgresError.prototype), {
    name: "PostgresError",
    code,
    message: "hemmelig",
  });
}

Deno.test("explainFault() tells the code and what it means, and nothing of the server's text", () => {
  for (const code of ["42P01", "42883", "3F000", "42501", "22000", "25006", "57014", "XX000"]) {
    const text = explainFault(refusal(code));
    assertEquals([text.includes(code), text.includes("hemmelig")], [true, false], text);
  }
  assertEquals(
    explainFault(refusal("42501")),
    "the role of DATABASE_URL may not do this; connect as postgres (42501)",
  );
});

Deno.test("explainFault() explains what is no refusal", () => {
  const lost = Object.assign(new Error("write CONNECTION_CLOSED hemmelig:5432"), {
    code: "CONNECTION_CLOSED",
  });
  assertEquals(explainFault(lost), "The database cannot be reached (CONNECTION_CLOSED)");
  const shape = z.object({ a: z.string() }).safeParse({}).error;
  assertEquals(explainFault(shape), "the answer has another shape than this version knows");
  assertEquals(explainFault(new RangeError("hemmelig")), "something unforeseen (RangeError)");
  assertEquals(explainFault("hemmelig"), "something unforeseen (string)");
});
