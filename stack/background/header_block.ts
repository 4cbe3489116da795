/** What a server makes of the lines that pg_net sends before the body. */
interface ReceivedHeaders {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A line break in a value may end the headers early: what was to follow them, the body's length included, is lost. */
  readonly isCutShort: boolean;
  /** Whether a line is none that HTTP knows, which a server answers with 400. */
  readonly isMalformed: boolean;
}

/**
 * Headers as they arrive from libcurl, which writes the name, a colon and the value of each as they are: a line break in
 * a value ends its line, and a second one ends all headers.
 * <https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html#SECURITY>
 */
export function receiveHeaders(sent: Readonly<Record<string, string>>): ReceivedHeaders {
  const block = Object.entries(sent)
    // libcurl takes a name with nothing behind it for the wish to leave that header out.
    .filter(([, value]) => value.trim() !== "")
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const [before = "", ...after] = block.replaceAll("\r\n", "\n").split(/^\n/m);
  const lines = before.split("\n").filter((line) => line !== "");
  const parsed = lines.map((line) => line.match(/^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/));
  return {
    headers: parsed.flatMap((match) => match === null ? [] : [[match[1] ?? "", match[2] ?? ""]]),
    isCutShort: after.length > 0,
    isMalformed: parsed.includes(null),
  };
}
