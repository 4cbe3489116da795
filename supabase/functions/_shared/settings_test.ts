import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { SettingsError } from "./errors.ts";
import { type Environment, readSettings } from "./settings.ts";

const ENV: Environment = {
  SUPABASE_URL: "http://kong:8000",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a","cron":"sb_secret_b"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"web":"sb_publishable_a"}',
  DYNAMICS_URL: "https://org.crm4.dynamics.com/",
  DYNAMICS_TENANT_ID: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
  DYNAMICS_CLIENT_ID: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d003",
  DYNAMICS_CLIENT_SECRET: "secret",
};

function problemsOf(env: Environment): readonly string[] {
  return assertThrows(() => readSettings(env), SettingsError).problems;
}

Deno.test("readSettings() takes the project's own URL where the function is given another", () => {
  const of = (url: string) =>
    readSettings({ ...ENV, HLF_SYNC_PROJECT_URL: url }).supabase.projectUrl;
  assertEquals(of("https://project.example/"), "https://project.example");
  assertEquals(of(" "), "http://kong:8000");
});

Deno.test("readSettings() has a default for all that need not be said", () => {
  assertEquals(readSettings(ENV), {
    supabase: {
      url: "http://kong:8000",
      projectUrl: "http://kong:8000",
      secretKeys: { default: "sb_secret_a", cron: "sb_secret_b" },
      publishableKeys: { web: "sb_publishable_a" },
      secretKey: "sb_secret_a",
      publishableKey: "sb_publishable_a",
    },
    dynamics: {
      url: "https://org.crm4.dynamics.com",
      tenantId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
      clientId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d003",
      clientSecret: "secret",
      authorityHost: "https://login.microsoftonline.com",
      listing: { set: "hlf_mentorlistings", key: "hlf_mentorid", published: "hlf_published" },
    },
    sync: {
      backoffSeconds: [5, 30, 120, 600, 1800, 7200, 21600],
      maxAttempts: 8,
      jitter: 0.2,
      requestTimeoutSeconds: 30,
      concurrency: 50,
      leaseSeconds: 60,
      timeBudgetSeconds: 85,
    },
  });
});

Deno.test("readSettings() takes a single key under the singular name", () => {
  const { supabase } = readSettings({
    ...ENV,
    SUPABASE_SECRET_KEYS: undefined,
    SUPABASE_SECRET_KEY: "sb_secret_c",
    SUPABASE_PUBLISHABLE_KEYS: "",
    SUPABASE_PUBLISHABLE_KEY: "sb_publishable_c",
  });
  assertEquals([supabase.secretKey, supabase.publishableKey], ["sb_secret_c", "sb_publishable_c"]);
  assertEquals(supabase.secretKeys, { default: "sb_secret_c" });
});

Deno.test("readSettings() reads numbers, also fractions of seconds for a demo", () => {
  const { sync } = readSettings({
    ...ENV,
    HLF_SYNC_BACKOFF_SECONDS: " 0.1, 0.2 ",
    HLF_SYNC_JITTER: "0",
    HLF_SYNC_REQUEST_TIMEOUT_SECONDS: "0.5",
    HLF_SYNC_CONCURRENCY: "3",
    HLF_SYNC_LEASE_SECONDS: "2",
    HLF_SYNC_TIME_BUDGET_SECONDS: "20",
  });
  assertEquals(sync, {
    backoffSeconds: [0.1, 0.2],
    maxAttempts: 3,
    jitter: 0,
    requestTimeoutSeconds: 0.5,
    concurrency: 3,
    leaseSeconds: 2,
    timeBudgetSeconds: 20,
  });
});

Deno.test("readSettings() names everything that is missing at once", () => {
  assertEquals(problemsOf({}), [
    "SUPABASE_URL is missing",
    "SUPABASE_SECRET_KEYS is missing",
    "SUPABASE_PUBLISHABLE_KEYS is missing",
    "DYNAMICS_URL is missing",
    "DYNAMICS_TENANT_ID is missing",
    "DYNAMICS_CLIENT_ID is missing",
    "DYNAMICS_CLIENT_SECRET is missing",
  ]);
});

