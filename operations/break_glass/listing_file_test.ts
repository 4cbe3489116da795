import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { renderListings } from "./listing_file.ts";
import { readMentorList } from "./mentor_list.ts";
import { mentorId } from "./testing.ts";
import { BOKMAL } from "./words/bokmal.ts";
import { ENGLISH } from "./words/english.ts";

const listings = [
  { key: mentorId(1), name: "Åse Oppdiktet", isShown: false },
  { key: mentorId(2).toUpperCase(), name: 'Per; "Pelle"\nPrøve', isShown: true },
  { key: "{x}", name: "Uten id", isShown: true },
  { key: mentorId(3), name: "=1+1", isShown: null },
];

Deno.test("renderListings() writes what a spreadsheet in Norway opens, the shown first", () => {
  assertEquals(renderListings(listings, BOKMAL).split("\r\n"), [
    "\ufeffmentor_id;operation;navn;vises",
    `${mentorId(3)};;"'=1+1";?`,
    `${mentorId(2)};;"Per; ""Pelle"" Prøve";ja`,
    `${mentorId(1)};;"Åse Oppdiktet";nei`,
    "",
  ]);
});

Deno.test("renderListings() writes a list that changes nobody until operations are filled in", () => {
  for (const words of [BOKMAL, ENGLISH]) {
    const text = renderListings(listings, words);
    assertThrows(() => readMentorList(text), OperationError, "line 2: no operation");
    const filled = text.replaceAll(";;", ";restore;");
    assertEquals(readMentorList(filled).orders.map(({ operation }) => operation), [
      ...["restore", "restore", "restore"],
    ]);
  }
});
