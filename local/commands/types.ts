/**
 * Writes the TypeScript types of the database anew; with `--check` only says whether they are current.
 *
 * @module
 */
import { startPostgresServer } from "../postgres/server.ts";
import { openPostgresDatabase } from "../stack/postgres_database.ts";
import { prepareDatabase } from "../stack/prepare_database.ts";
import { generateTypes, TYPES_PATH } from "./generate_types.ts";
import { runCommand } from "./run_command.ts";

async function generate(): Promise<string> {
  const server = await startPostgresServer();
  try {
    const database = await openPostgresDatabase(server.databaseUrl);
    await prepareDatabase(database);
    await database.close();
    return await generateTypes(server.databaseUrl);
  } finally {
    await server.stop();
  }
}

await runCommand(async () => {
  const current = await generate();
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(TYPES_PATH, current);
    console.log(`Wrote ${TYPES_PATH}`);
    return 0;
  }
  const committed = await Deno.readTextFile(TYPES_PATH).catch(() => "");
  if (committed === current) {
    console.log("The types of the database are current.");
    return 0;
  }
  console.error("The types of the database are not current; run: deno task types");
  return 1;
});
