import { DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DEFAULT_TENANT_ID } from "./defaults.ts";
import { ENTRA_ERRORS, type EntraError, entraErrorReply } from "./entra_error.ts";
import { createGuid, type Random } from "./guids.ts";
import { jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";

const PATH = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** What can be changed about the application in Entra. */
interface ClientSettings {
  clientSecret: string;
  secretExpired: boolean;
  appDisabled: boolean;
}

/**
 * Entra's token endpoint for client credentials, with one tenant and one application. Its tokens are
 * opaque and live 60 to 90 minutes; changing the secret leaves those already given out valid.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export class TokenEndpoint {
  readonly #now: () => number;
  readonly #random: Random;
  readonly #expiries = new Map<string, number>();
  #client = defaultClient();

  constructor(now: () => number, random: Random) {
    this.#now = now;
    this.#random = random;
  }

  /** Whether a path is the token endpoint of some tenant. */
  static serves(path: string): boolean {
    return PATH.test(path);
  }

  change(client: Partial<ClientSettings>): void {
    this.#client = { ...this.#client, ...client };
  }

  /** Back to the default application; tokens given out stay valid. */
  restoreDefaults(): void {
    this.#client = defaultClient();
  }

  /** Makes all tokens given out so far worthless, which the real Entra cannot do at once. */
  revokeTokens(): void {
    this.#expiries.clear();
  }

  /** Whether an `Authorization` header holds a token that is still valid. */
  accepts(authorization: string | undefined): boolean {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
    return (this.#expiries.get(token) ?? 0) > this.#now();
  }

  handle(request: SimulatorRequest): Reply {
    const now = this.#now();
    const refusal = this.#refusal(request);
    if (refusal !== null) return entraErrorReply(refusal, now, this.#random);

    const expiresIn = 3_600 + Math.floor(this.#random() * 1_800);
    const token = `simulated.${createGuid(this.#random)}.${createGuid(this.#random)}`;
    this.#dropExpired(now);
    this.#expiries.set(token, now + expiresIn * 1_000);
    return jsonReply(200, {
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    }, { "cache-control": "no-store, no-cache" });
  }

  #refusal(request: SimulatorRequest): EntraError | null {
    if (PATH.exec(request.path)?.[1]?.toLowerCase() !== DEFAULT_TENANT_ID) {
      return ENTRA_ERRORS.unknownTenant;
    }
    const contentType = request.header("content-type") ?? "";
    const form = new URLSearchParams(
      contentType.startsWith("application/x-www-form-urlencoded") ? request.body : "",
    );
    const scope = form.get("scope");
    if (request.method !== "POST" || !form.get("grant_type") || !form.get("client_id") || !scope) {
      return ENTRA_ERRORS.missingParameter;
    }
    if (form.get("grant_type") !== "client_credentials") return ENTRA_ERRORS.unsupportedGrant;
    if (form.get("client_id")?.toLowerCase() !== DEFAULT_CLIENT_ID) {
      return ENTRA_ERRORS.unknownApplication;
    }
    if (!scope.endsWith("/.default")) return ENTRA_ERRORS.scopeWithoutDefault;
    if (!isOwnResource(scope.slice(0, -"/.default".length), request.origin)) {
      return ENTRA_ERRORS.unknownResource;
    }
    if (this.#client.appDisabled) return ENTRA_ERRORS.disabledApplication;
    const secret = form.get("client_secret");
    if (!secret) return ENTRA_ERRORS.missingSecret;
    if (secret !== this.#client.clientSecret) return ENTRA_ERRORS.wrongSecret;
    return this.#client.secretExpired ? ENTRA_ERRORS.expiredSecret : null;
  }

  #dropExpired(now: number): void {
    for (const [token, expiry] of this.#expiries) {
      if (expiry <= now) this.#expiries.delete(token);
    }
  }
}

function defaultClient(): ClientSettings {
  return { clientSecret: DEFAULT_CLIENT_SECRET, secretExpired: false, appDisabled: false };
}

// A client may call one loopback address for tokens and name another as its environment.
function isOwnResource(resource: string, origin: string): boolean {
  if (!URL.canParse(resource)) return false;
  const named = new URL(resource);
  const own = new URL(origin);
  if (named.origin === own.origin) return true;
  return named.port === own.port && named.protocol === own.protocol &&
    LOOPBACK.has(named.hostname) && LOOPBACK.has(own.hostname);
}
