import { readBody } from "./read_body.ts";

/** An answer, read as far as the limit. */
export interface BoundedResponse {
  /** HTTP status. */
  readonly status: number;
  /** As they came. */
  readonly headers: Headers;
  /** The body as UTF-8, perhaps cut off. */
  readonly text: string;
  /** False when the body was longer than the limit; the rest was cancelled. */
  readonly complete: boolean;
}

/**
 * `fetch` with a timeout that includes the body, and a size limit. Faults are values, not exceptions:
 * a caller has to decide what they mean.
 *
 * @example
 * ```ts
 * import { fetchBounded } from "./fetch_bounded.ts";
 *
 * const limits = { timeoutSeconds: 10, bodyLimit: 65_536 };
 * await fetchBounded(fetch, "data:text/plain,hello", {}, limits); // 200 and "hello"
 * ```
 */
export async function fetchBounded(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  limits: { readonly timeoutSeconds: number; readonly bodyLimit: number },
): Promise<BoundedResponse | { readonly fault: "timeout" | "network" }> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limits.timeoutSeconds * 1000);
  try {
    const response = await fetch(url, { ...init, signal: abort.signal });
    const { text, complete } = await readBody(response, limits.bodyLimit);
    return { status: response.status, headers: response.headers, text, complete };
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    const late = abort.signal.aborted || name === "AbortError" || name === "TimeoutError";
    return { fault: late ? "timeout" : "network" };
  } finally {
    clearTimeout(timer);
  }
}
