import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, loadConfig } from "./config.ts";

function answering(body: string, status = 200): typeof fetch {
  return () => Promise.resolve(new Response(body, { status }));
}

Deno.test("loadConfig() reads address and key", async () => {
  const body = JSON.stringify({ supabaseUrl: "https://x.example.org/", publishableKey: "sb_p" });
  assertEquals(await loadConfig(answering(body)), {
    supabaseUrl: "https://x.example.org",
    publishableKey: "sb_p",
  });
});

Deno.test("loadConfig() refuses what is missing, wrong, or secret", async () => {
  const url = "https://x.example.org";
  for (
    const get of [
      answering("", 404),
      answering("<html>"),
      answering("{}"),
      answering(JSON.stringify({ supabaseUrl: "javascript:alert(1)", publishableKey: "k" })),
      answering(JSON.stringify({ supabaseUrl: url, publishableKey: "" })),
      answering(JSON.stringify({ supabaseUrl: url, publishableKey: "sb_secret_x" })),
      () => Promise.reject(new TypeError("offline")),
    ]
  ) await assertRejects(() => loadConfig(get), ConfigError);
});
