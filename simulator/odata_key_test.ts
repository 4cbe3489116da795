import { assertEquals, assertThrows } from "@std/assert";
import { ODataError } from "./odata_error.ts";
import { parseListingKey, parseResourcePath } from "./odata_key.ts";
import { mentorId } from "./testing.ts";

Deno.test("parseResourcePath() splits and decodes a segment", () => {
  assertEquals(parseResourcePath("WhoAmI"), { name: "WhoAmI", key: null });
  assertEquals(parseResourcePath("set(key=%27a%20b%27)"), { name: "set", key: "key='a b'" });
  assertEquals(parseResourcePath("set()"), { name: "set", key: "" });
});

Deno.test("parseResourcePath() refuses broken encoding and parentheses", () => {
  assertThrows(() => parseResourcePath("set(%zz)"), ODataError, "percent");
  assertThrows(() => parseResourcePath("set(a"), ODataError, "parentheses");
});

Deno.test("parseListingKey() reads a guid, bare and by name", () => {
  const id = mentorId(1);
  assertEquals(parseListingKey(id.toUpperCase()), { kind: "guid", id });
  assertEquals(parseListingKey(`hlf_mentorlistingid=${id}`), { kind: "guid", id });
});

Deno.test("parseListingKey() reads an alternate key with doubled quotes", () => {
  assertEquals(parseListingKey(`hlf_mentorid='${mentorId(2)}'`), {
    kind: "alternate",
    mentorId: mentorId(2),
  });
  assertEquals(parseListingKey("hlf_mentorid='o''a'"), { kind: "alternate", mentorId: "o'a" });
});

for (
  const key of [
    "",
    "not-a-guid",
    "hlf_mentorid=unquoted",
    "hlf_mentorid=''",
    "hlf_mentorid='a'b'",
    "hlf_name='Kari'",
    `hlf_mentorlistingid='${mentorId(1)}'`,
    "hlf_mentorid='a/b'",
    "hlf_mentorid='a&b'",
    "hlf_mentorid='a+b'",
  ]
) {
  Deno.test(`parseListingKey() refuses (${key})`, () => {
    const error = assertThrows(() => parseListingKey(key), ODataError);
    assertEquals([error.status, error.code], [400, "0x80060888"]);
  });
}
