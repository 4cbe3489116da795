/** The two parts of what stands behind the `#` of the address. */
export function splitHash(hash: string): { path: string; parameters: URLSearchParams } {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  return { path, parameters: new URLSearchParams(query) };
}

/** The organisation that an address is about; null where it does not say. */
export function organisationIn(hash: string): string | null {
  return splitHash(hash).parameters.get("org");
}
