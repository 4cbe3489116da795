const SOURCE = new URL("src/", import.meta.url);
const DIST = new URL("dist/", import.meta.url);

/** How large the page is. */
export interface Built {
  /** Directory that can be put on any static host, with a `config.json` beside the page. */
  readonly directory: URL;
  readonly bytes: number;
  readonly gzippedBytes: number;
}

/**
 * Builds the page: one HTML file with script and style in it, so that a view costs one request, and
 * a Content-Security-Policy that admits these two by their hashes and nothing else.
 *
 * @throws {Error} when the script cannot be bundled
 */
export async function buildConsole(directory: URL = DIST): Promise<Built> {
  const [template, style, script] = await Promise.all([
    Deno.readTextFile(new URL("index.html", SOURCE)),
    Deno.readTextFile(new URL("style.css", SOURCE)).then(minifyStyle),
    bundle(new URL("main.tsx", SOURCE)).then(safeInHtml),
  ]);
  const page = fill(template, {
    "{{policy}}": await policyFor(script, style),
    "<style></style>": `<style>${style}</style>`,
    '<script type="module"></script>': `<script type="module">${script}</script>`,
  });

  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(new URL("index.html", directory), page);
  return {
    directory,
    bytes: new TextEncoder().encode(page).length,
    gzippedBytes: await gzippedSize(page),
  };
}

function fill(template: string, parts: Record<string, string>): string {
  return Object.entries(parts).reduce((page, [place, part]) => {
    if (!page.includes(place)) throw new Error(`Cannot build the console: no ${place} in it`);
    return page.replace(place, () => part);
  }, template);
}

/** Whether there is a build that is newer than everything it is made of. */
export async function isBuilt(directory: URL = DIST): Promise<boolean> {
  try {
    const built = await Deno.stat(new URL("index.html", directory));
    const lockedAt = await modifiedAt(new URL("../deno.json", import.meta.url));
    return (built.mtime?.getTime() ?? 0) > Math.max(lockedAt, await newestIn(SOURCE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function newestIn(directory: URL): Promise<number> {
  let newest = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const time = isDirectory
      ? await newestIn(new URL(`${name}/`, directory))
      : await modifiedAt(new URL(name, directory));
    newest = Math.max(newest, time);
  }
  return newest;
}

async function modifiedAt(file: URL): Promise<number> {
  return (await Deno.stat(file)).mtime?.getTime() ?? 0;
}

async function bundle(entry: URL): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", "--minify", entry.href],
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot bundle the console: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout).trim();
}

/** Within a script element only these would be read as HTML. */
function safeInHtml(script: string): string {
  return script.replace(/<(?=\/script|!--|script)/gi, "\\x3C");
}

function minifyStyle(style: string): string {
  return style
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}")
    .trim();
}

/** Which hosts may be asked is narrowed down further by the page itself, once it has read its settings. */
async function policyFor(script: string, style: string): Promise<string> {
  return [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "img-src data:",
    "connect-src 'self' https: http://127.0.0.1:* http://localhost:*",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${new Uint8Array(digest).toBase64()}'`;
}

async function gzippedSize(text: string): Promise<number> {
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(zipped).arrayBuffer()).byteLength;
}

if (import.meta.main) {
  const { directory, bytes, gzippedBytes } = await buildConsole();
  console.log(
    `${directory.pathname}index.html: ${kilobytes(bytes)}, ${kilobytes(gzippedBytes)} compressed`,
  );
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
