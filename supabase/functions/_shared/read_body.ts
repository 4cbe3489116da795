/**
 * Reads a body as text and stops at the limit: the rest is cancelled unread.
 *
 * @param source a request or a response
 * @param limit in bytes
 */
export async function readBody(
  source: { readonly body: ReadableStream<Uint8Array> | null },
  limit: number,
): Promise<{ readonly text: string; readonly complete: boolean }> {
  if (source.body === null) return { text: "", complete: true };
  const reader = source.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), complete: true };
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      return { text, complete: false };
    }
    text += decoder.decode(value, { stream: true });
  }
}
