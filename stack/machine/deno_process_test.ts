import { assertEquals, assertStringIncludes } from "@std/assert";
import { startDeno } from "./deno_process.ts";
import { projectPath } from "./project_path.ts";

Deno.test("startDeno() starts a program that downloads nothing, even if its packages are missing", async () => {
  const asked: string[] = [];
  const registry = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return new Response("none", { status: 404 });
    },
  );
  const empty = await Deno.makeTempDir({ prefix: "hlf-sync-cache-" });
  try {
    const process = startDeno({
      name: "The simulator",
      program: "simulator/main.ts",
      args: ["--port", "0"],
      flags: ["-A"],
      environment: {
        DENO_DIR: empty,
        NPM_CONFIG_REGISTRY: `http://127.0.0.1:${registry.addr.port}/`,
      },
    });
    assertEquals((await process.ended).success, false);
    assertEquals(asked, []);
    assertStringIncludes(process.output.map(({ line }) => line).join("\n"), "--cached-only");
  } finally {
    await registry.shutdown();
    await Deno.remove(empty, { recursive: true });
  }
});

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(projectPath(folder))) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (/\.tsx?$/.test(name)) yield `${folder}/${name}`;
  }
}

Deno.test("no program of the project is started in a Deno that may download", async () => {
  const starters: string[] = [];
  for (
    const folder of [
      "bench",
      "console",
      "operations",
      "simulator",
      "stack",
      "supabase",
      "tasks",
      "tests",
    ]
  ) {
    for await (const path of sources(folder)) {
      const text = await Deno.readTextFile(projectPath(path));
      if (!/Deno\.execPath\(\)[^;]*?"run"/.test(text)) continue;
      starters.push(path);
      assertEquals(/Deno\.execPath\(\)[^;]*?"run"[^;]*?"--cached-only"/.test(text), true, path);
    }
  }
  assertEquals(starters.includes("stack/machine/deno_process.ts"), true);
});
