import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, readConfig } from "./config.ts";

Deno.test("readConfig() reads address and key", () => {
  const content = JSON.stringify({ supabaseUrl: "https://x.example.org/", publishableKey: "sb_p" });
  assertEquals(readConfig(content), {
    supabaseUrl: "https://x.example.org",
    publishableKey: "sb_p",
    signIn: ["password", "email_code"],
    support: null,
    urgent: null,
    websiteUrl: null,
    listingUrl: null,
    websiteLagMinutes: 75,
  });
});

/** A key as projects had them before there were publishable ones. */
function legacyKey(role: string): string {
  return ["{}", JSON.stringify({ role }), "x"].map((part) => btoa(part)).join(".");
}

Deno.test("readConfig() admits the anonymous key of an older project", () => {
  const key = legacyKey("anon");
  const content = JSON.stringify({ supabaseUrl: "https://x.example.org", publishableKey: key });
  assertEquals(readConfig(content).publishableKey, key);
});

Deno.test("readConfig() refuses what is missing, wrong, or secret", () => {
  const url = "https://x.example.org";
  for (
    const content of [
      null,
      "",
      "{{project}}",
      "{}",
      JSON.stringify({ supabaseUrl: "javascript:alert(1)", publishableKey: "k" }),
      JSON.stringify({ supabaseUrl: url, publishableKey: "" }),
      JSON.stringify({ supabaseUrl: url, publishableKey: "sb_secret_x" }),
      JSON.stringify({ supabaseUrl: url, publishableKey: legacyKey("service_role") }),
      ...[
        { signIn: [] },
        { signIn: ["facebook"] },
        { support: { name: "" } },
        { support: { name: "Drift", phone: "javascript:alert(1)" } },
        { websiteUrl: "javascript:alert(1)" },
        { listingUrl: "https://hlf.example.org/likeperson" },
        { websiteLagMinutes: -1 },
        { suport: { name: "Drift" } },
      ].map((wrong) => JSON.stringify({ supabaseUrl: url, publishableKey: "sb_p", ...wrong })),
    ]
  ) assertThrows(() => readConfig(content), ConfigError);
});
