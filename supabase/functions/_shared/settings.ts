import { z } from "zod";
import { SettingsError } from "./errors.ts";

/** Everything the function knows about where it runs. */
export interface Settings {
  readonly supabase: {
    readonly url: string;
    readonly publishableKeys: Readonly<Record<string, string>>;
    readonly secretKeys: Readonly<Record<string, string>>;
    /** The key named `default`, or the first. */
    readonly publishableKey: string;
    readonly secretKey: string;
  };
  readonly dynamics: {
    readonly url: string;
    readonly tenantId: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly authorityHost: string;
    readonly listing: { readonly set: string; readonly key: string; readonly published: string };
  };
  readonly sync: {
    /** Delay after the first failed attempt, the second, …; one attempt more than delays. */
    readonly backoffSeconds: readonly number[];
    readonly maxAttempts: number;
    /** Share of a delay by which it may be longer or shorter. */
    readonly jitter: number;
    readonly requestTimeoutSeconds: number;
    readonly concurrency: number;
    readonly leaseSeconds: number;
    /** How long one invocation may go on working. */
    readonly timeBudgetSeconds: number;
  };
}

/** The environment as Deno.env.toObject() gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** This machine, also as seen from a container of `supabase start`. */
const THIS_MACHINE = new Set(["localhost", "127.0.0.1", "[::1]", "host.docker.internal"]);

function isUrl(text: string, httpAnywhere: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username !== "" || search !== "" || hash !== "") return false;
  if (protocol === "https:") return true;
  return protocol === "http:" && (httpAnywhere || THIS_MACHINE.has(hostname));
}

const required = z.string("is missing").trim().min(1, "is missing");
const withoutSlash = (url: string) => url.replace(/\/+$/, "");

// Secrets and tokens travel to these, so plain http is for this machine only.
const secureUrl = required
  .refine((text) => isUrl(text, false), "must be an https URL (http only on this machine)")
  .transform(withoutSlash);
// Inside a self-hosted stack the gateway has an http address that is not this machine's.
const gatewayUrl = required
  .refine((text) => isUrl(text, true), "must be an http or https URL")
  .transform(withoutSlash);

const name = z.string().trim().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be a logical name");

function number(what: string, fallback: number, within: { min: number; max: number; int?: true }) {
  const { min, max, int } = within;
  const message = `must be ${what} from ${min} to ${max}`;
  return z.string().trim().default(String(fallback)).transform((text, context) => {
    const value = text === "" ? NaN : Number(text);
    if (value >= min && value <= max && (!int || Number.isInteger(value))) return value;
    context.addIssue(message);
    return z.NEVER;
  });
}

const backoff = z.string().trim().default("5,30,120,600,1800,7200,21600").transform(
  (text, context) => {
    const seconds = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
    if (seconds.every((value) => value >= 0 && value <= 86_400)) return seconds;
    context.addIssue("must be seconds from 0 to 86400, separated by commas");
    return z.NEVER;
  },
);

/** The platform gives `{"default": "…"}`; a single key under the singular name does as well. */
const keys = required.transform((text, context) => {
  if (!text.startsWith("{")) return { default: text };
  try {
    const parsed = z.record(z.string(), z.string().min(1)).safeParse(JSON.parse(text));
    if (parsed.success && Object.keys(parsed.data).length > 0) return parsed.data;
  } catch {
    // The parser's message would quote the key.
  }
  context.addIssue("must be a JSON object of names and keys");
  return z.NEVER;
});

