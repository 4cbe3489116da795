import { assert, assertEquals } from "@std/assert";
import { buildFiles, buildPage, compressedSize } from "./build.ts";
import { parseConfig } from "./check_settings.ts";

const CONFIG = parseConfig({
  supabaseUrl: "https://x.example.org/base",
  publishableKey: 'sb_"<&',
});

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toBase64();
}

Deno.test("buildPage() makes one file that admits its own script and style, its project, and nothing else", async () => {
  const page = await buildPage(CONFIG);
  const [, policy = ""] = page.match(/Content-Security-Policy" content="([^"]*)"/) ?? [];
  const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);
  const [, style = ""] = page.match(/<style>([\s\S]*)<\/style>/) ?? [];
  const hashes = await Promise.all(scripts.map((text = "") => hashOf(text)));
  assertEquals(hashes.length, 2);
  assert(policy.includes(`script-src ${hashes.map((hash) => `'sha256-${hash}'`).join(" ")};`));
  assert(policy.includes(`style-src 'sha256-${await hashOf(style)}'`));
  assert(policy.includes("connect-src https://x.example.org;"));
  assert(policy.includes("worker-src 'self';"));
  assert(policy.startsWith("default-src 'none'") && !policy.includes("unsafe"));
  assertEquals(page.match(/<(link|img|iframe)[^>]*(src|href)="(?!data:)/g), null);
  assertEquals(page.includes("{{"), false);
});

Deno.test("buildPage() admits the page's own host where the page asks through it", async () => {
  const page = await buildPage({ ...CONFIG, asksThroughHost: true });
  assert(page.includes("connect-src 'self' https://x.example.org;"));
});

Deno.test("buildPage() writes the settings so that no key can break out of them", async () => {
  const page = await buildPage(CONFIG);
  assert(page.includes(
    '<meta name="project" content="{&quot;supabaseUrl&quot;:&quot;https://x.example.org/base&quot;,' +
      "&quot;publishableKey&quot;:&quot;sb_\\&quot;&lt;&amp;&quot;,",
  ));
});

Deno.test("buildPage() stays within the budget, and writes nothing of this machine into the page", async () => {
  const files = Object.values(await buildFiles(CONFIG));
  const sizes = await Promise.all(files.map(compressedSize));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert(bytes < 70_000, String(bytes));
  const folder = new URL(".", import.meta.url).pathname;
  assertEquals(files.filter((text) => text.includes(folder)), []);
});
