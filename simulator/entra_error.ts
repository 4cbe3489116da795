import { createGuid, type Random } from "./guids.ts";
import { jsonReply, type Reply } from "./messages.ts";

/** One of Entra's refusals. */
export interface EntraError {
  readonly status: number;
  /** OAuth's word, the only part a client decides on. */
  readonly error: string;
  /** The number behind `AADSTS`, for people. */
  readonly number: number;
  readonly message: string;
}

/**
 * The refusals the token endpoint knows.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const ENTRA_ERRORS = {
  unknownTenant: {
    status: 400,
    error: "invalid_request",
    number: 90002,
    message: "Tenant not found. Check to make sure you have the correct tenant ID.",
  },
  missingParameter: {
    status: 400,
    error: "invalid_request",
    number: 900144,
    message: "The request body lacks a required parameter: 'grant_type', 'client_id' or 'scope'.",
  },
  unsupportedGrant: {
    status: 400,
    error: "unsupported_grant_type",
    number: 70003,
    message: "The app requested an unsupported grant type.",
  },
  unknownApplication: {
    status: 400,
    error: "unauthorized_client",
    number: 700016,
    message: "Application was not found in the directory.",
  },
  disabledApplication: {
    status: 400,
    error: "unauthorized_client",
    number: 7000112,
    message: "Application is disabled.",
  },
  missingSecret: {
    status: 401,
    error: "invalid_client",
    number: 7000218,
    message:
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  wrongSecret: {
    status: 401,
    error: "invalid_client",
    number: 7000215,
    message: "Invalid client secret provided.",
  },
  expiredSecret: {
    status: 401,
    error: "invalid_client",
    number: 7000222,
    message: "The provided client secret keys for app are expired.",
  },
  scopeWithoutDefault: {
    status: 400,
    error: "invalid_scope",
    number: 1002012,
    message: "The provided value for scope is not valid. Client credential flows must have a " +
      "scope value with /.default suffixed to the resource identifier.",
  },
  unknownResource: {
    status: 400,
    error: "invalid_resource",
    number: 500011,
    message: "The resource principal was not found in the tenant.",
  },
} as const satisfies Record<string, EntraError>;

/** The refusal as Entra words it. */
export function entraErrorReply(refusal: EntraError, now: number, random: Random): Reply {
  const traceId = createGuid(random);
  const correlationId = createGuid(random);
  const timestamp = new Date(now).toISOString().slice(0, 19).replace("T", " ") + "Z";
  return jsonReply(refusal.status, {
    error: refusal.error,
    error_description: `AADSTS${refusal.number}: ${refusal.message} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [refusal.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  }, { "cache-control": "no-store, no-cache", "x-ms-request-id": traceId });
}
