import { fileURLToPath } from "node:url";

/** The absolute path of a file of this project, wherever the command was started from. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}
