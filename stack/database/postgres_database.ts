// lite names the driver as an optional peer, which Deno gives it only when the program asks for it, too.
import postgres from "postgres";
import { createPostgresConnection } from "@supabase/lite/postgres";
import type { StackDatabase } from "./database.ts";

/** Whom Supabase's own image calls its superuser; on our servers its password is that of `postgres`. */
export const PLATFORM_USER = "supabase_admin";
/** Whom PostgREST logs in as, before it takes the role of the caller. */
export const REST_USER = "authenticator";

/**
 * Opens a database on a PostgreSQL server as its owner. Each query takes a connection of a pool.
 *
 * @param url Such as `postgresql://postgres@127.0.0.1:5432/postgres`. Of a superuser it is one of a server that is not ours.
 */
export async function openPostgresDatabase(url: string): Promise<StackDatabase> {
  const postgresOptions = { max: 20, onnotice: () => {} };
  const connection = createPostgresConnection({ url, postgresOptions });
  const sql = connection.driver;
  // The pool connects lazily; a wrong address should be told now.
  const [who] =
    await sql`select rolsuper as "isSuperuser" from pg_roles where rolname = current_user`;
  // Whoever owns the server is every role there; only a server of ours has a login for each.
  const as = (user: string) => who?.isSuperuser === true ? url : withUser(url, user);
  const restConnection = createPostgresConnection({ url: as(REST_USER), postgresOptions });
  return {
    kind: "postgres",
    connection,
    restConnection,
    query: async <T>(text: string, parameters: readonly unknown[] = []) => {
      const rows = await sql.unsafe(text, [...parameters] as never[]);
      return [...rows] as T[];
    },
    run: async (script) => {
      await sql.unsafe(script);
    },
    runAsPlatform: async (script) => {
      const platform = postgres(as(PLATFORM_USER), { max: 1, onnotice: () => {} });
      try {
        await platform.unsafe(script);
      } finally {
        await platform.end({ timeout: 5 });
      }
    },
    exclusively: async (use) => await use(),
    listen: async (channel, onNotify) => {
      await sql.listen(channel, onNotify);
    },
    withCurrentTypes: async () => {
      await close();
      return await openPostgresDatabase(url);
    },
    expose: () => Promise.resolve({ url, stop: () => Promise.resolve() }),
    close,
  };

  async function close(): Promise<void> {
    await Promise.all([sql.end({ timeout: 5 }), restConnection.driver.end({ timeout: 5 })]);
  }
}

/** The URL of a database on a server of ours as the platform's superuser, who has no timeout either. */
export function asPlatform(url: string): string {
  return withUser(url, PLATFORM_USER);
}

function withUser(url: string, user: string): string {
  const other = new URL(url);
  other.username = user;
  return other.href;
}
