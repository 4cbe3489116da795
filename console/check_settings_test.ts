import { assertEquals, assertThrows } from "@std/assert";
import { parseConfig } from "./check_settings.ts";
import { ConfigError, readConfig } from "./src/model/config.ts";

Deno.test("parseConfig() fills in what is left out", () => {
  assertEquals(parseConfig({ supabaseUrl: "https://x.example.org/", publishableKey: "sb_p" }), {
    supabaseUrl: "https://x.example.org",
    publishableKey: "sb_p",
    signIn: ["password", "email_code"],
    support: null,
    urgent: null,
    websiteUrl: null,
    listingUrl: null,
    websiteLagMinutes: 75,
    asksThroughHost: false,
  });
});

/** A key as projects had them before there were publishable ones. */
function legacyKey(role: string): string {
  return ["{}", JSON.stringify({ role }), "x"].map((part) => btoa(part)).join(".");
}

Deno.test("parseConfig() admits the anonymous key of an older project", () => {
  const key = legacyKey("anon");
  const settings = { supabaseUrl: "https://x.example.org", publishableKey: key };
  assertEquals(parseConfig(settings).publishableKey, key);
});

Deno.test("parseConfig() refuses what is missing, wrong, or secret", () => {
  const url = "https://x.example.org";
  for (
    const settings of [
      null,
      {},
      { supabaseUrl: "javascript:alert(1)", publishableKey: "k" },
      { supabaseUrl: url, publishableKey: "" },
      { supabaseUrl: url, publishableKey: "sb_secret_x" },
      { supabaseUrl: url, publishableKey: legacyKey("service_role") },
      ...[
        { signIn: [] },
        { signIn: ["facebook"] },
        { support: { name: "" } },
        { support: { name: "Drift", phone: "javascript:alert(1)" } },
        { websiteUrl: "javascript:alert(1)" },
        { listingUrl: "https://hlf.example.org/likeperson" },
        { websiteLagMinutes: -1 },
        { asksThroughHost: "https://page.example.org" },
        { suport: { name: "Drift" } },
      ].map((wrong) => ({ supabaseUrl: url, publishableKey: "sb_p", ...wrong })),
    ]
  ) assertThrows(() => parseConfig(settings), ConfigError);
});

Deno.test("readConfig() reads in the page what the build has checked, and nothing of another shape", () => {
  const checked = parseConfig({ supabaseUrl: "https://x.example.org", publishableKey: "sb_p" });
  assertEquals(readConfig(JSON.stringify(checked)), checked);
  for (
    const content of [
      null,
      "",
      "{{project}}",
      "{}",
      JSON.stringify({ ...checked, signIn: "password" }),
    ]
  ) {
    assertThrows(() => readConfig(content), ConfigError);
  }
});
