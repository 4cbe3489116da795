// lite names the driver as an optional peer, which Deno gives it only when the program asks for it too.
import "postgres";
import { createPostgresConnection } from "@supabase/lite/postgres";
import type { StackDatabase } from "./database.ts";

/**
 * Opens a database on a PostgreSQL server as a superuser. Each query takes a connection of a pool.
 *
 * @param url Such as `postgresql://postgres@127.0.0.1:5432/postgres`.
 */
export async function openPostgresDatabase(url: string): Promise<StackDatabase> {
  const connection = createPostgresConnection({
    url,
    postgresOptions: { max: 20, onnotice: () => {} },
  });
  const sql = connection.driver;
  // The pool connects lazily; a wrong address should be told now.
  await sql`select 1`;
  return {
    kind: "postgres",
    connection,
    query: async <T>(text: string, parameters: readonly unknown[] = []) => {
      const rows = await sql.unsafe(text, [...parameters] as never[]);
      return [...rows] as T[];
    },
    run: async (script) => {
      await sql.unsafe(script);
    },
    exclusively: async (use) => await use(),
    listen: async (channel, onNotify) => {
      await sql.listen(channel, onNotify);
    },
    withCurrentTypes: async () => {
      await sql.end({ timeout: 5 });
      return await openPostgresDatabase(url);
    },
    expose: () => Promise.resolve({ url, stop: () => Promise.resolve() }),
    close: () => sql.end({ timeout: 5 }),
  };
}
