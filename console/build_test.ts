import { assert, assertEquals } from "@std/assert";
import { buildConsole, isBuilt } from "./build.ts";

async function build() {
  const path = await Deno.makeTempDir();
  const directory = new URL(`file://${path}/`);
  const built = await buildConsole(directory);
  const page = await Deno.readTextFile(new URL("index.html", directory));
  return {
    built,
    directory,
    page,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toBase64();
}

Deno.test("buildConsole() makes one file that admits its own script and style and nothing else", async () => {
  await using world = await build();
  const { page } = world;
  const [, policy = ""] = page.match(/Content-Security-Policy" content="([^"]*)"/) ?? [];
  const [, script = ""] = page.match(/<script type="module">([\s\S]*)<\/script>/) ?? [];
  const [, style = ""] = page.match(/<style>([\s\S]*)<\/style>/) ?? [];
  assert(policy.includes(`script-src 'sha256-${await hashOf(script)}'`));
  assert(policy.includes(`style-src 'sha256-${await hashOf(style)}'`));
  assert(policy.startsWith("default-src 'none'") && !policy.includes("unsafe"));
  assertEquals(page.match(/<script/g)?.length, 1);
  assertEquals(page.match(/<(link|img|iframe)[^>]*(src|href)="(?!data:)/g), null);
  assertEquals(page.includes("{{"), false);
});

Deno.test("buildConsole() stays within the budget", async () => {
  await using world = await build();
  assert(world.built.gzippedBytes < 150_000, String(world.built.gzippedBytes));
});

Deno.test("buildConsole() writes nothing of this machine into the page", async () => {
  await using world = await build();
  assertEquals(world.page.includes(new URL(".", import.meta.url).pathname), false);
});

Deno.test("isBuilt() knows a missing build from a fresh one", async () => {
  await using world = await build();
  assertEquals(await isBuilt(world.directory), true);
  assertEquals(await isBuilt(new URL("nothing/", world.directory)), false);
  await Deno.utime(new URL("index.html", world.directory), 0, 0);
  assertEquals(await isBuilt(world.directory), false);
});
