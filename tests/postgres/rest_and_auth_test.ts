import { restAndAuthCases } from "../pglite/rest_and_auth_cases.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

const server = await startPostgresServer();
Deno.test.afterAll(() => server.stop());

restAndAuthCases(
  "PostgreSQL",
  async () => openPostgresDatabase(await server.createDatabase(`rest_${crypto.randomUUID()}`)),
);
