import { createHash } from "node:crypto";

/** What is known of a file once all of it was read. */
interface FileEnd {
  readonly sha256: string;
  /** The last line has no end. */
  readonly isCut: boolean;
  /** A line was longer than any row, so the rest was not taken for lines. */
  readonly isTooLong: boolean;
}

/** A row has 300 characters at most. */
const LONGEST_LINE = 4096;

/**
 * Reads a file line by line, memory flat, and tells its SHA-256 at the end. Lines end with a line
 * feed and nothing else.
 *
 * @param onLine is given each line without its end
 */
export async function readLines(path: string, onLine: (text: string) => void): Promise<FileEnd> {
  const file = await Deno.open(path);
  const hash = createHash("sha256");
  // A byte that is no UTF-8 becomes another character, which no row admits.
  const decoder = new TextDecoder();
  let rest = "";
  let isTooLong = false;
  for await (const bytes of file.readable) {
    hash.update(bytes);
    // Looking for a line feed in an ever longer rest takes a time that grows with its square.
    if (isTooLong) continue;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) onLine(text);
    isTooLong = rest.length > LONGEST_LINE;
  }
  if (!isTooLong) rest += decoder.decode();
  const isCut = !isTooLong && rest !== "";
  if (isCut) onLine(rest);
  return { sha256: hash.digest("hex"), isCut, isTooLong };
}
