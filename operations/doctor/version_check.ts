import type postgres from "postgres";
import { z } from "zod";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";
import { type Check, check, type Finding, found } from "./finding.ts";
import { rows } from "./rows.ts";

const PUSH = { run: "npx supabase@3.1.0 db push --remote" };

/** Whether the schema is the one that this release expects. */
export function versionCheck(sql: postgres.Sql): Check {
  return check("The schema is that of this release, and its history is kept", async () => {
    const version = await readVersion(sql);
    if (version === null) {
      return found("hlf-sync's migrations are not, or not all, applied.", PUSH);
    }
    const findings: Finding[] = [];
    if (version !== RELEASE) {
      findings.push({
        problem: `The schema is of release ${version}, and this doctor of ${RELEASE}.`,
        remedy: {
          advice: "Run the doctor of the schema's release; or upgrade the schema: " +
            "`deno task adopt`, then `npx supabase@3.1.0 db push --remote`.",
        },
      });
    }
    if (!await hasHistory(sql)) {
      findings.push({
        problem:
          "The history of migrations is lost, as after a logical backup: the next push would make all of it anew.",
        remedy: { run: "npx supabase@3.1.0 migration repair --status applied --remote" },
      });
    }
    return { findings };
  });
}

/** What the schema says of itself; null where its last migration is not applied. */
async function readVersion(sql: postgres.Sql): Promise<string | null> {
  const stated = await sql`select where to_regprocedure('hlf_sync.version()') is not null`;
  if (stated.length === 0) return null;
  const [row] = await rows(
    z.object({ version: z.string() }),
    sql`select hlf_sync.version() as version`,
  );
  return row?.version ?? null;
}

async function hasHistory(sql: postgres.Sql): Promise<boolean> {
  const table = await sql`
    select where to_regclass('supabase_migrations.schema_migrations') is not null`;
  if (table.length === 0) return false;
  const applied = await sql`select from supabase_migrations.schema_migrations limit 1`;
  return applied.length > 0;
}