Deno.test("readSettings() names everything that is wrong at once, and quotes no value", () => {
  const problems = problemsOf({
    SUPABASE_URL: "kong",
    SUPABASE_SECRET_KEYS: '{"default": sb_secret_Kari',
    SUPABASE_PUBLISHABLE_KEYS: "[5]",
    DYNAMICS_URL: "http://org.crm4.dynamics.com",
    DYNAMICS_TENANT_ID: "a/b",
    DYNAMICS_CLIENT_ID: " ",
    DYNAMICS_CLIENT_SECRET: "",
    DYNAMICS_AUTHORITY_HOST: "https://user:password@login.example",
    DYNAMICS_LISTING_SET: "set(Kari)",
    DYNAMICS_LISTING_KEY: "",
    DYNAMICS_LISTING_PUBLISHED: "a b",
    HLF_SYNC_BACKOFF_SECONDS: "5,,30",
    HLF_SYNC_JITTER: "2",
    HLF_SYNC_REQUEST_TIMEOUT_SECONDS: "10",
    HLF_SYNC_CONCURRENCY: "53",
    HLF_SYNC_LEASE_SECONDS: "10",
    HLF_SYNC_TIME_BUDGET_SECONDS: "soon",
  });
  assertEquals(problems, [
    "SUPABASE_URL must be an http or https URL",
    "SUPABASE_SECRET_KEYS must be a JSON object of names and keys",
    "SUPABASE_PUBLISHABLE_KEYS must be a JSON object of names and keys",
    "DYNAMICS_URL must be an https URL (http only on this machine)",
    "DYNAMICS_TENANT_ID must be a uuid",
    "DYNAMICS_CLIENT_ID is missing",
    "DYNAMICS_CLIENT_SECRET is missing",
    "DYNAMICS_AUTHORITY_HOST must be an https URL (http only on this machine)",
    "DYNAMICS_LISTING_SET must be a logical name",
    "DYNAMICS_LISTING_PUBLISHED must be a logical name",
    "HLF_SYNC_BACKOFF_SECONDS must be seconds from 0 to 86400, separated by commas",
    "HLF_SYNC_JITTER must be a share from 0 to 1",
    "HLF_SYNC_CONCURRENCY must be a whole number from 1 to 52",
    "HLF_SYNC_TIME_BUDGET_SECONDS must be seconds from 1 to 380",
    "HLF_SYNC_LEASE_SECONDS must be longer than HLF_SYNC_REQUEST_TIMEOUT_SECONDS, or nothing is ever sent",
  ]);
});

Deno.test("readSettings() allows plain http to this machine", () => {
  for (const host of ["localhost:54390", "127.0.0.1:54390", "[::1]:54390"]) {
    assertEquals(
      readSettings({ ...ENV, DYNAMICS_URL: `http://${host}` }).dynamics.url,
      `http://${host}`,
    );
  }
});

const ORIGINS: [given: string, used: string | null, named?: string][] = [
  ["https://org.crm4.dynamics.com", "https://org.crm4.dynamics.com"],
  ["https://org.crm4.dynamics.com///", "https://org.crm4.dynamics.com"],
  [" HTTPS://Org.CRM4.dynamics.com/ ", "https://org.crm4.dynamics.com"],
  ["https://org.api.crm4.dynamics.com", "https://org.api.crm4.dynamics.com"],
  ["https://org.api.crm4.dynamics.com/api/data/v9.2/", null, "https://org.crm4.dynamics.com "],
  ["https://org.crm4.dynamics.com/api/data/v9.2", null, "https://org.crm4.dynamics.com"],
  ["https://org.crm4.dynamics.com/main.aspx?appid=1#x", null, "https://org.crm4.dynamics.com"],
  ["https://org.crm4.dynamics.com?x=1", null, "https://org.crm4.dynamics.com"],
  ["https://make.powerapps.com/environments/1/home", null, "https://<name>.crm4.dynamics.com"],
  ["https://admin.powerplatform.microsoft.com", null, "https://<name>.crm4.dynamics.com"],
  ["org.crm4.dynamics.com", null, "https URL"],
  ["https://user@org.crm4.dynamics.com", null, "https URL"],
];

for (const [given, used, named = ""] of ORIGINS) {
  Deno.test(`readSettings() DYNAMICS_URL ${given} → ${used ?? named}`, () => {
    const env = { ...ENV, DYNAMICS_URL: given };
    if (used !== null) return assertEquals(readSettings(env).dynamics.url, used);
    const [problem, ...others] = problemsOf(env);
    assertEquals([problem?.startsWith("DYNAMICS_URL "), others], [true, []]);
    assertStringIncludes(`${problem} `, named);
  });
}

Deno.test("readSettings() takes the authority as an origin, without a tenant", () => {
  const problems = problemsOf({
    ...ENV,
    DYNAMICS_AUTHORITY_HOST: "https://login.microsoftonline.com/6f1c7c1e/oauth2/v2.0/token",
  });
  assertEquals(problems, [
    "DYNAMICS_AUTHORITY_HOST must be the origin alone, nothing behind the host: " +
    "https://login.microsoftonline.com",
  ]);
});

Deno.test("readSettings() wants ids that are uuids", () => {
  for (const name of ["DYNAMICS_TENANT_ID", "DYNAMICS_CLIENT_ID"]) {
    for (
      const value of ["contoso.onmicrosoft.com", "client", "6f1c7c1e8a524a7e9b5151a1f0a3d003", "{}"]
    ) {
      assertEquals(problemsOf({ ...ENV, [name]: value }), [`${name} must be a uuid`]);
    }
  }
});

