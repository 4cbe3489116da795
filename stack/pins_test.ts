import { assertEquals } from "@std/assert";
import { z } from "zod";
import { projectPath } from "./machine/project_path.ts";

const settings = z.object({
  imports: z.record(z.string(), z.string()),
  fmt: z.object({ lineWidth: z.number() }),
  compilerOptions: z.record(z.string(), z.unknown()),
});
const tasks = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) });
const graph = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({ specifier: z.string() })).default([]),
  })),
});

async function readSettings(path: string): Promise<z.infer<typeof settings>> {
  return settings.parse(JSON.parse(await Deno.readTextFile(projectPath(path))));
}

Deno.test("the function's own settings are the project's, and name all that it imports", async () => {
  const root = await readSettings("deno.json");
  const own = await readSettings("supabase/functions/hlf-sync/deno.json");
  assertEquals(own.fmt.lineWidth, root.fmt.lineWidth);
  for (const [name, value] of Object.entries(own.compilerOptions)) {
    assertEquals(root.compilerOptions[name], value, name);
  }
  for (const [name, pin] of Object.entries(own.imports)) {
    assertEquals(root.imports[name], pin, name);
  }
  const imported = (await modulesOf("supabase/functions/hlf-sync/index.ts"))
    .flatMap(({ dependencies }) => dependencies.map(({ specifier }) => specifier))
    .filter((specifier) => !/^\.|^node:/.test(specifier));
  assertEquals([...new Set(imported)].sort(), Object.keys(own.imports).sort());
});

Deno.test("every dependency is pinned exactly, and comes from npm", async () => {
  for (const [name, pin] of Object.entries((await readSettings("deno.json")).imports)) {
    assertEquals(
      /^npm:\/?(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+(-[\w.]+)?(\/.*)?$/.test(pin),
      true,
      `${name}: ${pin}`,
    );
  }
});

/** What runs with a secret in its environment, or asks for one: the function and the administrators' commands. */
async function programsWithSecrets(): Promise<string[]> {
  const root = tasks.parse(JSON.parse(await Deno.readTextFile(projectPath("deno.json"))));
  const commands = Object.values(root.tasks).flatMap(({ command }) =>
    command.match(/operations\/\S+\.ts/g) ?? []
  );
  return ["supabase/functions/hlf-sync/index.ts", ...commands];
}

async function modulesOf(program: string): Promise<z.infer<typeof graph>["modules"]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", program],
    cwd: projectPath("."),
  }).output();
  return graph.parse(JSON.parse(new TextDecoder().decode(stdout))).modules;
}

Deno.test("nothing of deno-std runs where there is a secret", async () => {
  const programs = await programsWithSecrets();
  assertEquals(programs.length >= 5, true);
  for (const program of programs) {
    const modules = (await modulesOf(program)).map(({ specifier }) => specifier);
    assertEquals(modules.length > 1, true, `${program} has a graph`);
    assertEquals(modules.filter((name) => name.includes("deno-std")), [], program);
  }
});
