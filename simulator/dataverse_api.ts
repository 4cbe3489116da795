import { DEFAULT_TENANT_ID, IDENTITY, LISTING_PUBLISHED, LISTING_SET } from "./defaults.ts";
import type { DataverseRoute } from "./dataverse_route.ts";
import { defaultEnvironment, describeTables, type Environment, refuseAll } from "./environment.ts";
import { createGuid, type Random } from "./guids.ts";
import { publishedIn } from "./listing_payload.ts";
import { readListing, readListings, representation } from "./listing_reads.ts";
import { createListing, deleteListing, patchListing, type Written } from "./listing_writes.ts";
import { etagOf, type ListingStore } from "./listings.ts";
import { emptyReply, jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";
import { badPayload, ODataError } from "./odata_error.ts";
import type { Refusal } from "./request_limits.ts";
import type { TokenEndpoint } from "./token_endpoint.ts";

/** What the application may do inside Dataverse. */
interface ApplicationUser {
  /** Whether the environment has an application user for the application. */
  exists: boolean;
  /** Whether its role grants the listing table. */
  privileged: boolean;
  /** Whether somebody has disabled it. */
  isDisabled: boolean;
}

/** An answer, and whether a write took effect for it. */
interface Performed {
  readonly reply: Reply;
  readonly committed: boolean;
}

/**
 * Dataverse's Web API with one table: `hlf_mentorlistings`, and `WhoAmI`.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview
 */
export class DataverseApi {
  readonly user: ApplicationUser = { exists: true, privileged: true, isDisabled: false };
  readonly environment: Environment = defaultEnvironment();
  readonly #listings: ListingStore;
  readonly #tokens: TokenEndpoint;
  readonly #random: Random;

  constructor(listings: ListingStore, tokens: TokenEndpoint, random: Random) {
    this.#listings = listings;
    this.#tokens = tokens;
    this.#random = random;
  }

  /** The 401 or 403 that a request gets before it counts for anything; null when it may pass. */
  deny(request: SimulatorRequest, route: DataverseRoute): Reply | null {
    if (!this.#tokens.accepts(request.header("authorization"))) {
      return this.withServiceHeaders(unauthorised(request.origin));
    }
    const refusal = refuseAll(this.environment);
    if (refusal !== null) return this.errorReply(refusal);
    if (this.user.isDisabled) {
      const message = `The user with id ${IDENTITY.UserId} is disabled.`;
      return this.errorReply(new ODataError(403, "0x80040225", message));
    }
    if (!this.user.exists) {
      const message = "The user is not a member of the organization.";
      return this.errorReply(new ODataError(403, "0x80072560", message));
    }
    const isAboutListings = route.target !== "whoami" && route.target !== "metadata";
    if (!this.user.privileged && isAboutListings) {
      const message =
        `Principal user (Id=${IDENTITY.UserId}) is missing privileges on ${LISTING_SET}.`;
      return this.errorReply(new ODataError(403, "0x80040220", message));
    }
    return null;
  }

  /** A 429. */
  throttle({ code, message, retryAfterSeconds }: Refusal): Reply {
    const headers = { "retry-after": String(retryAfterSeconds) };
    return this.errorReply(new ODataError(429, code, message, headers));
  }

  /** Does what the request asks. */
  perform(request: SimulatorRequest, route: DataverseRoute): Performed {
    try {
      const { reply, committed } = this.#dispatch(request, route);
      return { reply: this.withServiceHeaders(reply), committed };
    } catch (error) {
      if (error instanceof ODataError) return { reply: this.errorReply(error), committed: false };
      throw error;
    }
  }

  /** The error as Dataverse words it. */
  errorReply({ status, code, message, headers }: ODataError): Reply {
    return this.withServiceHeaders(jsonReply(status, { error: { code, message } }, headers));
  }

  /** The reply with the headers that every answer of Dataverse carries. */
  withServiceHeaders(reply: Reply): Reply {
    const requestId = createGuid(this.#random);
    return {
      ...reply,
      headers: {
        "OData-Version": "4.0",
        "x-ms-service-request-id": requestId,
        "REQ_ID": requestId,
        ...reply.headers,
      },
    };
  }

  #dispatch(request: SimulatorRequest, route: DataverseRoute): Performed {
    if (route.refusal !== null) throw route.refusal;
    const { target, key } = route;
    if (target === "whoami") return read(this.#whoAmI(request.origin));
    if (target === "metadata") {
      return read(describeTables(route.table ?? null, request, this.environment));
    }
    this.#requireBoolean(request);
    if (target === "create") {
      return write(createListing(this.#listings, request), request);
    }
    if (key === null) return read(readListings(this.#listings, request));
    if (target === "patch") return write(patchListing(this.#listings, key, request), request);
    if (target === "delete") {
      deleteListing(this.#listings, key, request);
      return { reply: emptyReply(204), committed: true };
    }
    return read(readListing(this.#listings, key, request));
  }

  #whoAmI(origin: string): Reply {
    const context = `${origin}/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse`;
    const OrganizationId = this.environment.organisationId;
    return jsonReply(200, { "@odata.context": context, ...IDENTITY, OrganizationId });
  }

  /** A choice column takes a number only. */
  #requireBoolean(request: SimulatorRequest): void {
    if (this.environment.publishedType === "Boolean" || publishedIn(request.body) === null) return;
    throw badPayload(`Cannot convert the literal of '${LISTING_PUBLISHED}' to 'Edm.Int32'.`);
  }
}

/** Dataverse's 401: the header tells where to get a token, and there is no body. */
export function unauthorised(origin: string): Reply {
  const authority = `${origin}/${DEFAULT_TENANT_ID}/oauth2/authorize`;
  return emptyReply(401, {
    "www-authenticate": `Bearer authorization_uri=${authority}, resource_id=${origin}/`,
  });
}

function read(reply: Reply): Performed {
  return { reply, committed: false };
}

function write({ row, created }: Written, request: SimulatorRequest): Performed {
  const url = `${request.origin}/api/data/v9.2/${LISTING_SET}(${row.id})`;
  const headers = { "OData-EntityId": url, ...(created ? { location: url } : {}) };
  if (!/\breturn=representation\b/i.test(request.header("prefer") ?? "")) {
    return { reply: emptyReply(204, headers), committed: true };
  }
  const reply = jsonReply(created ? 201 : 200, representation(row, null, request), {
    ...headers,
    "etag": etagOf(row),
    "preference-applied": "return=representation",
  });
  return { reply, committed: true };
}