const environment = z.object({
  SUPABASE_URL: gatewayUrl,
  SUPABASE_SECRET_KEYS: keys,
  SUPABASE_PUBLISHABLE_KEYS: keys,
  DYNAMICS_URL: secureUrl,
  DYNAMICS_TENANT_ID: required.regex(/^[A-Za-z0-9.-]+$/, "must be a tenant's id or domain"),
  DYNAMICS_CLIENT_ID: required,
  DYNAMICS_CLIENT_SECRET: required,
  DYNAMICS_AUTHORITY_HOST: z.string().default("https://login.microsoftonline.com").pipe(secureUrl),
  DYNAMICS_LISTING_SET: name.default("hlf_mentorlistings"),
  DYNAMICS_LISTING_KEY: name.default("hlf_mentorid"),
  DYNAMICS_LISTING_PUBLISHED: name.default("hlf_published"),
  HLF_SYNC_BACKOFF_SECONDS: backoff,
  HLF_SYNC_JITTER: number("a share", 0.2, { min: 0, max: 1 }),
  HLF_SYNC_REQUEST_TIMEOUT_SECONDS: number("seconds", 10, { min: 0.1, max: 60 }),
  HLF_SYNC_CONCURRENCY: number("a whole number", 50, { min: 1, max: 52, int: true }),
  HLF_SYNC_LEASE_SECONDS: number("whole seconds", 60, { min: 1, max: 600, int: true }),
  HLF_SYNC_TIME_BUDGET_SECONDS: number("seconds", 110, { min: 1, max: 380 }),
}).refine(
  (read) => read.HLF_SYNC_LEASE_SECONDS > read.HLF_SYNC_REQUEST_TIMEOUT_SECONDS,
  {
    path: ["HLF_SYNC_LEASE_SECONDS"],
    message: "must be longer than HLF_SYNC_REQUEST_TIMEOUT_SECONDS, or nothing is ever sent",
    // Compared even where something else is wrong, so that every problem is told at once.
    when: ({ value }) => areNumbers(value),
  },
);

function areNumbers(value: unknown): boolean {
  return z.object({
    HLF_SYNC_LEASE_SECONDS: z.number(),
    HLF_SYNC_REQUEST_TIMEOUT_SECONDS: z.number(),
  }).safeParse(value).success;
}

/**
 * Reads the settings, once, at start.
 * <https://supabase.com/docs/guides/functions/secrets>
 *
 * @throws {SettingsError} that names every problem; no value is quoted
 */
export function readSettings(env: Environment): Settings {
  const parsed = environment.safeParse({
    ...env,
    SUPABASE_SECRET_KEYS: env.SUPABASE_SECRET_KEYS || env.SUPABASE_SECRET_KEY,
    SUPABASE_PUBLISHABLE_KEYS: env.SUPABASE_PUBLISHABLE_KEYS || env.SUPABASE_PUBLISHABLE_KEY,
  });
  if (!parsed.success) {
    throw new SettingsError(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`),
    );
  }
  const read = parsed.data;
  return {
    supabase: {
      url: read.SUPABASE_URL,
      publishableKeys: read.SUPABASE_PUBLISHABLE_KEYS,
      secretKeys: read.SUPABASE_SECRET_KEYS,
      publishableKey: mainKey(read.SUPABASE_PUBLISHABLE_KEYS),
      secretKey: mainKey(read.SUPABASE_SECRET_KEYS),
    },
    dynamics: {
      url: read.DYNAMICS_URL,
      tenantId: read.DYNAMICS_TENANT_ID,
      clientId: read.DYNAMICS_CLIENT_ID,
      clientSecret: read.DYNAMICS_CLIENT_SECRET,
      authorityHost: read.DYNAMICS_AUTHORITY_HOST,
      listing: {
        set: read.DYNAMICS_LISTING_SET,
        key: read.DYNAMICS_LISTING_KEY,
        published: read.DYNAMICS_LISTING_PUBLISHED,
      },
    },
    sync: {
      backoffSeconds: read.HLF_SYNC_BACKOFF_SECONDS,
      maxAttempts: read.HLF_SYNC_BACKOFF_SECONDS.length + 1,
      jitter: read.HLF_SYNC_JITTER,
      requestTimeoutSeconds: read.HLF_SYNC_REQUEST_TIMEOUT_SECONDS,
      concurrency: read.HLF_SYNC_CONCURRENCY,
      leaseSeconds: read.HLF_SYNC_LEASE_SECONDS,
      timeBudgetSeconds: read.HLF_SYNC_TIME_BUDGET_SECONDS,
    },
  };
}

function mainKey(named: Readonly<Record<string, string>>): string {
  return named.default ?? Object.values(named)[0] ?? "";
}
