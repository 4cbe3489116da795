import { parseJson } from "./parse_json.ts";
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
  const url = URL.parse(text);
  if (url === null) return false;
  const { protocol, username, search, hash } = url;
  if (username !== "" || search !== "" || hash !== "") return false;
  return protocol === "https:" || protocol === "http:";
}

/** Makes a value of a setting's text, which has no blanks around it, or refuses it in words that do not quote it. */
type Read<T> = (text: string, refuse: (problem: string) => never) => T;

/** Pages about environments, which are none themselves. */
const PORTALS =
  /^(?:make|admin|web)\.(?:[a-z0-9-]+\.)?(?:powerapps|powerautomate|powerplatform|preview\.powerapps)\.|^admin\.powerplatform\.microsoft\./;

/** What people copy is longer than the origin: the "Web API endpoint", a page of the app, a token endpoint. */
function problemOfOrigin(text: string): string | null {
  const https = "must be an https URL (http only on this machine)";
  const url = URL.parse(text);
  if (url === null) return https;
  const { protocol, hostname, username, pathname, search, hash, origin } = url;
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
const originUrl: Read<string> = (text, refuse) => {
  const problem = problemOfOrigin(text);
  return problem === null ? new URL(text).origin : refuse(problem);
};

// Inside a self-hosted stack the gateway has an http address that is not this machine's.
const gatewayUrl: Read<string> = (text, refuse) =>
  isUrl(text) ? text.replace(/\/+$/, "") : refuse("must be an http or https URL");

const id: Read<string> = (text, refuse) =>
  /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text)
    ? text.toLowerCase()
    : refuse("must be a uuid");

const logicalName: Read<string> = (text, refuse) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : refuse("must be a logical name");

const anyText: Read<string> = (text) => text;

function number(what: string, within: { min: number; max: number; int?: true }): Read<number> {
  const { min, max, int } = within;
  return (text, refuse) => {
    const value = Number(text);
    if (value >= min && value <= max && (!int || Number.isInteger(value))) return value;
    return refuse(`must be ${what} from ${min} to ${max}`);
  };
}

const backoff: Read<readonly number[]> = (text, refuse) => {
  const seconds = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (seconds.every((value) => value >= 0 && value <= 86_400)) return seconds;
  return refuse("must be seconds from 0 to 86400, separated by commas");
};

