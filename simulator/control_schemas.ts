import { z } from "zod";

const published = z.union([z.boolean(), z.int(), z.null()]);

/** A listing as the control API takes and tells it. */
export const controlListingSchema = z.strictObject({
  /** Value of the alternate key, however it is spelled; null for a listing without one. */
  mentorId: z.string().min(1).nullable(),
  /** A number is a choice's, null an empty column or one that the user may not read. */
  published,
  /** What the application's user may do with the row; a row that it may not read is left out of every reading. */
  access: z.enum(["full", "read", "none"]).optional(),
  /** The public display name. */
  name: z.string().optional(),
});

/** Body of `PUT /_simulator/listings`. */
export const seedSchema = z.strictObject({ listings: z.array(controlListingSchema) });

/** Body of `PUT /_simulator/listings/{mentorId}`. */
export const listingBodySchema = controlListingSchema.omit({ mentorId: true });

/** Answer of `GET /_simulator/listings`. */
export const listingsAnswerSchema = z.object({
  listings: z.array(z.object({
    mentorId: z.string().nullable(),
    published,
    name: z.string(),
    /** Primary key. */
    id: z.string(),
    etag: z.string(),
  })),
});

/** Body of `PATCH /_simulator/credentials`; what is left out stays as it is. */
export const credentialsSchema = z.strictObject({
  clientSecret: z.string().min(1).optional(),
  /** AADSTS7000222 instead of a token. */
  secretExpired: z.boolean().optional(),
  /** AADSTS7000112 instead of a token. */
  appDisabled: z.boolean().optional(),
  /** False: every call answers 403 `0x80072560`. */
  applicationUser: z.boolean().optional(),
  /** True: every call answers 403 `0x80040225`. */
  userDisabled: z.boolean().optional(),
  /** False: calls on listings answer 403 `0x80040220`. */
  privileged: z.boolean().optional(),
  /** All tokens given out so far answer 401 from now on. */
  revokeTokens: z.literal(true).optional(),
});

const limit = z.number().nonnegative().nullable();

/** Body of `PUT /_simulator/limits`; null switches a limit off, what is left out stays. */
export const limitsSchema = z.strictObject({
  requestsPerWindow: limit.optional(),
  windowSeconds: z.number().positive().optional(),
  executionSecondsPerWindow: limit.optional(),
  maxConcurrent: limit.optional(),
});

/** Body of `PATCH /_simulator/environment`; what is left out stays as it is. */
export const environmentSchema = z.strictObject({
  /** WhoAmI's `OrganizationId`: another one is another environment. */
  organisationId: z.guid().optional(),
  /** Every call answers 403. */
  adminMode: z.boolean().optional(),
  /** Every call answers 503 `0x8004a112`. */
  disabled: z.boolean().optional(),
  /** While the key's index is not active no row is found by it (400 `0x8006088a`), and two may have one key. */
  keyStatus: z.enum(["Active", "Pending", "InProgress", "Failed"]).optional(),
  /** A choice is read as its number, and refuses true and false (400 `0x80048d19`). */
  publishedType: z.enum(["Boolean", "Picklist"]).optional(),
  /** The next so many calls take so long, as after an idle time. */
  slowFirstCalls: z.strictObject({
    count: z.int().nonnegative(),
    seconds: z.number().nonnegative(),
  }).optional(),
});

/** Body of `PUT /_simulator/latency`. */
export const latencySchema = z.strictObject({ seconds: z.number().nonnegative() });

/** Body of `PUT /_simulator/website`. */
export const websiteSchema = z.strictObject({ cacheSeconds: z.number().nonnegative() });

/** Answer of `POST /_simulator/faults`. */
export const faultAnswerSchema = z.object({ id: z.string() });

/** One received request. */
export const loggedRequestSchema = z.object({
  /** Rises by one with each request, also over `clearRequests()`. */
  sequence: z.number(),
  /** ISO 8601. */
  receivedAt: z.string(),
  method: z.string(),
  /** Path and query as received. */
  path: z.string(),
  /** `x-ms-client-request-id`. */
  clientRequestId: z.string().nullable(),
  /** The mentor whose listing it named, by alternate key or by guid. */
  mentorId: z.string().nullable(),
  /** The value of `hlf_published` in the body. */
  published: z.boolean().nullable(),
  /** Status answered; null when there was no answer (reset, or the client hung up), or not yet. */
  status: z.number().nullable(),
  /** Whether the write took effect. */
  committed: z.boolean(),
  /** Id of the fault rule that struck. */
  fault: z.string().nullable(),
  /** A PATCH that came in while another one for the same mentor was in flight. */
  overlapped: z.boolean(),
  /** Neither answered nor broken off yet. */
  inFlight: z.boolean(),
  /** Requests in flight when it came in, itself included. */
  concurrent: z.number(),
});

/** Answer of `GET /_simulator/requests`; `more` when there are entries after the last one. */
export const requestsAnswerSchema = z.object({
  requests: z.array(loggedRequestSchema),
  more: z.boolean(),
});

/** Answer of the control API when a body or a path is wrong. */
export const problemsSchema = z.object({ problems: z.array(z.string()) });
