import * as z from "zod/mini";
import type { Clock } from "../clock.ts";
import { DataverseError } from "./dataverse_error.ts";
import { type BoundedResponse, fetchBounded } from "../fetch_bounded.ts";
import { parseJson } from "../parse_json.ts";
import { type Answer, readAnswer } from "./answer.ts";
import {
  classifyFailure,
  classifyGone,
  classifyUpdate,
  type Failure,
  type Fault,
  type Operation,
  type Success,
} from "./classify.ts";
import {
  allListingsPath,
  countListings,
  LARGEST_PAGE,
  type Listing,
  listingPath,
  listingQueryPath,
  type ListingSchema,
  readListings,
} from "./listing_query.ts";
import { type ListingTable, readTable, tablePath } from "./listing_table.ts";
import type { TokenOutcome, TokenSource } from "./token.ts";

/** Which environment, and what its listings are called. */
export interface DataverseSettings {
  /** Of the environment, without a slash at the end. */
  readonly url: string;
  /** Names of the table and its columns. */
  readonly listing: ListingSchema;
  /** For each request, body included. */
  readonly timeoutSeconds: number;
}

/** One request to show or hide a mentor. */
export interface ListingUpdate {
  /** Hide or show. */
  readonly operation: Operation;
  /** Lower-case uuid, the key of the listing. */
  readonly mentorId: string;
  /** Sent as `x-ms-client-request-id`. */
  readonly attemptId: string;
  /** On the monotonic clock: no request starts that could still be running then. */
  readonly notAfter: number;
}

/** The lease was too short for a request; nothing was sent. */
export interface NotSent {
  /** Tells it from the other results. */
  readonly kind: "not_sent";
}

/** What WhoAmI answered. */
export interface Identity extends Success {
  /** Of the environment: the same for as long as it is the same one. */
  readonly organisationId: string | null;
}

/** Everything that is ever asked of Dataverse. Refusals and faults are values. */
export interface DataverseClient {
  /**
   * Sets whether the website shows a mentor. Never creates anything and never throws.
   *
   * An answer of 401 comes before Dataverse does anything, so the request is sent once more with a
   * new token, under the same attempt id: the request log of Dynamics then has that id twice.
   * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/update-delete-entities-using-web-api>
   */
  updateListing(update: ListingUpdate): Promise<Success | Failure | NotSent>;
  /**
   * The cheapest request that needs a token and an application user.
   * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/whoami>
   */
  whoAmI(): Promise<Identity | Failure>;
  /**
   * All listings, a page at a time.
   *
   * @throws {DataverseError} with the failure, or with `unreadable` when what was answered cannot be believed
   */
  listings(): AsyncGenerator<Listing[]>;
  /** The listing table as Dataverse describes it; what the application may not read of it is null. */
  describeListings(): Promise<ListingTable | Failure>;
}

const BODY_LIMIT = 65_536;
const PAGE_BODY_LIMIT = 8 * 1024 * 1024;
/** Five million listings; a reading that goes on beyond that has lost its way. */
const MOST_PAGES = 1000;

interface Request {
  readonly method: "GET" | "PATCH";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly bodyLimit?: number;
  readonly attemptId?: string;
  readonly notAfter?: number;
}

type Reply = { readonly answer: Answer; readonly text: string };

