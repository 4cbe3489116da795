import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, readConfig } from "./config.ts";

Deno.test("readConfig() reads address and key", () => {
  const content = JSON.stringify({ supabaseUrl: "https://x.example.org/", publishableKey: "sb_p" });
  assertEquals(readConfig(content), {
    supabaseUrl: "https://x.example.org",
    publishableKey: "sb_p",
  });
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
    ]
  ) assertThrows(() => readConfig(content), ConfigError);
});
