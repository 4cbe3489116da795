/**
 * What the simulator believes when nobody has told it otherwise. Everything here is invented.
 *
 * @module
 */

/** The port that `main.ts` listens on when none is named. */
export const DEFAULT_PORT = 54390;

/** The only Entra tenant the token endpoint knows. */
export const DEFAULT_TENANT_ID = "00000000-0000-4000-8000-00000000aaaa";
/** The only application of that tenant. */
export const DEFAULT_CLIENT_ID = "00000000-0000-4000-8000-00000000bbbb";
/** Its first secret; `setCredentials({ clientSecret })` replaces it. */
export const DEFAULT_CLIENT_SECRET = "not-a-real-secret-for-the-simulator-only";

/** What `WhoAmI` answers. */
export const IDENTITY = {
  BusinessUnitId: "00000000-0000-4000-8000-00000000cccc",
  UserId: "00000000-0000-4000-8000-00000000dddd",
  OrganizationId: "00000000-0000-4000-8000-00000000eeee",
} as const;

/** Logical name of the listing table. */
export const LISTING_ENTITY = "hlf_mentorlisting";
/** Entity set of the listing table, as it stands in URLs. */
export const LISTING_SET = "hlf_mentorlistings";
/** Primary key: a guid that Dataverse gives. */
export const LISTING_ID = "hlf_mentorlistingid";
/** Alternate key: a string that holds the mentor's id in the app. */
export const LISTING_KEY = "hlf_mentorid";
/** Whether the public website shows the listing. */
export const LISTING_PUBLISHED = "hlf_published";
/** The name the public website shows. */
export const LISTING_NAME = "hlf_name";

/** The name of a listing that was created without one. */
export const UNNAMED_LISTING = "Unnamed mentor";

/**
 * The largest page, in rows.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
 */
export const MAXIMUM_PAGE_SIZE = 5_000;

/** How long the public page may lag behind the data, in seconds: Power Pages' 15 minutes. */
export const DEFAULT_WEBSITE_CACHE_SECONDS = 900;
