import { startPostgresServer } from "./postgres/server.ts";
import { StackError } from "./machine/errors.ts";
import { startStack } from "./stack.ts";
import { DEFAULT_PORTS, type Stack, type StackOptions } from "./stack_types.ts";

/**
 * Which database the environment asks for: `HLF_DB` is `pglite` (or nothing) or `postgres`.
 *
 * @throws {StackError} `bad_setting`
 */
export function readDatabaseKind(value = Deno.env.get("HLF_DB")): "pglite" | "postgres" {
  if (value === undefined || value === "" || value === "pglite") return "pglite";
  if (value === "postgres") return "postgres";
  throw new StackError(`HLF_DB must be pglite or postgres, not "${value}"`, "bad_setting");
}

/**
 * Starts a stack on the database that `HLF_DB` names. A server is started for the stack alone, so that pg_cron, which
 * works in one database of a server, works in this one; it ends with the stack. There `POSTGREST` may name the program that is to
 * take the place of its stand-in.
 *
 * @throws {StackError}
 */
export async function startConfiguredStack(
  options: Omit<StackOptions, "database"> = {},
): Promise<Stack> {
  if (readDatabaseKind() === "pglite") return await startStack(options);
  options.progress?.("Starting a PostgreSQL server");
  const server = await startPostgresServer({
    ...(options.ports === "default" ? { port: DEFAULT_PORTS.database } : {}),
    runsJobs: options.cron !== "by hand",
  });
  try {
    const stack = await startStack({
      ...options,
      database: { kind: "postgres", url: server.databaseUrl, postgrest: Deno.env.get("POSTGREST") },
    });
    return {
      ...stack,
      stop: async () => {
        await stack.stop();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
