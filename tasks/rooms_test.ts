import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { listFiles } from "./project_files.ts";
import { projectPath } from "../stack/machine/project_path.ts";

/** Each room may import those before it. */
const ROOMS = [
  "supabase",
  "simulator",
  "stack",
  "console",
  "operations",
  "tasks",
  "tests",
  "bench",
];

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

const roomOf = (file: string) => ROOMS.indexOf(file.split("/")[0] ?? "");

Deno.test("every file with code stands in a room, and every room says what it is for", async () => {
  assertEquals((await listFiles(/\.tsx?$/)).filter((file) => roomOf(file) < 0), []);
  for (const room of ROOMS) {
    assertEquals((await Deno.stat(projectPath(`${room}/README.md`))).isFile, true);
  }
});

Deno.test("no room imports one above it", async () => {
  const up = (await readImports()).filter(({ from, to }) => roomOf(to) > roomOf(from));
  assertEquals(up, []);
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