const SPELLINGS: [how: string, spoil: (value: string) => string, told: string][] = [
  ["double quotes", (value) => `"${value}"`, "quotes"],
  ["single quotes", (value) => `'${value}'`, "quotes"],
  ["backticks", (value) => "`" + value + "`", "quotes"],
  ["quotes of a word processor", (value) => `\u201c${value}\u201d`, "quotes"],
  ["quotes and blanks", (value) => ` "${value}" `, "quotes"],
  ["a zero-width space", (value) => `${value}\u200b`, "zero-width"],
  ["a byte order mark", (value) => `\ufeff${value}`, "zero-width"],
  ["a soft hyphen inside", (value) => `${value.slice(0, 3)}\u00ad${value.slice(3)}`, "zero-width"],
  ["CR", (value) => `${value}\r`, "line break"],
  ["CR and LF", (value) => `${value}\r\n`, "line break"],
  ["LF inside", (value) => `${value.slice(0, 3)}\n${value.slice(3)}`, "line break"],
];

for (const [how, spoil, told] of SPELLINGS) {
  Deno.test(`readSettings() names ${how}, once, and quotes no value`, () => {
    for (const name of Object.keys(ENV)) {
      const value = ENV[name] ?? "";
      const [problem, ...others] = problemsOf({ ...ENV, [name]: spoil(value) });
      assertEquals([problem?.startsWith(`${name} `), others], [true, []], name);
      assertStringIncludes(problem ?? "", told);
      assertEquals(problem?.includes(value), false);
    }
  });
}

Deno.test("readSettings() takes an empty optional setting for one that is not set", () => {
  const optional = [
    ...["DYNAMICS_AUTHORITY_HOST", "DYNAMICS_LISTING_SET", "DYNAMICS_LISTING_KEY"],
    ...["DYNAMICS_LISTING_PUBLISHED", "HLF_SYNC_BACKOFF_SECONDS", "HLF_SYNC_JITTER"],
    ...["HLF_SYNC_REQUEST_TIMEOUT_SECONDS", "HLF_SYNC_CONCURRENCY", "HLF_SYNC_LEASE_SECONDS"],
    "HLF_SYNC_TIME_BUDGET_SECONDS",
  ];
  for (const empty of ["", "  "]) {
    const env = Object.fromEntries(optional.map((name) => [name, empty]));
    assertEquals(readSettings({ ...ENV, ...env }), readSettings(ENV));
  }
});

const KEY_FORMS: [text: string, keys: Record<string, string>][] = [
  ['["sb_secret_a"]', { default: "sb_secret_a" }],
  ['["sb_secret_a", "sb_secret_b"]', { default: "sb_secret_a", "key 2": "sb_secret_b" }],
  ['[{"name":"cron","api_key":"sb_secret_c"}]', { cron: "sb_secret_c" }],
  ['{"default":"sb_secret_a"}', { default: "sb_secret_a" }],
  [" sb_secret_a ", { default: "sb_secret_a" }],
];

for (const [text, keys] of KEY_FORMS) {
  Deno.test(`readSettings() reads SUPABASE_SECRET_KEYS ${text}`, () => {
    const { supabase } = readSettings({ ...ENV, SUPABASE_SECRET_KEYS: text });
    assertEquals(supabase.secretKeys, keys);
    assertEquals(supabase.secretKey, Object.values(keys)[0] ?? "");
  });
}

const NO_KEYS = [
  ...["[5]", "[null]", '["sb_secret_a", ""]', '[{"name":"cron"}]', '[{"api_key":5}]'],
  ...['[{"name":5,"api_key":"sb_secret_a"}]', '[["sb_secret_a"]]', '{"default":5}'],
  ...["sb_secret_\u20ac", '{"default":"ok","cron":"\u20ac"}'],
  ...['{"default":" "}', '{"default":null}', '{"default":{"api_key":"sb_secret_a"}}', '{"default"'],
];

for (const text of NO_KEYS) {
  Deno.test(`readSettings() refuses SUPABASE_SECRET_KEYS ${text}`, () => {
    assertEquals(problemsOf({ ...ENV, SUPABASE_SECRET_KEYS: text }), [
      "SUPABASE_SECRET_KEYS must be a JSON object of names and keys",
    ]);
  });
}

Deno.test("readSettings() takes the singular key beside an empty list", () => {
  for (const empty of ["", "{}", "[]", " { } "]) {
    const env = { ...ENV, SUPABASE_SECRET_KEYS: empty, SUPABASE_SECRET_KEY: "sb_secret_c" };
    assertEquals(readSettings(env).supabase.secretKeys, { default: "sb_secret_c" });
  }
});
