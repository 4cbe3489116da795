import { z } from "zod";
import { parseJson } from "./answer.ts";

/** Names in Dataverse; they come from the settings. */
export interface ListingSchema {
  /** Entity set, such as `hlf_mentorlistings`. */
  readonly set: string;
  /** String alternate key that holds the mentor's uuid. */
  readonly key: string;
  /** Boolean that decides whether the website shows the listing. */
  readonly published: string;
}

export interface Listing {
  /** Null when the listing is nobody's. */
  readonly mentorId: string | null;
  readonly published: boolean;
}

/** Dataverse's own limit. <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results> */
export const LARGEST_PAGE = 5000;

// Not z.record, which copies: a night reads every listing there is.
const record = z.custom<Readonly<Record<string, unknown>>>((value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
);

const page = z.object({
  value: z.array(record),
  "@odata.nextLink": z.string().optional(),
});

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

/** Reads one page; null when it cannot be read. */
export function readListings(
  schema: ListingSchema,
  text: string,
): { readonly listings: Listing[]; readonly nextLink: string | null } | null {
  const parsed = page.safeParse(parseJson(text));
  if (!parsed.success) return null;
  return {
    nextLink: parsed.data["@odata.nextLink"] ?? null,
    listings: parsed.data.value.map((record) => {
      const mentorId = record[schema.key];
      return {
        mentorId: typeof mentorId === "string" ? mentorId : null,
        published: record[schema.published] === true,
      };
    }),
  };
}
