import { assertEquals } from "@std/assert";
import { z } from "zod";
import { projectPath } from "./project_path.ts";

const configuration = z.object({ imports: z.record(z.string(), z.string()) });

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
