import { projectPath } from "../../local/stack/project_path.ts";
import { readSqlFiles } from "../../local/stack/sql_files.ts";

/** What of hlf-sync goes into an app. */
export interface CoreFiles {
  /** In their order. */
  readonly migrations: readonly CoreMigration[];
  /** Its body; null before it was bundled. */
  readonly functionBundle: string;
  readonly contractTest: string;
  /** The adapter that is written once. */
  readonly adapter: string;
}

export interface CoreMigration {
  /** Without version and ending; the copy has it after its own version. */
  readonly name: string;
  readonly sql: string;
}

/** Which of the adapters is written. */
export type AdapterChoice = "template" | "b" | "c";

/** The module that may be left out. */
export const CERTIFICATIONS = "certifications";

/** The app that this project brings along for itself. */
const BUNDLED = ["bundled_app", "bundled_adapter"];
const CONTRACT_TEST = "supabase/tests/database/800_adapter_contract.sql";

/** Reads the files of this release. */
export async function readCore(
  adapter: AdapterChoice,
  functionBundle: string,
): Promise<CoreFiles> {
  const files = await readSqlFiles(projectPath("supabase/migrations"));
  const example = adapter === "template" ? "template" : `host_${adapter}`;
  return {
    migrations: files
      .map(({ name, sql }) => ({ name: name.replace(/^\d+_|\.sql$/g, ""), sql }))
      .filter(({ name }) => !BUNDLED.includes(name)),
    functionBundle,
    contractTest: await Deno.readTextFile(projectPath(CONTRACT_TEST)),
    adapter: await Deno.readTextFile(projectPath(`docs/guides/examples/${example}.sql`)),
  };
}
