import { startPostgresServer } from "../stack/postgres/server.ts";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { prepareDatabase } from "../stack/database/prepare_database.ts";

/** A file that is generated from a database with the migrations. */
interface GeneratedFile {
  readonly path: string;
  /** What is in it, in the plural. */
  readonly content: string;
  /** The task that writes it. */
  readonly task: string;
  generate(databaseUrl: string): Promise<string>;
}

/**
 * Writes a generated file anew; with `--check` among the arguments only says whether it is current.
 *
 * @returns the exit code
 */
export async function writeGenerated(
  { path, content, task, generate }: GeneratedFile,
  args: readonly string[],
): Promise<number> {
  const current = await withPreparedDatabase(generate);
  if (!args.includes("--check")) {
    await Deno.writeTextFile(path, current);
    console.log(`Wrote ${path}`);
    return 0;
  }
  const committed = await Deno.readTextFile(path).catch(() => "");
  if (committed === current) {
    console.log(`The ${content} are current.`);
    return 0;
  }
  console.error(`The ${content} are not current; run: deno task ${task}`);
  return 1;
}

async function withPreparedDatabase<T>(use: (databaseUrl: string) => Promise<T>): Promise<T> {
  const server = await startPostgresServer({ runsJobs: false });
  try {
    const database = await openPostgresDatabase(server.databaseUrl);
    await prepareDatabase(database);
    await database.close();
    return await use(server.databaseUrl);
  } finally {
    await server.stop();
  }
}
