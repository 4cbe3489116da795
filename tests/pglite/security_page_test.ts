import { assert, assertEquals } from "@std/assert";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPreparedPglite } from "../../stack/database/prepared_pglite.ts";
import { projectPath } from "../../stack/machine/project_path.ts";

const ROLES = ["anon", "authenticated", "service_role"] as const;

/** The rows of the page's table of privileges: which tables, and what each role may do. */
async function readPage(): Promise<readonly (readonly string[])[]> {
  const page = await Deno.readTextFile(projectPath("docs/explanation/security.md"));
  const [, table] = page.split(`| tables | ${ROLES.join(" | ")} |\n`);
  const [, ...rows] = table?.split("\n\n")[0]?.split("\n") ?? [];
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** What the page says of a table: where it is named, else of all in its schema. */
function cellsFor(rows: readonly (readonly string[])[], table: string): readonly string[] {
  const schema = table.split(".")[0];
  const found = rows.find(([tables]) => tables?.includes(`\`${table}\``)) ??
    rows.find(([tables]) => tables?.startsWith("every ") && tables.endsWith(`\`${schema}\``));
  return found?.slice(1) ?? [];
}

async function readPrivilegesOfTables(
  database: StackDatabase,
): Promise<{ table: string; cells: string[] }[]> {
  return await database.query(
    `select c.oid::regclass::text as table, array(
      select coalesce(
        (
          select string_agg(privilege || case
            when has_table_privilege(role, c.oid, privilege) then '' else ' (columns)' end, ', ' order by place)
          from unnest(array['select', 'insert', 'update', 'delete', 'truncate'])
            with ordinality as p (privilege, place)
          where has_table_privilege(role, c.oid, privilege)
            or place <= 3 and has_any_column_privilege(role, c.oid, privilege)
        ),
        '–'
      )
      from unnest($1::text::text[]) with ordinality as r (role, place) order by place
    ) as cells
    from pg_class as c
    where c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace)
      and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [`{${ROLES.join(",")}}`],
  );
}

for (const defaultPrivileges of ["closed", "open"] as const) {
  Deno.test(`docs/explanation/security.md says what each role may do where new tables are ${defaultPrivileges}`, async () => {
    const database = await openPreparedPglite({ defaultPrivileges });
    try {
      await database.run("set search_path to ''");
      const seen = await readPrivilegesOfTables(database);
      assert(seen.length > 20);
      const page = await readPage();
      assertEquals(
        seen.map(({ table }) => ({ table, cells: cellsFor(page, table) })),
        seen,
      );
    } finally {
      await database.close();
    }
  });
}
