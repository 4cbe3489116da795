import { OperationError } from "../cli/errors.ts";

/** A quote with which no value is changed, in the order of preference: what stands between them is taken as it is. */
const QUOTES = ["'", "`", '"'];

/** Without quotes only this is taken as it is, by the Supabase CLI and by Deno alike. */
const PLAIN = /^[\w./:@%+,=~-]*$/;

/** In double quotes these two are read as line breaks. */
const ESCAPED_BREAK = /\\[nr]/;

/**
 * Writes settings as a file for `secrets set --env-file`, so that each value arrives as it is: without quotes the Supabase
 * CLI cuts at `#` and strips blanks and quotes.
 *
 * @throws {OperationError} `usage` where a value cannot be written so, which names the setting and not its value
 */
export function formatEnvFile(settings: Readonly<Record<string, string>>): string {
  // A backslash before the closing quote is taken for an escape if that quote occurs further down: such a value comes last.
  const entries = Object.entries(settings);
  const endsOpen = ([, value]: [string, string]) => value.endsWith("\\");
  const last = entries.filter(endsOpen);
  if (last.length > 1) throw unwritable(last.map(([name]) => name).join(" and "));
  return [...entries.filter((entry) => !endsOpen(entry)), ...last]
    .map(([name, value]) => `${name}=${quote(name, value)}\n`).join("");
}

function quote(name: string, value: string): string {
  if (PLAIN.test(value)) return value;
  const mark = QUOTES.find((mark) =>
    !value.includes(mark) && (mark !== '"' || !ESCAPED_BREAK.test(value))
  );
  if (mark === undefined || value.includes("\r")) throw unwritable(name);
  return `${mark}${value}${mark}`;
}

function unwritable(names: string): OperationError {
  return new OperationError(
    "usage",
    `${names} cannot be written into a file of settings: set it in Supabase's dashboard, or have another one made`,
  );
}