/** Dataverse's Web API for the few things that this project asks of it. */
export function createDataverseClient(
  settings: DataverseSettings,
  { fetch, clock, tokens }: {
    readonly fetch: typeof globalThis.fetch;
    readonly clock: Clock;
    readonly tokens: TokenSource;
  },
): DataverseClient {
  const base = `${settings.url}/api/data/v9.2/`;

  function sendOnce(request: Request, token: string): Promise<BoundedResponse | Fault> {
    return fetchBounded(fetch, request.url, {
      method: request.method,
      // Following one would show the token to another server.
      redirect: "manual",
      headers: {
        Accept: "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        Authorization: `Bearer ${token}`,
        ...(request.attemptId && { "x-ms-client-request-id": request.attemptId }),
        ...request.headers,
      },
      // Deno's fetch sends a request again by itself when a kept connection is reset, unless the body is one that it
      // cannot repeat; and one attempt is one request. <https://github.com/denoland/deno/issues/32566>
      ...(request.body !== undefined && { body: new Blob([request.body]) }),
    }, { timeoutSeconds: settings.timeoutSeconds, bodyLimit: request.bodyLimit ?? BODY_LIMIT });
  }

  function isLate({ notAfter }: Request): boolean {
    return notAfter !== undefined &&
      clock.monotonic() + settings.timeoutSeconds * 1000 > notAfter;
  }

  async function send(request: Request): Promise<Reply | Failure | Fault | NotSent> {
    let outcome = await tokens.get();
    if (outcome.kind !== "token") return tokenFailure(outcome, null);
    if (isLate(request)) return { kind: "not_sent" };
    let response = await sendOnce(request, outcome.token);

    if (!("fault" in response) && response.status === 401) {
      outcome = await tokens.renew(outcome.token);
      if (outcome.kind !== "token") return tokenFailure(outcome, 401);
      if (isLate(request)) return { ...classifyFailure({ fault: "timeout" }), responseCode: 401 };
      response = await sendOnce(request, outcome.token);
    }
    if ("fault" in response) return response;
    return { answer: readAnswer(response, response.text, clock.epoch()), text: response.text };
  }

  /** For requests that are no attempt: one that was too late to be sent is as good as timed out. */
  async function ask(request: Request): Promise<Reply | Failure> {
    const reply = await send(request);
    if ("fault" in reply) return classifyFailure(reply);
    if ("answer" in reply || reply.kind === "failure") return reply;
    return classifyFailure({ fault: "timeout" });
  }

  async function isGone(update: ListingUpdate, refusal: Answer): Promise<Success | Failure> {
    const reply = await ask({
      method: "GET",
      url: base + listingQueryPath(settings.listing, update.mentorId),
      attemptId: update.attemptId,
      notAfter: update.notAfter,
    });
    if ("kind" in reply) return reply;
    const listings = countListings(reply.text);
    return classifyGone(update.operation, refusal, { ...reply.answer, listings });
  }

  return {
    async updateListing(update) {
      const { operation, mentorId, attemptId, notAfter } = update;
      const reply = await send({
        method: "PATCH",
        url: base + listingPath(settings.listing, mentorId),
        headers: {
          "Content-Type": "application/json",
          "If-None-Match": "null",
          // Without it a PATCH to a missing listing would create one.
          "If-Match": "*",
        },
        body: JSON.stringify({ [settings.listing.published]: operation === "restore" }),
        attemptId,
        notAfter,
      });
      if ("kind" in reply) return reply;
      if ("fault" in reply) return classifyFailure(reply);
      const result = classifyUpdate(reply.answer);
      return result.kind === "verify_gone" ? await isGone(update, reply.answer) : result;
    },

    async whoAmI() {
      const reply = await ask({ method: "GET", url: `${base}WhoAmI` });
      if ("kind" in reply) return reply;
      const identity = reply.answer.status === 200 ? readIdentity(reply.text) : null;
      return identity ?? classifyFailure(reply.answer);
    },

    async *listings() {
      const seen = new Set<string>();
      let next: string | null = base + allListingsPath(settings.listing);
      while (next !== null) {
        seen.add(next);
        const reply = await ask({
          method: "GET",
          url: next,
          headers: { Prefer: `odata.maxpagesize=${LARGEST_PAGE}` },
          bodyLimit: PAGE_BODY_LIMIT,
        });
        if ("kind" in reply) throw notRead(reply);
        if (reply.answer.status !== 200) throw notRead(classifyFailure(reply.answer));
        const page = readListings(settings.listing, reply.text);
        if (page === null) throw unreadable();
        yield page.listings;
        next = page.nextLink;
        // A link is followed as it is, but the token is for one server only, and a link that comes again has no end.
        if (next !== null && (!sharesOrigin(next, base) || seen.has(next))) throw unreadable();
        if (seen.size >= MOST_PAGES) throw unreadable();
      }
    },

    async describeListings() {
      const reply = await ask({ method: "GET", url: base + tablePath(settings.listing) });
      if ("kind" in reply) return reply;
      const table = reply.answer.status === 200 ? readTable(settings.listing, reply.text) : null;
      return table ?? classifyFailure(reply.answer);
    },
  };
}

function sharesOrigin(url: string, other: string): boolean {
  return URL.canParse(url) && new URL(url).origin === new URL(other).origin;
}

const identity = z.lazy(() =>
  z.object({
    UserId: z.string(),
    OrganizationId: z.catch(z.optional(z.guid()), undefined),
  })
);

function readIdentity(text: string): Identity | null {
  const parsed = identity.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const organisationId = parsed.data.OrganizationId?.toLowerCase() ?? null;
  return { kind: "success", responseCode: 200, organisationId };
}

function notRead(failure: Failure): DataverseError {
  return new DataverseError(failure.class, failure.responseCode, { failure });
}

/** What came with a 200, but is no list of listings. */
function unreadable(): DataverseError {
  return new DataverseError("invalid_response", 200, { isUnreadable: true });
}

/** @param status the answer that made a new token necessary, null when there was none */
function tokenFailure(
  outcome: Exclude<TokenOutcome, { kind: "token" }>,
  status: number | null,
): Failure {
  const rejected = outcome.kind === "rejected";
  return {
    kind: "failure",
    class: rejected ? "credentials_rejected" : outcome.class,
    permanent: false,
    responseCode: status,
    code: null,
    requestId: null,
    retryAfterSeconds: rejected ? null : outcome.retryAfterSeconds,
    gate: rejected ? "credentials" : "none",
  };
}
