import type postgres from "postgres";
import { z } from "zod";
import type { Check, Finding } from "./finding.ts";
import { madeObjects, type Migration } from "./read_migrations.ts";
import { rows } from "./rows.ts";

/** Whether the database is as new as this version of the project. */
export function migrationsCheck(sql: postgres.Sql, migrations: readonly Migration[]): Check {
  return {
    title: "All migrations are applied",
    run: async () => {
      const applied = new Set(await readHistory(sql));
      const missing = migrations.filter(({ version }) => !applied.has(version));
      const unnoted = new Set<Migration>();
      for (const migration of missing) if (await isThere(sql, migration)) unnoted.add(migration);
      // A logical backup has no history, and what is there already cannot be made again.
      const repair = ["npx supabase@3.1.0 migration repair --status applied"]
        .concat([...unnoted].map(({ version }) => version), "--remote").join(" ");
      return {
        findings: missing.map((migration): Finding => ({
          problem: `Migration ${migration.version} is not applied${
            unnoted.has(migration) ? " by its history, but what it makes is there" : ""
          }.`,
          remedy: { run: unnoted.has(migration) ? repair : "npx supabase@3.1.0 db push --remote" },
        })),
      };
    },
  };
}

const name = z.object({ name: z.string() });

/** The versions that are noted as applied; none where nobody ever applied any. */
async function readHistory(sql: postgres.Sql): Promise<string[]> {
  const [history] = await rows(
    z.object({ exists: z.boolean() }),
    sql`select to_regclass('supabase_migrations.schema_migrations') is not null as exists`,
  );
  if (history?.exists !== true) return [];
  const versions = await rows(
    name,
    sql`select version as name from supabase_migrations.schema_migrations`,
  );
  return versions.map((row) => row.name);
}

/** Whether everything that a migration makes is there, although nobody noted that it was applied. */
async function isThere(sql: postgres.Sql, migration: Migration): Promise<boolean> {
  const objects = madeObjects(migration);
  const found = await rows(
    z.object({ exists: z.boolean() }),
    sql`
      select case kind
        when 'relation' then to_regclass(name) is not null
        when 'type' then to_regtype(name) is not null
        else exists (
          select from pg_proc as p
          join pg_namespace as n on n.oid = p.pronamespace
          where format('%s.%s', n.nspname, p.proname) = name
        )
      end as exists
      from unnest(
        ${objects.map((object) => object.kind)}::text[], ${
      objects.map((object) => object.name)
    }::text[]
      ) as made (kind, name)`,
  );
  return found.length > 0 && found.every(({ exists }) => exists);
}
