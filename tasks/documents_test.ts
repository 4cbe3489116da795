import { assertEquals } from "@std/assert";
import { basename, dirname, join } from "node:path/posix";
import { projectPath } from "../stack/machine/project_path.ts";
import { listFiles } from "./project_files.ts";

const read = (path: string) => Deno.readTextFile(projectPath(path));

/** As GitHub makes anchors of headings. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-")
  );
}

Deno.test("the documents link to what is there", async () => {
  const files = new Set(await listFiles(/./));
  const folders = new Set([...files].map((file) => dirname(file)));
  const dead: string[] = [];
  for (const document of await listFiles(/\.md$/)) {
    const text = await read(document);
    for (const [, link, source] of text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)) {
      const [path = "", anchor] = (link ?? source ?? "").split("#");
      if (/^\w+:/.test(path)) continue;
      const target = path === "" ? document : join(dirname(document), path);
      const isThere = files.has(target) || folders.has(target.replace(/\/$/, ""));
      const hasAnchor = anchor === undefined ||
        (files.has(target) && anchors(await read(target)).includes(anchor));
      if (!isThere || !hasAnchor) dead.push(`${document}: ${link ?? source}`);
    }
  }
  assertEquals(dead, []);
});

/** A name with folders before it, or with two dots (`x_test.ts`), that looks like a file of this project. */
const NAMED = /(?<![\w/.@<-])((?:[\w.-]+\/)*[\w-]+\.(?:tsx?|sql|md|json|yml|svg|toml))(?![\w/])/g;

/** Files of others, of an app that hlf-sync is put into, made while running, and examples of what is not there. */
const NOT_OURS =
  /^(?:_|settings|stack|manifest|roles\.sql|data\.sql|.*hlf_sync_|.*\d{14}|supabase\/tests\/hlf_sync\/|(?:\w+\/)?x(?:_test)?\.ts|.*index\.js)/;

function comments(path: string, text: string): string {
  if (path.endsWith(".md")) return text.replace(/\]\([^)]*\)/g, "]");
  const pattern = path.endsWith(".sql") ? /--.*$/gm : /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm;
  return [...text.matchAll(pattern)].map(([comment]) => comment).join("\n");
}

Deno.test("comments and documents name files that are there", async () => {
  const files = await listFiles(/./);
  const names = new Set(files.map((file) => basename(file)));
  const missing: string[] = [];
  for (const path of await listFiles(/\.(tsx?|sql|md)$/)) {
    if (path === "supabase/schema.sql" || path === "CHANGELOG.md") continue;
    const text = comments(path, await read(path)).replace(/<?https?:\S+/g, "");
    for (const [, name = ""] of text.matchAll(NAMED)) {
      if (NOT_OURS.test(name)) continue;
      const isThere = name.includes("/")
        ? files.some((file) => file === name || file.endsWith(`/${name}`)) ||
          files.includes(join(dirname(path), name))
        : names.has(name);
      if (!isThere) missing.push(`${path}: ${name}`);
    }
  }
  assertEquals(missing, []);
});
