import { assertEquals, assertThrows } from "@std/assert";
import { ODataError } from "./odata_error.ts";
import { meets, pageSizeOf, parseListingQuery, project } from "./odata_query.ts";

const ROW = {
  access: "full" as const,
  id: "aaaaaaaa-1111-4111-8111-111111111111",
  mentorId: "bbbbbbbb-1111-4111-8111-111111111111",
  published: true,
  name: "Kari O'Prøve",
  version: 1,
  place: 1,
};

function filtered(filter: string): boolean {
  const { conditions } = parseListingQuery(`?$filter=${encodeURIComponent(filter)}`);
  return meets(ROW, conditions);
}

Deno.test("parseListingQuery() takes everything when nothing is asked", () => {
  assertEquals(parseListingQuery(""), {
    select: null,
    conditions: [],
    cursor: { page: 1, place: 0 },
    top: null,
  });
});

Deno.test("parseListingQuery() filters by text, boolean and guid", () => {
  assertEquals(filtered(`hlf_mentorid eq '${ROW.mentorId.toUpperCase()}'`), true);
  assertEquals(filtered("hlf_mentorid eq 'other'"), false);
  assertEquals(filtered("hlf_published eq true"), true);
  assertEquals(filtered("hlf_published ne true"), false);
  assertEquals(filtered(`hlf_mentorlistingid eq ${ROW.id}`), true);
  assertEquals(filtered("hlf_name eq 'kari o''prøve'"), true);
});

Deno.test("parseListingQuery() joins comparisons with and", () => {
  assertEquals(filtered("hlf_published eq true and hlf_mentorid ne 'x and y'"), true);
  assertEquals(filtered("hlf_published eq false and hlf_mentorid ne 'x'"), false);
});

Deno.test("project() gives the chosen columns and always the primary key", () => {
  const { select } = parseListingQuery("?$select=hlf_mentorid,%20hlf_published");
  assertEquals(project(ROW, select), {
    hlf_mentorid: ROW.mentorId,
    hlf_published: true,
    hlf_mentorlistingid: ROW.id,
  });
  assertEquals(Object.keys(project(ROW, null)).length, 4);
});

for (
  const search of [
    "?$skip=10",
    "?$select=fullname",
    "?$filter=fullname eq 'a'",
    "?$filter=hlf_mentorid eq unquoted",
    "?$filter=hlf_published eq 'true'",
    "?$filter=hlf_mentorlistingid eq 'x'",
    "?$filter=",
    "?$filter=hlf_published eq true and",
    "?$top=-1",
    "?$skiptoken=made-up",
  ]
) {
  Deno.test(`parseListingQuery() refuses ${search}`, () => {
    assertEquals(assertThrows(() => parseListingQuery(search), ODataError).status, 400);
  });
}

for (const search of ["?$orderby=hlf_name", "?$filter=hlf_published eq true or hlf_name eq 'a'"]) {
  Deno.test(`parseListingQuery() owns up to not simulating ${search}`, () => {
    assertEquals(assertThrows(() => parseListingQuery(search), ODataError).status, 501);
  });
}

Deno.test("pageSizeOf() holds the preference to 5,000 and says what it applied", () => {
  assertEquals(pageSizeOf(undefined), { size: 5_000, applied: null });
  assertEquals(pageSizeOf("odata.maxpagesize=0"), { size: 5_000, applied: null });
  assertEquals(pageSizeOf('odata.include-annotations="*",odata.maxpagesize=2'), {
    size: 2,
    applied: "odata.maxpagesize=2",
  });
  assertEquals(pageSizeOf("odata.maxpagesize=9000").size, 5_000);
});
