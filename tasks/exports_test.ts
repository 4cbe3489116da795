import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { projectPath } from "../stack/machine/project_path.ts";
import { listFiles } from "./project_files.ts";

const EXPORTED =
  /^export (?:abstract |async )*(const|let|function\*?|class|interface|type|enum) (\w+)/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}/gm;
const IMPORTED = /^(?:import|export) ([^"';]*?) from "(\.[^"]+)"/gm;

/** Generated, with names for any database. */
const GENERATED = "supabase/functions/_shared/database.types.ts";

/** Its API docs name the types in what is exported, so these stay exported too. */
const DOCUMENTED = "supabase/functions/";

/** The names between braces, without what they are called here. */
const namesIn = (list: string) =>
  list.split(",").map((name) => name.trim().replace(/^type /, "").split(" as ")[0] ?? "")
    .filter((name) => name !== "");

/** `file: name` for each name that a file takes from another. */
function readImported(path: string, text: string): string[] {
  return [...text.matchAll(IMPORTED)].flatMap(([, clause = "", specifier = ""]) => {
    const target = join(dirname(path), specifier);
    return namesIn(/\{([^}]*)\}/.exec(clause)?.[1] ?? "").map((name) => `${target}: ${name}`);
  });
}

function readExported(path: string, text: string): string[] {
  const isNeededByDocs = (kind: string, name: string) =>
    path.startsWith(DOCUMENTED) && /interface|type/.test(kind) &&
    text.split(new RegExp(`\\b${name}\\b`)).length > 2;
  const names = [
    ...[...text.matchAll(EXPORTED)].flatMap(([, kind = "", name = ""]) =>
      isNeededByDocs(kind, name) ? [] : [name]
    ),
    ...[...text.matchAll(LISTED)].flatMap(([, list = ""]) => namesIn(list)),
  ];
  return names.map((name) => `${path}: ${name}`);
}

Deno.test("every export is imported by another file", async () => {
  const exported: string[] = [];
  const imported = new Set<string>();
  for (const path of await listFiles(/\.tsx?$/)) {
    const text = await Deno.readTextFile(projectPath(path));
    for (const name of readImported(path, text)) imported.add(name);
    if (path !== GENERATED) exported.push(...readExported(path, text));
  }
  assertEquals(exported.filter((name) => !imported.has(name)), [], "drop the word, or the thing");
});
