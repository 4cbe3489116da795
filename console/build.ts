import { parseConfig } from "./check_settings.ts";
import { makeScript } from "./script.ts";
import { type Config, ConfigError } from "./src/model/config.ts";

const SOURCE = new URL("src/", import.meta.url);
const DIST = new URL("dist/", import.meta.url);

/** What a host has to offer, by name. */
interface Files {
  readonly "index.html": string;
  readonly "worker.js": string;
}

/**
 * Builds all that a host has to offer: the page, and the service worker that keeps it in the browser.
 *
 * @throws {Error} when a script cannot be bundled
 */
export async function buildFiles(config: Config): Promise<Files> {
  const [page, worker] = await Promise.all([buildPage(config), makeScript("worker/main.ts")]);
  return { "index.html": page, "worker.js": worker };
}

/**
 * Builds the page for one project: one HTML file with scripts, style and settings in it, so that it
 * costs one request, and a Content-Security-Policy that admits these by their hashes, the
 * project, and nothing else.
 *
 * @throws {Error} when the script cannot be bundled
 */
export async function buildPage(config: Config): Promise<string> {
  const [template, style, headStart, script] = await Promise.all([
    Deno.readTextFile(new URL("index.html", SOURCE)),
    Deno.readTextFile(new URL("style.css", SOURCE)).then(minifyStyle),
    makeScript("head_start_main.ts").then(safeInHtml),
    makeScript("main.tsx").then(safeInHtml),
  ]);
  return fill(template, {
    "{{policy}}": await policyFor(config, [headStart, script], style),
    "{{project}}": safeInAttribute(JSON.stringify(config)),
    "<style></style>": `<style>${style}</style>`,
    "<script></script>": `<script>${headStart}</script>`,
    '<script type="module"></script>': `<script type="module">${script}</script>`,
  });
}

/** A text as a host compresses it. */
export function compress(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(zipped).bytes();
}

/** How many bytes of a text travel. */
export async function compressedSize(text: string): Promise<number> {
  return (await compress(text)).byteLength;
}

function fill(template: string, parts: Record<string, string>): string {
  return Object.entries(parts).reduce((page, [place, part]) => {
    if (!page.includes(place)) throw new Error(`Cannot build the console: no ${place} in it`);
    return page.replace(place, () => part);
  }, template);
}

/** Within a script element only these would be read as HTML. */
function safeInHtml(script: string): string {
  return script.replace(/<(?=\/script|!--|script)/gi, "\\x3C");
}

function safeInAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

function minifyStyle(style: string): string {
  return style
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}")
    .trim();
}

async function policyFor(
  { supabaseUrl, asksThroughHost }: Config,
  scripts: readonly string[],
  style: string,
): Promise<string> {
  return [
    "default-src 'none'",
    `script-src ${(await Promise.all(scripts.map(hashOf))).join(" ")}`,
    `style-src ${await hashOf(style)}`,
    "worker-src 'self'",
    "img-src data:",
    `connect-src ${asksThroughHost ? "'self' " : ""}${new URL(supabaseUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types worker",
  ].join("; ");
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

/**
 * @throws {ConfigError} when they are missing or wrong, or the file cannot be read
 */
async function readArguments(
  [supabaseUrl, publishableKey, settingsPath]: readonly string[],
): Promise<Config> {
  let settings: unknown = {};
  if (settingsPath !== undefined) {
    try {
      settings = JSON.parse(await Deno.readTextFile(settingsPath));
    } catch (cause) {
      throw new ConfigError(`Cannot read the settings in ${settingsPath}`, { cause });
    }
  }
  return parseConfig({ ...Object(settings), supabaseUrl, publishableKey });
}

if (import.meta.main) {
  let config: Config;
  try {
    config = await readArguments(Deno.args);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`${error.message}: deno task console:build <address> <key> [settings.json]`);
    Deno.exit(1);
  }
  const files = Object.entries(await buildFiles(config));
  await Deno.mkdir(DIST, { recursive: true });
  for (const [name, text] of files) await Deno.writeTextFile(new URL(name, DIST), text);
  const sizes = await Promise.all(files.map(([, text]) => compressedSize(text)));
  const kilobytes = (sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1);
  console.log(
    `${DIST.pathname}: ${files.map(([name]) => name).join(" and ")}, ${kilobytes} kB compressed`,
  );
}
