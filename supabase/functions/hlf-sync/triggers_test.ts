import { assertEquals } from "@std/assert";
import { parseTrigger } from "./triggers.ts";

const ID = "abcdef00-0000-0000-0000-00000000000a";
const TYPES = ["INSERT", "UPDATE", "DELETE", "sweep", "nightly", "health", "identify", "force_sync"]
  .map((type) => `"${type}"`).join(" | ");

Deno.test("parseTrigger() reads what a trigger names, and nothing else of the record beside it", () => {
  for (const type of ["INSERT", "UPDATE", "DELETE"]) {
    const record = { id: ID, full_name: "Kari Nordmann" };
    assertEquals(
      parseTrigger({
        type,
        table: "mentors",
        schema: "public",
        record,
        old_record: null,
      }) as unknown,
      { type, table: "mentors" },
    );
  }
  for (const type of ["sweep", "nightly", "health"]) {
    assertEquals(parseTrigger({ type, at: 1 }) as unknown, { type });
  }
  const identify = { type: "identify", question: ID } as const;
  assertEquals(parseTrigger(identify), identify);
  // Postgres writes uuids in lower case, whoever typed them.
  const forced = { type: "force_sync", mentor_id: ID.toUpperCase() };
  assertEquals(parseTrigger(forced), { type: "force_sync", mentor_id: ID });
});

const REFUSED: [body: unknown, ...problems: string[]][] = [
  [null, "body: expected Object"],
  [3, "body: expected Object"],
  ["sweep", "body: expected Object"],
  [[], "body: expected Object"],
  [[{ type: "sweep" }], "body: expected Object"],
  [{ table: "mentors" }, "type: is missing"],
  [JSON.parse('{"__proto__": {"type": "sweep"}}'), "type: is missing"],
  [{ type: "Kari" }, `type: expected ${TYPES}`],
  [{ type: "undefined" }, `type: expected ${TYPES}`],
  [{ type: ["sweep"] }, `type: expected ${TYPES}`],
  [{ type: { Kari: 1 } }, `type: expected ${TYPES}`],
  [{ type: "toString" }, `type: expected ${TYPES}`],
  [{ type: "UPDATE" }, "table: is missing"],
  [{ type: "UPDATE", table: "Kari" }, 'table: expected "mentors"'],
  [{ type: "identify" }, "question: is missing"],
  [{ type: "identify", question: 3 }, "question: expected string"],
  [{ type: "force_sync", mentor_id: "Kari" }, "mentor_id: expected uuid"],
  [{ type: "force_sync", mentor_id: `${ID}\n` }, "mentor_id: expected uuid"],
  [{ type: "force_sync", mentor_id: null }, "mentor_id: expected string"],
];

Deno.test("parseTrigger() names the field of every problem, and quotes no value", () => {
  for (const [body, ...problems] of REFUSED) {
    assertEquals(parseTrigger(body) as unknown, { problems }, JSON.stringify(body));
  }
});
