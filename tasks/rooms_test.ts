import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { listFiles } from "./project_files.ts";
import { projectPath } from "../stack/machine/project_path.ts";

const PICTURE = "docs/explanation/architecture.md";

/** The rooms, and which others each may import: what a chain of arrows of the picture leads to. */
async function readPicture(): Promise<Map<string, Set<string>>> {
  const page = await Deno.readTextFile(projectPath(PICTURE));
  const picture = page.split("flowchart BT\n")[1]?.split("```")[0] ?? "";
  const rooms = new Map<string, Set<string>>();
  for (const line of picture.trim().split("\n")) {
    const chain = line.trim().split(" --> ");
    for (const [index, room] of chain.entries()) {
      const below = rooms.get(room) ?? new Set();
      const next = chain[index + 1];
      if (next !== undefined) below.add(next);
      rooms.set(room, below);
    }
  }
  // As often as a chain may be long.
  for (const _ of rooms) {
    for (const below of rooms.values()) {
      for (const room of [...below]) rooms.get(room)?.forEach((lower) => below.add(lower));
    }
  }
  return rooms;
}

interface Import {
  readonly from: string;
  readonly to: string;
}

async function readImports(): Promise<Import[]> {
  const imports: Import[] = [];
  for (const from of await listFiles(/\.tsx?$/)) {
    const text = await Deno.readTextFile(projectPath(from));
    for (const [, path = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      imports.push({ from, to: join(dirname(from), path) });
    }
  }
  return imports;
}

const roomOf = (file: string) => file.split("/")[0] ?? "";

Deno.test("every file with code stands in a room, and every room says what it is for", async () => {
  const rooms = await readPicture();
  assertEquals((await listFiles(/\.tsx?$/)).filter((file) => !rooms.has(roomOf(file))), []);
  for (const room of rooms.keys()) {
    assertEquals((await Deno.stat(projectPath(`${room}/README.md`))).isFile, true);
  }
});

Deno.test("rooms import those below them, as the picture of the rooms has it, and none below itself", async () => {
  const rooms = await readPicture();
  for (const [room, below] of rooms) assertEquals(below.has(room), false, room);
  const wrong = (await readImports()).filter(({ from, to }) =>
    roomOf(from) !== roomOf(to) && !rooms.get(roomOf(from))?.has(roomOf(to))
  );
  assertEquals(wrong, []);
});

Deno.test("no two folders import each other", async () => {
  const arrows = new Map<string, Import>();
  for (const found of await readImports()) {
    const [from, to] = [dirname(found.from), dirname(found.to)];
    if (from !== to) arrows.set(`${from} ${to}`, found);
  }
  const circles = [...arrows].filter(([arrow]) => arrows.has(arrow.split(" ").reverse().join(" ")));
  assertEquals(circles.map(([, found]) => found), []);
});

Deno.test("the function loads its engine only once it has answered, and no package but valibot before", async () => {
  const functions = "supabase/functions/";
  const files = new Set([`${functions}hlf-sync/index.ts`]);
  const packages = new Set<string>();
  const statically = /^(?:import|export)\b(?! type\b)(?:[^"';=]* from)? "([^"]+)";$/gm;
  // Grows while it is gone through.
  for (const file of files) {
    const text = await Deno.readTextFile(projectPath(file));
    for (const [, name = ""] of text.matchAll(statically)) {
      if (name.startsWith(".")) files.add(join(dirname(file), name));
      else packages.add(name);
    }
    assertEquals(text.split("import(").length, file.endsWith("/index.ts") ? 2 : 1, file);
  }
  assertEquals([...files].map((file) => file.replace(functions, "")).sort(), [
    ...["background", "clock", "errors", "failure_classes", "log", "parse_json", "read_body"]
      .map((name) => `_shared/${name}.ts`),
    ...["release", "settings"].map((name) => `_shared/${name}.ts`),
    ...["auth", "handler", "index", "respond", "triggers", "worker"].map((name) =>
      `hlf-sync/${name}.ts`
    ),
  ]);
  assertEquals([...packages].sort(), ["valibot"]);
  const wiring = await Deno.readTextFile(projectPath(`${functions}hlf-sync/index.ts`));
  assertEquals(wiring.includes('() => import("./engine.ts")'), true);
});
