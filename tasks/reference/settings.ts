import { parseConfig } from "../../console/check_settings.ts";
import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { table } from "./markdown.ts";

/** What the platform gives the function, without a line in `.env.example`. */
export const GIVEN: Readonly<Record<string, string>> = {
  SUPABASE_URL: "The project's address.",
  SUPABASE_SECRET_KEYS:
    "The secret keys by name: callers show one, and the first, or `default`, opens the database. One alone may stand in `SUPABASE_SECRET_KEY`.",
  SUPABASE_PUBLISHABLE_KEYS:
    "The publishable keys by name, for what is asked on a user's behalf. One alone may stand in `SUPABASE_PUBLISHABLE_KEY`.",
};

/** The settings of the coordinators' page: what each is, and what it must be. */
export const OF_THE_PAGE: Readonly<Record<string, readonly [meaning: string, limits: string]>> = {
  supabaseUrl: ["Address of the project; the first argument of the build.", "an http or https URL"],
  publishableKey: ["Its publishable key; the second argument.", "no secret key"],
  signIn: [
    "The ways of signing in, in the order in which they are offered; `email_code` is a code by e-mail, `azure` Entra ID.",
    "`password`, `email_code`, `azure`, one at least",
  ],
  support: [
    "Who helps coordinators; stands beside everything that they cannot put right themselves. Without it “the people who run this system”.",
    "`{ name, email, phone }`; the last two may be missing",
  ],
  urgent: [
    "Whom to call when somebody must be off the website at once; stands beside every “may still be shown”. Without it “Call HLF”.",
    "`{ phone, text }`; `text` may be missing",
  ],
  websiteUrl: ["The public page; without it no link.", "an http or https URL"],
  listingUrl: ["A mentor's public listing; without it no link.", "a URL with `{id}` in it"],
  websiteLagMinutes: [
    "How long the public page may lag behind what Dynamics has confirmed.",
    "whole minutes from 0 to 1440",
  ],
  asksThroughHost: [
    "Whether the page asks the database through its own host, which then has to [pass it on](../../console/README.md#through-the-pages-own-host).",
    "`true` or `false`",
  ],
};

/** The names in Vault. */
export const IN_VAULT: Readonly<Record<string, readonly [meaning: string, isRequired: boolean]>> = {
  hlf_sync_function_url: ["The function's URL, for the database to call.", true],
  hlf_sync_secret_key: ["A secret key of the project, which that call carries in `apikey`.", true],
  hlf_sync_alert_webhook_url: [
    "Where alerts go: Slack's and Teams' workflows get their own form by the host of the URL, others `{\"text\": …}` with the details beside it.",
    true,
  ],
  hlf_sync_heartbeat_url: [
    "Called (GET) each minute, for any dead man's switch. It stays away when the database, pg_cron, pg_net or Vault stands still, and while a message has been undelivered for a quarter of an hour. **Without it, nobody is told of these.**",
    false,
  ],
  hlf_sync_coordinator_webhook_url: [
    "Where all coordinators read how many of their mentors need attention; nobody is named.",
    false,
  ],
  "hlf_sync_coordinator_webhook_url:<organisation id>": [
    "The same for one organisation, in place of that of all.",
    false,
  ],
  hlf_sync_console_url: [
    "The coordinators' page; each of those messages ends with a link to it that opens the organisation.",
    false,
  ],
  hlf_sync_project_name: [
    "What messages call this project, such as `production`. Without it the host of the function's URL.",
    false,
  ],
  hlf_sync_runbook_url: [
    "Where [alerts](alerts.md) can be read, for the links in messages.",
    false,
  ],
};

/** Columns that an operator sets, by their table. */
const IN_TABLES: Readonly<Record<string, readonly string[]>> = {
  hlf_sync_gate: [
    "max_in_flight",
    "max_requests",
    "requests_window",
    "late_commit_margin",
    "interruption_backoff",
    "max_refusals",
    "accepted_listing_count",
  ],
  hlf_sync_switches: ["is_enabled", "mass_change_allowed_until"],
  hlf_certification_policies: ["threshold_days"],
};

interface Setting {
  readonly name: string;
  readonly meaning: string;
  /** Null when the setting is required. */
  readonly fallback: string | null;
}

