import { getAuthSchemaSql } from "@supabase/lite";
import type { StackDatabase } from "./database.ts";
import { projectPath } from "./project_path.ts";
import { readSqlFiles } from "./sql_files.ts";

/**
 * Gives a bare database what a Supabase project has before its first migration: roles, default privileges, auth, and
 * pg_net, Vault and pg_cron or their stand-ins (see `bootstrap/`). Does nothing to what is there already.
 */
export async function bootstrapDatabase(database: StackDatabase): Promise<void> {
  for (const { sql } of await readSqlFiles(projectPath("local/stack/bootstrap"))) {
    await database.run(sql);
  }
  await database.run(getAuthSchemaSql());
}
