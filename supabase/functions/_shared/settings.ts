import * as z from "zod";
import { SettingsError } from "./errors.ts";

/** Everything the function knows about where it runs. */
export interface Settings {
  /** The project that the function belongs to, and its keys by name. */
  readonly supabase: {
    readonly url: string;
    /** What the project is known by, where the URL that the function is given is not its own. */
    readonly projectUrl: string;
    readonly publishableKeys: Readonly<Record<string, string>>;
    readonly secretKeys: Readonly<Record<string, string>>;
    /** The key named `default`, or the first. */
    readonly publishableKey: string;
    readonly secretKey: string;
  };
  /** The environment of Dynamics, and how to ask Entra for a token for it. */
  readonly dynamics: {
    readonly url: string;
    readonly tenantId: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly authorityHost: string;
    readonly listing: { readonly set: string; readonly key: string; readonly published: string };
  };
  /** How the work is done; every duration in seconds. */
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

function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  if (username !== "" || search !== "" || hash !== "") return false;
  return protocol === "https:" || protocol === "http:";
}

const required = z.string("is missing").trim().min(1, "is missing");
const withoutSlash = (url: string) => url.replace(/\/+$/, "");

/** Pages about environments, which are none themselves. */
const PORTALS =
  /^(?:make|admin|web)\.(?:[a-z0-9-]+\.)?(?:powerapps|powerautomate|powerplatform|preview\.powerapps)\.|^admin\.powerplatform\.microsoft\./;

/** What people copy is longer than the origin: the "Web API endpoint", a page of the app, a token endpoint. */
function problemOfOrigin(text: string): string | null {
  const https = "must be an https URL (http only on this machine)";
  if (!URL.canParse(text)) return https;
  const { protocol, hostname, username, pathname, search, hash, origin } = new URL(text);
  const isSecure = protocol === "https:" || (protocol === "http:" && THIS_MACHINE.has(hostname));
  if (!isSecure || username !== "") return https;
  if (PORTALS.test(hostname)) {
    return "is a portal's address: take the environment's own, such as https://<name>.crm4.dynamics.com";
  }
  if (/^\/*$/.test(pathname) && search === "" && hash === "") return null;
  const plain = origin.replace(/^(https:\/\/[^.]+)\.api(\.crm[0-9]*\.)/, "$1$2");
  return `must be the origin alone, nothing behind the host: ${plain}` +
    (plain === origin ? "" : ` (or ${origin})`);
}

// Secrets and tokens travel to these, so plain http is for this machine only.
const originUrl = required.transform((text, context) => {
  const problem = problemOfOrigin(text);
  if (problem === null) return new URL(text).origin;
  context.addIssue(problem);
  return z.NEVER;
});
// Inside a self-hosted stack the gateway has an http address that is not this machine's.
const gatewayUrl = required
  .refine((text) => isUrl(text), "must be an http or https URL")
  .transform(withoutSlash);
const id = required.pipe(z.guid("must be a uuid")).transform((text) => text.toLowerCase());

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

const key = z.string().trim().min(1);
const namedKeys = z.union([
  z.record(z.string(), key),
  z.array(z.union([key, z.object({ api_key: key, name: z.string().optional() })]))
    .transform((list) => Object.fromEntries(list.map(named))),
]).refine((keys) => Object.keys(keys).length > 0);

function named(entry: string | { api_key: string; name?: string | undefined }, index: number) {
  const name = index === 0 ? "default" : `key ${index + 1}`;
  return typeof entry === "string" ? [name, entry] : [entry.name ?? name, entry.api_key];
}

/** The platform gives `{"default": "…"}`; a list does as well, and a single key under the singular name. */
const keys = required.transform((text, context): Record<string, string> => {
  if (!/^[{[]/.test(text)) return { default: text };
  try {
    const parsed = namedKeys.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
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
  DYNAMICS_URL: originUrl,
  DYNAMICS_TENANT_ID: id,
  DYNAMICS_CLIENT_ID: id,
  DYNAMICS_CLIENT_SECRET: required,
  DYNAMICS_AUTHORITY_HOST: z.string().default("https://login.microsoftonline.com").pipe(originUrl),
  DYNAMICS_LISTING_SET: name.default("hlf_mentorlistings"),
  DYNAMICS_LISTING_KEY: name.default("hlf_mentorid"),
  DYNAMICS_LISTING_PUBLISHED: name.default("hlf_published"),
  HLF_SYNC_PROJECT_URL: gatewayUrl.optional(),
  HLF_SYNC_BACKOFF_SECONDS: backoff,
  HLF_SYNC_JITTER: number("a share", 0.2, { min: 0, max: 1 }),
  HLF_SYNC_REQUEST_TIMEOUT_SECONDS: number("seconds", 30, { min: 0.1, max: 120 }),
  HLF_SYNC_CONCURRENCY: number("a whole number", 50, { min: 1, max: 52, int: true }),
  HLF_SYNC_LEASE_SECONDS: number("whole seconds", 60, { min: 1, max: 600, int: true }),
  HLF_SYNC_TIME_BUDGET_SECONDS: number("seconds", 85, { min: 1, max: 380 }),
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

const NAMES = Object.keys(environment.shape);

/** What a line of a file or a copied text brings along without being seen. */
function problemOfSpelling(text: string): string | null {
  if (/[\r\n]/.test(text)) {
    return "holds a line break (CR or LF): write it on one line, without one";
  }
  if (/[\u00ad\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060\ufeff]/.test(text)) {
    return "holds a zero-width character: type it in anew";
  }
  if (/^\s*(["'`\u2018-\u201f]).*["'`\u2018-\u201f]\s*$/.test(text)) {
    return "is in quotes: write it without them";
  }
  return null;
}

/** An empty setting is one that is not set. */
function clean(env: Environment): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && /[^ \t]/.test(value)),
  );
}

/** Undefined also for a list of keys that is empty: some stacks give it beside the singular. */
function plural(text: string | undefined): string | undefined {
  return /^\s*(?:\{\s*\}|\[\s*\])?\s*$/.test(text ?? "") ? undefined : text;
}

/**
 * Reads the settings, once, at start.
 * <https://supabase.com/docs/guides/functions/secrets>
 *
 * @throws {SettingsError} that names every problem; no value is quoted
 */
export function readSettings(env: Environment): Settings {
  const given = clean({
    ...env,
    SUPABASE_SECRET_KEYS: plural(env.SUPABASE_SECRET_KEYS) ?? env.SUPABASE_SECRET_KEY,
    SUPABASE_PUBLISHABLE_KEYS: plural(env.SUPABASE_PUBLISHABLE_KEYS) ??
      env.SUPABASE_PUBLISHABLE_KEY,
  });
  const spelling = new Map(
    NAMES.flatMap((name): [string, string][] => {
      const problem = problemOfSpelling(given[name] ?? "");
      return problem === null ? [] : [[name, problem]];
    }),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success || spelling.size > 0) {
    // A value that is spelled wrongly is wrong in other ways as well, which say less.
    const others = (parsed.error?.issues ?? []).filter(({ path }) =>
      !spelling.has(path.map(String).join("."))
    );
    throw new SettingsError([
      ...[...spelling].map(([name, problem]) => `${name} ${problem}`),
      ...others.map(({ path, message }) => `${path.join(".")} ${message}`),
    ]);
  }
  const read = parsed.data;
  return {
    supabase: {
      url: read.SUPABASE_URL,
      projectUrl: read.HLF_SYNC_PROJECT_URL ?? read.SUPABASE_URL,
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
