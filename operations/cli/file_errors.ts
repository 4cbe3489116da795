import { constants } from "node:os";
import { OperationError, type OperationErrorCode } from "./errors.ts";

/** What is said of files, in one language. */
export interface FileWords {
  readonly unreadable: (path: string, why: string) => string;
  readonly unwritable: (path: string, why: string) => string;
  /** What the operating system may say of a file that is read or written, and what it means. */
  readonly reasons: Readonly<Record<string, string>>;
}

export const FILE_WORDS: FileWords = {
  unreadable: (path, why) => `Cannot read ${path}: ${why}`,
  unwritable: (path, why) => `Cannot write ${path}: ${why}`,
  reasons: {
    EACCES: "permission denied",
    EDQUOT: "the quota of the disk is used up",
    EEXIST: "there is a file of that name",
    EFBIG: "the file would be too large",
    EIO: "the disk or the terminal does not answer",
    EISDIR: "it is a directory",
    EMFILE: "too many files are open",
    ENAMETOOLONG: "the name is too long",
    ENOENT: "there is no such file or directory",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of the path is a file, not a directory",
    EPERM: "permission denied",
    EPIPE: "whoever read it has gone (broken pipe)",
    EROFS: "the disk is read-only",
  },
};

/** Why a file could not be read or written, in words; null for an error that is not of files. */
export function explainFileError(error: unknown, words = FILE_WORDS): string | null {
  if (!(error instanceof Error)) return null;
  // Deno's own error class has no code where a right was not given to the process.
  const code = error instanceof Deno.errors.NotCapable ? "EACCES" : codeOf(error);
  return words.reasons[code] ?? null;
}

/** Deno gives codes to the better known errors only; the others have their number in the message. */
function codeOf(error: Error): string {
  if ("code" in error && error.code !== undefined) return String(error.code);
  const number = Number(/\(os error (\d+)\)/.exec(error.message)?.[1]);
  return Object.entries(constants.errno).find(([, errno]) => errno === number)?.[0] ?? "";
}

/**
 * Does something with a file, and says what stood in the way.
 *
 * @throws {OperationError} with `code`, for faults of files only
 */
export async function withFile<T>(
  code: OperationErrorCode & ("unreadable" | "unwritable"),
  path: string,
  work: () => Promise<T>,
  words = FILE_WORDS,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = explainFileError(error, words);
    if (reason === null) throw error;
    throw new OperationError(code, words[code](path, reason), { cause: error });
  }
}
