import { assert, assertEquals } from "@std/assert";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPreparedPglite } from "../../stack/database/prepared_pglite.ts";
import { projectPath } from "../../stack/machine/project_path.ts";

const page = await Deno.readTextFile(projectPath("docs/explanation/architecture.md"));

function picture(kind: string): string {
  return page.split(`\`\`\`mermaid\n${kind}\n`)[1]?.split("```")[0] ?? "";
}

async function withDatabase(use: (database: StackDatabase) => Promise<void>): Promise<void> {
  const database = await openPreparedPglite();
  try {
    await use(database);
  } finally {
    await database.close();
    // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
    Deno.exitCode = 0;
  }
}

/** Every row that a mentor may have, as far as states differ by it. */
function* rows() {
  for (const due_at of [null, "2026-11-01"]) {
    for (const in_flight_attempt_id of [null, crypto.randomUUID()]) {
      for (const dead_lettered_at of [null, "2026-11-01"]) {
        for (const confirmed_operation of [null, "remove", "restore"]) {
          yield {
            wanted_operation: "remove",
            confirmed_operation,
            due_at,
            in_flight_attempt_id,
            dead_lettered_at,
          };
        }
      }
    }
  }
}

Deno.test("every row of hlf_sync_state is in exactly one of the states that the page draws", async () => {
  const states = new Map(
    [...page.matchAll(/^\| `(\w+)` \| `([^`]+ null[^`]*|[^`]+ distinct from [^`]+)` \|$/gm)]
      .map(([, state = "", condition = ""]) => [state, condition]),
  );
  const drawn = new Set(
    [...picture("stateDiagram-v2").matchAll(/^\s*(\S+) --> (\w+):/gm)].flatMap(([, from, to]) =>
      [from, to].filter((state) => state !== "[*]")
    ),
  );
  assertEquals([...drawn].sort(), [...states.keys()].sort());
  const conditions = [...states].map(([state, condition]) =>
    `select '${state}' as state where ${condition}`
  );
  await withDatabase(async (database) => {
    const found = await database.query<{ states: string[] }>(
      `select array(${conditions.join(" union all ")}) as states
      from jsonb_populate_recordset(null::public.hlf_sync_state, $1)`,
      [[...rows()]],
    );
    assertEquals(found.filter((row) => row.states.length !== 1), []);
    assertEquals(new Set(found.flatMap((row) => row.states)), new Set(states.keys()));
  });
});

Deno.test("the tables that the page draws are there, and so are the columns that refer", async () => {
  const lines = [...picture("erDiagram").matchAll(/^\s*(\w+) \S+ (\w+) : (\w+)$/gm)];
  assert(lines.length > 10);
  await withDatabase(async (database) => {
    const columns = await database.query<{ relname: string; attname: string }>(
      `select c.relname, a.attname from pg_class as c join pg_attribute as a on a.attrelid = c.oid
      where c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace) and c.relkind in ('r', 'p')`,
    );
    const has = (table = "", column?: string) =>
      columns.some(({ relname, attname }) =>
        relname === table && (column === undefined || attname === column)
      );
    for (const [line, from, to, column] of lines) assert(has(from) && has(to, column), line);
  });
});
