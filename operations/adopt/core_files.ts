import { projectPath } from "../../local/stack/project_path.ts";
import { type CoreMigration, readCoreMigrations } from "../core_migrations.ts";

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

/** Which of the adapters is written. */
export type AdapterChoice = "template" | "b" | "c";

const CONTRACT_TEST = "supabase/tests/database/800_adapter_contract.sql";

/** Reads the files of this release. */
export async function readCore(
  adapter: AdapterChoice,
  functionBundle: string,
): Promise<CoreFiles> {
  const example = adapter === "template" ? "template" : `host_${adapter}`;
  return {
    migrations: await readCoreMigrations(),
    functionBundle,
    contractTest: await Deno.readTextFile(projectPath(CONTRACT_TEST)),
    adapter: await Deno.readTextFile(projectPath(`docs/guides/examples/${example}.sql`)),
  };
}
