import * as z from "zod/mini";
import type { Clock } from "../clock.ts";
import { fetchBounded } from "../fetch_bounded.ts";
import { parseJson } from "../parse_json.ts";
import { isPassing, throttles } from "../aadsts.ts";
import type { FailureClass } from "../failure_classes.ts";
import { readRetryAfter } from "./retry_after.ts";

/**
 * What a token is asked for with: the client credentials flow of
 * <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
 */
export interface TokenSettings {
  /** Of Entra, such as `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
  /** HLF's tenant, a uuid. */
  readonly tenantId: string;
  /** Of the application in Entra, a uuid. */
  readonly clientId: string;
  /** Its value, not its id. */
  readonly clientSecret: string;
  /** The Dataverse environment the token is for, without a slash at the end. */
  readonly resourceUrl: string;
  /** For each request, body included. */
  readonly timeoutSeconds: number;
}

/** Entra will say the same until a person changes something. */
export interface CredentialsRejected {
  /** Tells it from the other outcomes. */
  readonly kind: "rejected";
  /** AADSTS numbers, for the operator's log line only. */
  readonly aadsts: readonly number[];
}

/** No token now, but perhaps soon. */
export interface TokenUnavailable {
  /** Tells it from the other outcomes. */
  readonly kind: "unavailable";
  /** What went wrong. */
  readonly class: FailureClass;
  /** The wait that Entra asks for. */
  readonly retryAfterSeconds: number | null;
}

/** A token, or why there is none. */
export type TokenOutcome =
  | { readonly kind: "token"; readonly token: string }
  | CredentialsRejected
  | TokenUnavailable;

/** Keeps one token for all who ask, and renews it in time. Nothing rejects. */
export interface TokenSource {
  /** A token that is good for some time yet. */
  get(): Promise<TokenOutcome>;
  /**
   * A token other than the one that was refused. Without an argument a new one in any case, which
   * tells whether the credentials are still accepted.
   */
  renew(refused?: string): Promise<TokenOutcome>;
}

/** Tokens live 60 to 90 minutes; a new one is fetched this long before the end. */
const EARLY_SECONDS = 300;
const BODY_LIMIT = 65_536;

/**
 * The words of a refusal that passes by itself. Entra's words may change, so whatever else it says with a 4xx is taken
 * for a refusal that a person has to end: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
 */
const PASSING: ReadonlyMap<string, FailureClass> = new Map([
  ["temporarily_unavailable", "unavailable"],
  ["service_unavailable", "unavailable"],
  ["server_error", "unavailable"],
  ["slow_down", "throttled"],
  ["throttled", "throttled"],
  ["too_many_requests", "throttled"],
  ["request_throttled", "throttled"],
]);

const tokenBody = z.lazy(() =>
  z.object({
    access_token: z.string().check(z.minLength(1)),
    // Some token endpoints send the number as a string.
    expires_in: z.catch(z.coerce.number().check(z.positive()), EARLY_SECONDS),
  })
);

// Entra's numbers have seven digits at most; a phone number has eight.
const aadstsNumber = z.lazy(() =>
  z.coerce.number().check(z.int(), z.positive(), z.maximum(9_999_999))
);

const errorBody = z.lazy(() =>
  z.pipe(
    z.object({
      error: z.string().check(z.trim(), z.minLength(1)),
      error_codes: z.catch(z.array(aadstsNumber), []),
      error_description: z.catch(z.string(), ""),
    }),
    z.transform(({ error, error_codes, error_description }) => {
      const described = aadstsNumber.safeParse(/\bAADSTS(\d{1,7})\b/.exec(error_description)?.[1]);
      const aadsts = error_codes.length === 0 && described.success ? [described.data] : error_codes;
      return { error: error.toLowerCase(), aadsts };
    }),
  )
);

/**
 * Client credentials against Entra, kept in memory. However many ask at once, one request is under
 * way.
 * <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>
 *
 * Nothing here throws: what may go wrong is part of the outcome.
 */
export function createTokenSource(
  settings: TokenSettings,
  { fetch, clock }: { readonly fetch: typeof globalThis.fetch; readonly clock: Clock },
): TokenSource {
  let cached: { token: string; renewAt: number; expiresAt: number } | null = null;
  let underWay: Promise<TokenOutcome> | null = null;

  async function request(): Promise<TokenOutcome> {
    const askedAt = clock.monotonic();
    const tenant = encodeURIComponent(settings.tenantId);
    const result = await fetchBounded(
      fetch,
      `${settings.authorityHost}/${tenant}/oauth2/v2.0/token`,
      {
        method: "POST",
        redirect: "manual",
        headers: { Accept: "application/json" },
        body: new URLSearchParams({
          client_id: settings.clientId,
          client_secret: settings.clientSecret,
          scope: `${settings.resourceUrl}/.default`,
          grant_type: "client_credentials",
        }),
      },
      { timeoutSeconds: settings.timeoutSeconds, bodyLimit: BODY_LIMIT },
    );
    if ("fault" in result) return unavailable(result.fault);

    const { status, headers, text } = result;
    const json = parseJson(text);
    if (status === 200) {
      const body = tokenBody.safeParse(json);
      if (!body.success) return unavailable("invalid_response");
      const lifetime = body.data.expires_in;
      // Renew short-lived tokens halfway through their lifetime.
      const early = Math.min(EARLY_SECONDS, lifetime / 2);
      cached = {
        token: body.data.access_token,
        renewAt: askedAt + (lifetime - early) * 1000,
        expiresAt: askedAt + (lifetime - settings.timeoutSeconds) * 1000,
      };
      return { kind: "token", token: cached.token };
    }
    const error = errorBody.safeParse(json).data ?? null;
    if (error !== null && isRejection(status, error)) {
      cached = null;
      return { kind: "rejected", aadsts: error.aadsts };
    }
    return unavailable(transientClass(status, error), readRetryAfter(headers, clock.epoch()));
  }

  function once(): Promise<TokenOutcome> {
    underWay ??= request().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  return {
    async get() {
      if (cached !== null && clock.monotonic() < cached.renewAt) {
        return { kind: "token", token: cached.token };
      }
      const outcome = await once();
      // Renewing early leaves the old token valid while Entra is briefly down.
      if (outcome.kind === "unavailable" && cached && clock.monotonic() < cached.expiresAt) {
        return { kind: "token", token: cached.token };
      }
      return outcome;
    },
    renew(refused) {
      const another = refused !== undefined && cached !== null && cached.token !== refused;
      return another ? Promise.resolve({ kind: "token", token: cached!.token }) : once();
    },
  };
}

function unavailable(
  failureClass: FailureClass,
  retryAfterSeconds: number | null = null,
): TokenUnavailable {
  return { kind: "unavailable", class: failureClass, retryAfterSeconds };
}

type TokenError = z.output<typeof errorBody>;

function isRejection(status: number, { error, aadsts }: TokenError): boolean {
  const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isRefused && !PASSING.has(error) && !isPassing(aadsts);
}

function transientClass(status: number, error: TokenError | null): FailureClass {
  if (status === 429) return "throttled";
  if (status === 408) return "timeout";
  if (status === 502 || status === 503 || status === 504) return "unavailable";
  if (status >= 500) return "server_error";
  if (status < 400 || error === null) return "invalid_response";
  return throttles(error.aadsts) ? "throttled" : PASSING.get(error.error) ?? "unavailable";
}
