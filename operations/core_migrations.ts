import { projectPath } from "../stack/machine/project_path.ts";
import { readSqlFiles } from "../stack/machine/sql_files.ts";

export interface CoreMigration {
  /** Without version and ending; an app's copy has it after a version of its own. */
  readonly name: string;
  readonly sql: string;
}

/** The module that an app may leave out. */
export const CERTIFICATIONS = "certifications";

/** The app that this project brings along for itself. */
const BUNDLED = ["bundled_app", "bundled_adapter"];

/** The migrations of this release that are every app's, in their order. */
export async function readCoreMigrations(): Promise<CoreMigration[]> {
  const files = await readSqlFiles(projectPath("supabase/migrations"));
  return files
    .map(({ name, sql }) => ({ name: name.replace(/^\d+_|\.sql$/g, ""), sql }))
    .filter(({ name }) => !BUNDLED.includes(name));
}
