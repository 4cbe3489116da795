import * as z from "zod/mini";
import { parseJson } from "../parse_json.ts";

/** Names in Dataverse; they come from the settings. */
export interface ListingSchema {
  /** Entity set, such as `hlf_mentorlistings`. */
  readonly set: string;
  /** String alternate key that holds the mentor's uuid. */
  readonly key: string;
  /** Boolean that decides whether the website shows the listing. */
  readonly published: string;
}

/** What the nightly run reads of one listing. */
export interface Listing {
  /** The uuid in the key, however it is spelled; null when there is none. */
  readonly mentorId: string | null;
  /** Whether the key is spelled as an update names it, so that an update finds the listing. */
  readonly isAddressable: boolean;
  /** Whether the website shows it. */
  readonly published: boolean;
}

/** Dataverse's own limit. <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results> */
export const LARGEST_PAGE = 5000;

// Not z.record, which copies: a night reads every listing there is.
const isRecord = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const page = z.lazy(() =>
  z.object({
    value: z.array(z.custom<Readonly<Record<string, unknown>>>(isRecord)),
    "@odata.nextLink": z.optional(z.string()),
  })
);

/** Path of one listing by its alternate key. Uuids hold none of the characters that break keys. */
export function listingPath(schema: ListingSchema, mentorId: string): string {
  return `${schema.set}(${schema.key}='${encodeURIComponent(mentorId)}')`;
}

/** Path of the query that tells whether a mentor has a listing at all. */
export function listingQueryPath(schema: ListingSchema, mentorId: string): string {
  const filter = encodeURIComponent(`${schema.key} eq '${mentorId}'`);
  return `${schema.set}?$select=${schema.key}&$filter=${filter}&$top=1`;
}

/** Path of the first page of all listings. */
export function allListingsPath(schema: ListingSchema): string {
  return `${schema.set}?$select=${schema.key},${schema.published}`;
}

/** How many records a body holds; null when it cannot be read. */
export function countListings(text: string): number | null {
  return page.safeParse(parseJson(text)).data?.value.length ?? null;
}

/**
 * Reads one page; null when it cannot be read. A published column without a boolean (a right that is missing, a choice
 * column) says nothing, and least of all that somebody is hidden.
 */
export function readListings(
  schema: ListingSchema,
  text: string,
): { readonly listings: Listing[]; readonly nextLink: string | null } | null {
  const parsed = page.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const listings: Listing[] = [];
  for (const record of parsed.data.value) {
    const published = record[schema.published];
    if (typeof published !== "boolean") return null;
    listings.push({ ...readKey(record[schema.key]), published });
  }
  return { nextLink: parsed.data["@odata.nextLink"] ?? null, listings };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readKey(key: unknown): Pick<Listing, "mentorId" | "isAddressable"> {
  if (typeof key !== "string") return { mentorId: null, isAddressable: false };
  const text = key.toLowerCase();
  // As nearly all are; Dataverse compares text without regard to case.
  if (UUID.test(text)) return { mentorId: text, isAddressable: true };
  return { mentorId: uuidIn(text), isAddressable: false };
}

/** The uuid of a key with braces, blanks, `urn:uuid:` or without dashes, as scripts and old exports write it. */
function uuidIn(text: string): string | null {
  const bare = text.replace(/[\s\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/^[{("']*(?:urn:)?(?:uuid:)?[{("']*|[})"']*$/g, "");
  const digits = bare.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/.test(digits) || !(UUID.test(bare) || digits === bare)) return null;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
