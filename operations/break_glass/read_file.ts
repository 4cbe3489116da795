import { OperationError } from "../errors.ts";

/** @throws {OperationError} `unreadable` */
export async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new OperationError("unreadable", `Cannot read ${path}`, { cause: error });
  }
}
