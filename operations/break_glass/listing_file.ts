import { z } from "zod";
import { parseJson } from "../../supabase/functions/_shared/parse_json.ts";
import { LARGEST_PAGE } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import { fetchBounded } from "../../supabase/functions/_shared/fetch_bounded.ts";
import { OperationError } from "../cli/errors.ts";
import { withFile } from "../cli/file_errors.ts";
import { type Dynamics, signInToDynamics } from "./dynamics.ts";
import type { Person } from "./person.ts";
import type { Words } from "./words/english.ts";

/** The name is for the person who looks somebody up; nothing else in this project reads it. */
const DEFAULT_NAME_COLUMN = "hlf_name";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIMEOUT_SECONDS = 60;
const BODY_LIMIT = 32 * 1024 * 1024;

interface NamedListing {
  readonly key: string;
  readonly name: string;
  /** Null when Dynamics does not say, as where the right to read the column is missing. */
  readonly isShown: boolean | null;
}

/** Writes who is on the website into a file that becomes a list once the operations are filled in. */
export async function writeListingFile(person: Person, path: string): Promise<number> {
  const { terminal, environment, words } = person;
  // Before the questions: whoever names a file that is there should know at once.
  const open = () => Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const file = await withFile("unwritable", path, open, words.file);
  let isWritten = false;
  try {
    const dynamics = await signInToDynamics(person);
    const nameColumn = environment.DYNAMICS_LISTING_NAME || DEFAULT_NAME_COLUMN;
    const { listings, hasNames } = await readNamedListings(dynamics, nameColumn, words);
    const text = renderListings(listings, words);
    await withFile("unwritable", path, async () => {
      let bytes = new TextEncoder().encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
      await file.sync();
    }, words.file);
    isWritten = true;
    const { listing } = words;
    const usable = listings.filter(isAddressable);
    const shown = usable.filter(({ isShown }) => isShown !== false).length;
    terminal.say(listing.written(path, shown, usable.length - shown));
    const lost = listings.filter((one) => one.isShown !== false && !isAddressable(one)).length;
    if (lost > 0) terminal.say(listing.unaddressable(lost));
    terminal.say(listing.howTo);
    terminal.say(hasNames ? listing.names : listing.noNames(nameColumn));
    return 0;
  } finally {
    file.close();
    if (!isWritten) await Deno.remove(path).catch(() => {});
  }
}

/** Only under its plain form is a listing found again; what is written otherwise, Dynamics has to change. */
function isAddressable({ key }: NamedListing): boolean {
  return UUID.test(key.toLowerCase());
}

/**
 * As a spreadsheet in Norway opens it. The operations are left empty, so that the file as it is
 * changes nobody: an empty operation is a problem of a list.
 */
export function renderListings(
  listings: readonly NamedListing[],
  { listing: { columns } }: Words,
): string {
  const rows = listings.filter(isAddressable).toSorted((a, b) =>
    Number(b.isShown !== false) - Number(a.isShown !== false) || a.name.localeCompare(b.name, "nb")
  );
  const lines = [
    ["mentor_id", "operation", columns.name, columns.shown],
    ...rows.map(({ key, name, isShown }) => [
      key.toLowerCase(),
      "",
      quote(name),
      isShown === null ? "?" : isShown ? columns.yes : columns.no,
    ]),
  ];
  return `\ufeff${lines.map((cells) => `${cells.join(";")}\r\n`).join("")}`;
}

/** Quoted, on one line, and never a formula. */
function quote(name: string): string {
  const line = name.replace(/\s+/g, " ").replace(/^[=+\-@]/, "'$&");
  return `"${line.replaceAll('"', '""')}"`;
}

async function readNamedListings(
  dynamics: Dynamics,
  nameColumn: string,
  words: Words,
): Promise<{ listings: NamedListing[]; hasNames: boolean }> {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(nameColumn)) {
    throw new OperationError("usage", words.listing.noNames(nameColumn));
  }
  const named = await readAll(dynamics, nameColumn, words);
  if (named !== null) return { listings: named, hasNames: true };
  const { listing } = dynamics.settings;
  // The key, asked for again, in place of a column that Dynamics does not have.
  const nameless = await readAll(dynamics, listing.key, words);
  if (nameless === null) throw fault("rejected", words);
  return { listings: nameless.map((one) => ({ ...one, name: "" })), hasNames: false };
}

const page = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  "@odata.nextLink": z.string().optional(),
});

/** Null when Dynamics refuses the query, as it does for a column that it does not know. */
async function readAll(
  { settings, tokens, fetch }: Dynamics,
  nameColumn: string,
  words: Words,
): Promise<NamedListing[] | null> {
  const { set, key, published } = settings.listing;
  const select = [...new Set([key, published, nameColumn])].join(",");
  let next: string | undefined = `${settings.url}/api/data/v9.2/${set}?$select=${select}`;
  const listings: NamedListing[] = [];
  while (next !== undefined) {
    const token = await tokens.get();
    if (token.kind !== "token") throw fault("credentials_rejected", words);
    const response = await fetchBounded(fetch, next, {
      redirect: "manual",
      headers: {
        Accept: "application/json",
        Authorization: `Bearer ${token.token}`,
        Prefer: `odata.maxpagesize=${LARGEST_PAGE}`,
      },
    }, { timeoutSeconds: TIMEOUT_SECONDS, bodyLimit: BODY_LIMIT });
    if ("fault" in response) throw fault(response.fault, words);
    if (response.status === 400) return null;
    const read = page.safeParse(parseJson(response.text));
    if (response.status !== 200 || !read.success) throw fault(`HTTP ${response.status}`, words);
    for (const record of read.data.value) {
      listings.push({
        key: String(record[key] ?? ""),
        name: String(record[nameColumn] ?? ""),
        isShown: z.boolean().safeParse(record[published]).data ?? null,
      });
    }
    next = read.data["@odata.nextLink"];
    // The link is followed as it is, but the token is for one server only.
    if (next !== undefined && new URL(next).origin !== new URL(settings.url).origin) {
      throw fault("invalid_response", words);
    }
  }
  return listings;
}

function fault(what: string, { dynamics }: Words): OperationError {
  return new OperationError("refused", dynamics.unreadable(what));
}