/** The settings in the text of `.env.example`: a comment, then the name, behind `#` where there is a default. */
export function readExample(text: string): Setting[] {
  const settings: Setting[] = [];
  let meaning: string[] = [];
  for (const line of text.split("\n")) {
    const [, isDefault, name, value = ""] = /^(# )?([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      settings.push({ name, meaning: meaning.join(" "), fallback: isDefault ? value : null });
    }
    meaning = name === undefined && line.startsWith("# ") ? [...meaning, line.slice(2)] : [];
  }
  return settings;
}

/** What the function says that a setting must be, when it is given nonsense. */
function limitsOf(name: string): string {
  try {
    readSettings({ [name]: "{!" });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problem = error.problems.find((problem) => problem.startsWith(`${name} must be `));
    return problem?.slice(`${name} must be `.length) ?? "any text";
  }
  return "any text";
}

/** Default and comment of a column in a dump of the schema. */
function readColumn(dump: string, tableName: string, column: string): [string, string] {
  const definition = dump.split(`CREATE TABLE public.${tableName} (`)[1]?.split("\n);")[0] ?? "";
  const [, fallback = "null"] =
    new RegExp(`^ +${column} .*?DEFAULT (\\S+?)(?:::\\S+)?(?: NOT NULL)?,?$`, "m")
      .exec(definition) ?? [];
  const [, comment = ""] =
    new RegExp(`^COMMENT ON COLUMN public\\.${tableName}\\.${column} IS '(.*)';$`, "m")
      .exec(dump) ?? [];
  return [fallback.replace(/'/g, ""), comment.replaceAll("''", "'")];
}

const code = (text: string | null, otherwise: string) => text ? `\`${text}\`` : otherwise;

/** The reference of the settings, as Markdown. */
export function describeSettings(example: string, dump: string): string {
  const ofTheFunction = [
    ...Object.entries(GIVEN).map(([name, meaning]) => [
      `\`${name}\``,
      meaning,
      "given by the platform",
      limitsOf(name),
    ]),
    ...readExample(example).map(({ name, meaning, fallback }) => [
      `\`${name}\``,
      meaning,
      fallback === null ? "required" : code(fallback, "none"),
      limitsOf(name),
    ]),
  ];
  const page = parseConfig({ supabaseUrl: "https://project.example", publishableKey: "key" });
  const ofThePage = Object.entries(OF_THE_PAGE).map(([name, [meaning, limits]]) => {
    const fallback = new Map<string, unknown>(Object.entries(page)).get(name);
    const isRequired = ["supabaseUrl", "publishableKey"].includes(name);
    return [
      `\`${name}\``,
      meaning,
      isRequired ? "required" : code(JSON.stringify(fallback), ""),
      limits,
    ];
  });
  const inVault = Object.entries(IN_VAULT).map(([name, [meaning, isRequired]]) => [
    `\`${name}\``,
    meaning,
    isRequired ? "required" : "optional",
  ]);
  const inTables = Object.entries(IN_TABLES).flatMap(([tableName, columns]) =>
    columns.map((column) => {
      const [fallback, comment] = readColumn(dump, tableName, column);
      return [`\`${tableName}.${column}\``, comment, `\`${fallback}\``];
    })
  );
  return `# Settings

Generated by \`deno task reference\` from what the code reads; a test compares them.

## The function

Secrets of the edge function, read once at its start; every problem is named at once, and no value is ever quoted.
An empty setting counts as one that is not set. [deploying](../guides/deploying.md) says where the values come from.

${table(["setting", "meaning", "default", "must be"], ofTheFunction)}
## The coordinators' page

In the JSON file that \`deno task console:build <project URL> <publishable key> settings.json\` reads. The page is built anew for a change.

${table(["setting", "meaning", "default", "must be"], ofThePage)}
## Vault

\`select vault.create_secret('https://…', 'hlf_sync_heartbeat_url');\` in the SQL editor puts one in. A URL is absolute, with http or https.

${table(["name", "meaning", ""], inVault)}
## Tables

Changed in the SQL editor, for all workers at once. The gate has one row; an organisation is switched with \`hlf_sync.switch_on(id)\`
and \`hlf_sync.switch_off(id)\`.

${table(["column", "meaning", "default"], inTables)}`;
}
