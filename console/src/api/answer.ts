/**
 * A question to the database that was not answered. `signed_out`: the session is over.
 * `unreachable`: no answer came. `refused`: any other answer than the one hoped for.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(readonly code: "signed_out" | "unreachable" | "refused", cause: unknown) {
    super(`Cannot read from the database: ${code}`, { cause });
  }
}

interface Answer<T> {
  readonly data: T | null;
  readonly error: { readonly code?: string } | null;
  readonly status: number;
}

/**
 * The data of an answer.
 *
 * @throws {ApiError} when there is none
 */
export async function answerOf<T>(question: PromiseLike<Answer<T>>): Promise<T> {
  const { data, error, status } = await question;
  if (error === null && data !== null) return data;
  const isSignedOut = status === 401 || /^PGRST30[0-3]$/.test(error?.code ?? "");
  throw new ApiError(isSignedOut ? "signed_out" : status === 0 ? "unreachable" : "refused", error);
}

/** Supabase's default row limit per response. */
export const PAGE_SIZE = 1000;

/**
 * Reads page after page, each after the last row of the one before. It ends at an empty page, not at
 * a short one: a server may be set to give less than is asked for.
 */
export async function* readPages<T>(
  readPage: (after: T | null) => Promise<T[]>,
): AsyncGenerator<T[]> {
  let after: T | null = null;
  while (true) {
    const page: T[] = await readPage(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last;
  }
}

/** All rows of `readPages`. */
export async function readAll<T>(readPage: (after: T | null) => Promise<T[]>): Promise<T[]> {
  return (await Array.fromAsync(readPages(readPage))).flat();
}
