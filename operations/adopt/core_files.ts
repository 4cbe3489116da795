import { projectPath } from "../../stack/machine/project_path.ts";
import { CERTIFICATIONS, type CoreMigration, readCoreMigrations } from "../core_migrations.ts";
import { readSqlFiles } from "../../stack/machine/sql_files.ts";
import { CONTRACT_TEST, TESTS } from "./host_files.ts";

/** What of hlf-sync goes into an app. */
export interface CoreFiles {
  /** In their order. */
  readonly migrations: readonly CoreMigration[];
  /** Its body; null before it was bundled. */
  readonly functionBundle: string;
  readonly tests: readonly CoreTest[];
  /** The adapter that is written once. */
  readonly adapter: string;
}

export interface CoreTest {
  /** Where it lies in an app. */
  readonly path: string;
  readonly sql: string;
  /** Whether it is of the module on certifications. */
  readonly isOfCertifications: boolean;
}

/** Which of the adapters is written. */
export type AdapterChoice = "template" | "b" | "c";

const TESTS_HERE = "supabase/tests/database";
const CONTRACT_HERE = "800_adapter_contract.sql";
/** How this project's SQL is written, and what is tested of its app. */
const TESTS_OF_OURS = ["900_conventions.sql", "950_bundled_app.sql"];

/** Reads the files of this release. */
export async function readCore(
  adapter: AdapterChoice,
  functionBundle: string,
): Promise<CoreFiles> {
  const tests = await readSqlFiles(projectPath(TESTS_HERE));
  const example = adapter === "template" ? "template" : `host_${adapter}`;
  return {
    migrations: await readCoreMigrations(),
    functionBundle,
    tests: tests.filter(({ name }) => !TESTS_OF_OURS.includes(name)).map(({ name, sql }) => ({
      path: name === CONTRACT_HERE ? CONTRACT_TEST : `${TESTS}/${name}`,
      sql,
      isOfCertifications: name.endsWith(`_${CERTIFICATIONS}.sql`),
    })),
    adapter: await Deno.readTextFile(projectPath(`docs/guides/examples/${example}.sql`)),
  };
}
