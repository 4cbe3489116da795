import { getAuthSchemaSql } from "@supabase/lite";
import type { StackDatabase } from "./database.ts";
import { projectPath } from "../machine/project_path.ts";
import { readSqlFiles } from "../machine/sql_files.ts";

/**
 * What the API roles get of each new object in `public`: nothing, as on hosted Supabase since 2026 (`closed`), or
 * everything, as before, and as in restored and self-hosted projects to this day (`open`).
 */
export type DefaultPrivileges = "closed" | "open";

/**
 * Gives a bare database what a Supabase project has before its first migration: roles, default privileges, auth, and
 * pg_net, Vault and pg_cron or their stand-ins (see `bootstrap/`). Does nothing to what is there already.
 */
export async function bootstrapDatabase(
  database: StackDatabase,
  options: { defaultPrivileges?: DefaultPrivileges } = {},
): Promise<void> {
  for (const { sql } of await readSqlFiles(projectPath("stack/database/bootstrap"))) {
    await database.runAsPlatform(sql);
  }
  await database.runAsPlatform(getAuthSchemaSql());
  if (options.defaultPrivileges === "open") {
    await database.runAsPlatform(
      await Deno.readTextFile(projectPath("stack/database/open_default_privileges.sql")),
    );
  }
}
