import type { Database } from "./database.types.ts";
import { type DatabaseClient, read, type Reader } from "./service_client.ts";

/**
 * Calls a function of the database over REST, and reads what it answers.
 *
 * @throws {DatabaseError} on every fault, with `invalid_answer` for an answer of another shape
 */
export async function callFunction<Name extends keyof Database["public"]["Functions"], T>(
  client: Pick<DatabaseClient, "rpc">,
  name: Name,
  args: Database["public"]["Functions"][Name]["Args"],
  schema: Reader<T>,
): Promise<T> {
  return read(name, await client.rpc(name, args), schema);
}
