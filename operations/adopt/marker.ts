import { createHash } from "node:crypto";

/** What a copied file says of itself in its first line. */
interface MarkedFile {
  readonly release: string;
  readonly body: string;
  /** Whether the body is another than the one that the line was written for. */
  readonly isEdited: boolean;
}

const FIRST_LINE = /^(?:--|\/\/) hlf-sync (\S+), not to be edited: sha256 ([0-9a-f]{64})\n/;

/**
 * Puts a first line before a file that says which release it is of, and its digest, so that an edited copy is found when the
 * release itself is no longer at hand.
 *
 * @param comment What begins a comment in the file's language.
 */
export function mark(body: string, release: string, comment: "--" | "//"): string {
  const plain = withPlainEnds(body);
  return `${comment} hlf-sync ${release}, not to be edited: sha256 ${digest(plain)}\n${plain}`;
}

/** Reads a marked file; null when it has no such line. */
export function readMarked(text: string): MarkedFile | null {
  const plain = withPlainEnds(text);
  const [line, release, wanted] = FIRST_LINE.exec(plain) ?? [];
  if (line === undefined || release === undefined) return null;
  const body = plain.slice(line.length);
  return { release, body, isEdited: digest(body) !== wanted };
}

/** Git may have given a copy the ends of lines that Windows has: that is no edit. */
function withPlainEnds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
