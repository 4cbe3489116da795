import { createHash } from "node:crypto";

export interface FileLine {
  /** Without its end. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/**
 * Reads a file line by line, memory flat, and tells its SHA-256 at the end. Lines end with a line
 * feed and nothing else; `isCut` says that the last did not.
 */
export async function* readLines(
  path: string,
): AsyncGenerator<FileLine, { readonly sha256: string; readonly isCut: boolean }> {
  const file = await Deno.open(path);
  const hash = createHash("sha256");
  // A byte that is no UTF-8 becomes another character, which no row admits.
  const decoder = new TextDecoder();
  let rest = "";
  let number = 0;
  for await (const bytes of file.readable) {
    hash.update(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, number: ++number };
  }
  rest += decoder.decode();
  if (rest !== "") yield { text: rest, number: ++number };
  return { sha256: hash.digest("hex"), isCut: rest !== "" };
}
