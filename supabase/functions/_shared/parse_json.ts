/** `undefined` when the text is not JSON. A byte order mark is no part of it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF+/, ""));
  } catch {
    return undefined;
  }
}