/** The platform gives `{"default": "…"}`; a list does as well, and a single key under the singular name. */
const keys: Read<Readonly<Record<string, string>>> = (text, refuse) => {
  const given = /^[{[]/.test(text) ? parseJson(text) : [text];
  const entries = Array.isArray(given) ? given.map(named) : Object.entries(given ?? {});
  const trimmed = entries.map(([name, key]) => [name, typeof key === "string" ? key.trim() : ""]);
  // No header holds another key.
  const areKeys = trimmed.every(([name, key]) =>
    typeof name === "string" && /^[ -~\u00a0-\u00ff]+$/.test(`${key}`)
  );
  if (areKeys && trimmed.length > 0) return Object.fromEntries(trimmed);
  return refuse("must be a JSON object of names and keys");
};

/** An entry of a list: a key alone, or an object that may name it. */
function named(entry: unknown, index: number): [name: unknown, key: unknown] {
  const position = index === 0 ? "default" : `key ${index + 1}`;
  if (typeof entry === "string") return [position, entry];
  const { name = position, api_key } = Object(entry);
  return [name, api_key];
}

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

/** Undefined also for a list of keys that is empty: some stacks give it beside the singular. */
function plural(text: string | undefined): string | undefined {
  return /^\s*(?:\{\s*\}|\[\s*\])?\s*$/.test(text ?? "") ? undefined : text;
}

type Setting<T> = (text: string | undefined, refuse: (problem: string) => never) => T;

function required<T>(read: Read<T>): Setting<T> {
  return (text, refuse) => text === undefined ? refuse("is missing") : readText(text, read, refuse);
}

function optional<T, F>(read: Read<T>, fallback: F): Setting<T | F> {
  return (text, refuse) => text === undefined ? fallback : readText(text, read, refuse);
}

function readText<T>(text: string, read: Read<T>, refuse: (problem: string) => never): T {
  // A value that is spelled wrongly is wrong in other ways as well, which say less.
  const problem = problemOfSpelling(text);
  if (problem !== null) return refuse(problem);
  const trimmed = text.trim();
  return trimmed === "" ? refuse("is missing") : read(trimmed, refuse);
}

const SETTINGS = {
  SUPABASE_URL: required(gatewayUrl),
  SUPABASE_SECRET_KEYS: required(keys),
  SUPABASE_PUBLISHABLE_KEYS: required(keys),
  DYNAMICS_URL: required(originUrl),
  DYNAMICS_TENANT_ID: required(id),
  DYNAMICS_CLIENT_ID: required(id),
  DYNAMICS_CLIENT_SECRET: required(anyText),
  DYNAMICS_AUTHORITY_HOST: optional(originUrl, "https://login.microsoftonline.com"),
  DYNAMICS_LISTING_SET: optional(logicalName, "hlf_mentorlistings"),
  DYNAMICS_LISTING_KEY: optional(logicalName, "hlf_mentorid"),
  DYNAMICS_LISTING_PUBLISHED: optional(logicalName, "hlf_published"),
  HLF_SYNC_PROJECT_URL: optional(gatewayUrl, null),
  HLF_SYNC_BACKOFF_SECONDS: optional(backoff, [5, 30, 120, 600, 1800, 7200, 21_600]),
  HLF_SYNC_JITTER: optional(number("a share", { min: 0, max: 1 }), 0.2),
  HLF_SYNC_REQUEST_TIMEOUT_SECONDS: optional(number("seconds", { min: 0.1, max: 120 }), 30),
  HLF_SYNC_CONCURRENCY: optional(number("a whole number", { min: 1, max: 52, int: true }), 50),
  HLF_SYNC_LEASE_SECONDS: optional(number("whole seconds", { min: 1, max: 600, int: true }), 60),
  HLF_SYNC_TIME_BUDGET_SECONDS: optional(number("seconds", { min: 1, max: 380 }), 85),
};

type Values = { [Name in keyof typeof SETTINGS]: ReturnType<typeof SETTINGS[Name]> };

/** What is wrong is gathered in `problems`; there a value is undefined. */
function readValues(env: Environment, problems: string[]): Values {
  const values = Object.entries(SETTINGS).map(([name, setting]) => {
    const text = env[name];
    // An empty setting is one that is not set.
    const given = text === undefined || /^[ \t]*$/.test(text) ? undefined : text;
    const refuse = (problem: string) => void problems.push(`${name} ${problem}`) as never;
    return [name, setting(given, refuse)];
  });
  return Object.fromEntries(values);
}

/**
 * Reads the settings, once, at start. Not by zod, which takes a cold process three milliseconds to load; the environment
 * is text already.
 * <https://supabase.com/docs/guides/functions/secrets>
 *
 * @throws {SettingsError} that names every problem; no value is quoted
 */
export function readSettings(env: Environment): Settings {
  const problems: string[] = [];
  const read = readValues({
    ...env,
    SUPABASE_SECRET_KEYS: plural(env.SUPABASE_SECRET_KEYS) ?? env.SUPABASE_SECRET_KEY,
    SUPABASE_PUBLISHABLE_KEYS: plural(env.SUPABASE_PUBLISHABLE_KEYS) ??
      env.SUPABASE_PUBLISHABLE_KEY,
  }, problems);
  if (read.HLF_SYNC_LEASE_SECONDS <= read.HLF_SYNC_REQUEST_TIMEOUT_SECONDS) {
    problems.push(
      "HLF_SYNC_LEASE_SECONDS must be longer than HLF_SYNC_REQUEST_TIMEOUT_SECONDS, or nothing is ever sent",
    );
  }
  if (problems.length > 0) throw new SettingsError(problems);
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
