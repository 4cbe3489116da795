import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { overPostgrest, startPostgrest } from "../../stack/rest/postgrest.ts";
import { createRestAndAuth } from "../../stack/rest/rest_and_auth.ts";
import { restAndAuthCases } from "../pglite/rest_and_auth_cases.ts";

const server = await startPostgresServer();
Deno.test.afterAll(() => server.stop());

const open = async () =>
  openPostgresDatabase(await server.createDatabase(`rest_${crypto.randomUUID()}`));

restAndAuthCases("PostgreSQL", open);

// The same of the real one, where there is one to ask.
const binary = Deno.env.get("POSTGREST");
if (binary !== undefined) {
  restAndAuthCases("PostgREST", open, async (database, keys) => {
    const { url } = await database.expose(0);
    const postgrest = await startPostgrest(binary, url, keys.jwtSecret);
    const restAndAuth = overPostgrest(createRestAndAuth(database, keys), postgrest, keys);
    return { restAndAuth, stop: () => postgrest.stop() };
  });
}
