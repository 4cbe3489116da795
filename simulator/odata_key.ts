import { LISTING_ID, LISTING_KEY } from "./defaults.ts";
import { isGuid } from "./guids.ts";
import { badQuery } from "./odata_error.ts";

/** How a URL names one row. */
export type ListingKey =
  | { readonly kind: "guid"; readonly id: string }
  | { readonly kind: "alternate"; readonly mentorId: string };

/** The part of a URL behind `/api/data/v9.2/`. */
interface ResourcePath {
  /** Entity set or function, without its parentheses. */
  readonly name: string;
  /** The text between the parentheses; null where there are none. */
  readonly key: string | null;
}

// Dataverse cannot address a row by an alternate key that holds one of these.
const BREAKING = /[/<>*%&:\\?+]/;

/**
 * Splits `set(key)` as it stands in the URL, still percent-encoded.
 *
 * @throws {ODataError} 400 when the text cannot be read.
 */
export function parseResourcePath(encoded: string): ResourcePath {
  const match = /^([^()]*)(?:\((.*)\))?$/s.exec(decode(encoded));
  if (match === null) throw badQuery("Unbalanced parentheses.");
  return { name: match[1] ?? "", key: match[2] ?? null };
}

/**
 * Reads the key between the parentheses: a guid, `hlf_mentorlistingid=guid`, or
 * `hlf_mentorid='text'` with quotes doubled inside the text.
 *
 * @throws {ODataError} 400 when it is none of these, or a value that Dataverse cannot address.
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/use-alternate-key-reference-record
 */
export function parseListingKey(key: string): ListingKey {
  if (isGuid(key)) return { kind: "guid", id: key.toLowerCase() };
  const match = /^(\w+)=(?:'((?:[^']|'')*)'|([^']*))$/s.exec(key);
  const [, property, quoted, bare] = match ?? [];
  if (property === LISTING_ID && bare !== undefined && isGuid(bare)) {
    return { kind: "guid", id: bare.toLowerCase() };
  }
  if (property !== LISTING_KEY || quoted === undefined || quoted === "") {
    throw badQuery("The key is not a guid and not an alternate key of the table.");
  }
  const mentorId = quoted.replaceAll("''", "'");
  if (BREAKING.test(mentorId)) {
    throw badQuery("The value of an alternate key holds a character that a URL cannot carry.");
  }
  return { kind: "alternate", mentorId };
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw badQuery("Malformed percent-encoding.");
  }
}
