import { assertEquals } from "@std/assert";
import { PeopleFinder } from "./find_people.ts";
import { inventPeople, mention, type Person, seededRandom } from "./people.ts";

const person: Person = {
  name: "Åse Qvernsksæter",
  email: "qvernsk.00001@folk.example",
  phone: "91200001",
  personnummer: "01819900001",
};

function finder(...people: Person[]): PeopleFinder {
  const made = new PeopleFinder();
  for (const each of people) made.add(each);
  return made;
}

Deno.test("find() finds every way to mention somebody", () => {
  const random = seededRandom(1);
  const people = inventPeople(random);
  for (let i = 0; i < 1000; i++) {
    const somebody = people.next().value;
    const text = mention(random, somebody);
    assertEquals(finder(somebody).find(`{"error": "${text}"}`).length > 0, true, text);
  }
});

Deno.test("find() sees through escapes, spaces, mangled letters and a code's beginning", () => {
  for (
    const text of [
      "%C3%85se%20Qvernsks%C3%A6ter",
      "\\u0051vernsks\\u00e6ter",
      "QVERNSKSÃ¦TER",
      "tel 912-00-001",
      "+47 91 20 00 01",
      "rejected code=0x91200001",
      "018199 00001",
    ]
  ) assertEquals(finder(person).find(text).length, 1, text);
});

Deno.test("find() finds nobody in ids, times and other people's numbers", () => {
  for (
    const text of [
      "91200001-0000-7000-8000-001819900001",
      "2026-11-23 03:40:91.200001+00",
      "rejected code=0x80040217 request=0f8fad5b-d9cb-469f-a165-70867728950e",
      "91200002",
    ]
  ) assertEquals(finder(person).find(text), [], text);
});
