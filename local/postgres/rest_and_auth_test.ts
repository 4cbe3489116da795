import { restAndAuthCases } from "../stack/rest_and_auth_cases.ts";
import { openPostgresDatabase } from "../stack/postgres_database.ts";
import { startPostgresServer } from "./server.ts";

const server = await startPostgresServer();
Deno.test.afterAll(() => server.stop());

restAndAuthCases(
  "PostgreSQL",
  async () => openPostgresDatabase(await server.createDatabase(`rest_${crypto.randomUUID()}`)),
);
