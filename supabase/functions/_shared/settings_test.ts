import { assertEquals, assertThrows } from "@std/assert";
import { SettingsError } from "./errors.ts";
import { type Environment, readSettings } from "./settings.ts";

const ENV: Environment = {
  SUPABASE_URL: "http://kong:8000",
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_a","cron":"sb_secret_b"}',
  SUPABASE_PUBLISHABLE_KEYS: '{"web":"sb_publishable_a"}',
  DYNAMICS_URL: "https://org.crm4.dynamics.com/",
  DYNAMICS_TENANT_ID: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
  DYNAMICS_CLIENT_ID: "client",
  DYNAMICS_CLIENT_SECRET: "secret",
};

function problemsOf(env: Environment): readonly string[] {
  return assertThrows(() => readSettings(env), SettingsError).problems;
}

Deno.test("readSettings() has a default for all that need not be said", () => {
  assertEquals(readSettings(ENV), {
    supabase: {
      url: "http://kong:8000",
      secretKeys: { default: "sb_secret_a", cron: "sb_secret_b" },
      publishableKeys: { web: "sb_publishable_a" },
      secretKey: "sb_secret_a",
      publishableKey: "sb_publishable_a",
    },
    dynamics: {
      url: "https://org.crm4.dynamics.com",
      tenantId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
      clientId: "client",
      clientSecret: "secret",
      authorityHost: "https://login.microsoftonline.com",
      listing: { set: "hlf_mentorlistings", key: "hlf_mentorid", published: "hlf_published" },
    },
    sync: {
      backoffSeconds: [5, 30, 120, 600, 1800, 7200, 21600],
      maxAttempts: 8,
      jitter: 0.2,
      requestTimeoutSeconds: 10,
      concurrency: 50,
      leaseSeconds: 60,
      timeBudgetSeconds: 110,
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
    SUPABASE_PUBLISHABLE_KEYS: "{}",
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
    "DYNAMICS_TENANT_ID must be a tenant's id or domain",
    "DYNAMICS_CLIENT_ID is missing",
    "DYNAMICS_CLIENT_SECRET is missing",
    "DYNAMICS_AUTHORITY_HOST must be an https URL (http only on this machine)",
    "DYNAMICS_LISTING_SET must be a logical name",
    "DYNAMICS_LISTING_KEY must be a logical name",
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
