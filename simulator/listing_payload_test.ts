import { assertEquals, assertThrows } from "@std/assert";
import { parseListingPayload, publishedIn } from "./listing_payload.ts";
import { ODataError } from "./odata_error.ts";

Deno.test("parseListingPayload() reads columns and leaves annotations aside", () => {
  assertEquals(
    parseListingPayload('{"hlf_published":false,"hlf_name":"Ola","@odata.type":"x"}'),
    { published: false, name: "Ola" },
  );
  assertEquals(parseListingPayload("{}"), {});
  assertEquals(parseListingPayload('{"hlf_published":null}'), { published: null });
});

const REFUSED: readonly (readonly [string, string])[] = [
  ["", "0x80048d19"],
  ["{", "0x80048d19"],
  ["[]", "0x80048d19"],
  ["null", "0x80048d19"],
  ['{"hlf_published":"false"}', "0x80048d19"],
  ['{"hlf_name":7}', "0x80048d19"],
  ['{"hlf_mentorlistingid":"7"}', "0x80048d19"],
  ['{"hlf_publish":false}', "0x0"],
];
for (const [body, code] of REFUSED) {
  Deno.test(`parseListingPayload() refuses ${body || "nothing"} with ${code}`, () => {
    const error = assertThrows(() => parseListingPayload(body), ODataError);
    assertEquals([error.status, error.code], [400, code]);
  });
}

Deno.test("publishedIn() tells the value whatever else is wrong", () => {
  assertEquals(publishedIn('{"hlf_published":true,"unknown":1}'), true);
  assertEquals(publishedIn('{"hlf_published":"true"}'), null);
  assertEquals(publishedIn("hlf_published"), null);
  assertEquals(publishedIn(""), null);
});
