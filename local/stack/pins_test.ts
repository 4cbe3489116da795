import { assertEquals } from "@std/assert";
import { z } from "zod";
import { projectPath } from "./project_path.ts";

const configuration = z.object({ imports: z.record(z.string(), z.string()) });
const tasks = z.object({ tasks: z.record(z.string(), z.object({ command: z.string() })) });
const graph = z.object({ modules: z.array(z.object({ specifier: z.string() })) });

async function importsOf(path: string): Promise<Record<string, string>> {
  return configuration.parse(JSON.parse(await Deno.readTextFile(projectPath(path)))).imports;
}

Deno.test("the function is deployed with the versions that it is tested with", async () => {
  const root = await importsOf("deno.json");
  const deployed = await importsOf("supabase/functions/hlf-sync/deno.json");
  for (const [name, pin] of Object.entries(deployed)) assertEquals(root[name], pin, name);
});

Deno.test("every dependency is pinned exactly, and comes from npm", async () => {
  for (const [name, pin] of Object.entries(await importsOf("deno.json"))) {
    assertEquals(
      /^npm:\/?(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+(\/.*)?$/.test(pin),
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

async function modulesOf(program: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", program],
    cwd: projectPath("."),
  }).output();
  return graph.parse(JSON.parse(new TextDecoder().decode(stdout))).modules
    .map(({ specifier }) => specifier);
}

Deno.test("nothing of deno-std runs where there is a secret", async () => {
  const programs = await programsWithSecrets();
  assertEquals(programs.length >= 5, true);
  for (const program of programs) {
    const modules = await modulesOf(program);
    assertEquals(modules.some((name) => name.startsWith("npm:")), true, `${program} has a graph`);
    assertEquals(modules.filter((name) => name.includes("deno-std")), [], program);
  }
});
