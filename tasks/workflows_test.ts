import { assertEquals } from "@std/assert";
import { z } from "zod";
import { readSettings } from "../supabase/functions/_shared/settings.ts";
import { DEMO_SETTINGS } from "./demo/story.ts";
import { functionEnvironment } from "../stack/functions/function_environment.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { SUPABASE_CLI } from "./supabase_cli.ts";

const configuration = z.object({ tasks: z.record(z.string(), z.unknown()) });

async function workflows(): Promise<Map<string, string>> {
  const folder = projectPath(".github/workflows");
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    texts.set(name, await Deno.readTextFile(`${folder}/${name}`));
  }
  return texts;
}

Deno.test("the workflows run tasks that exist, with the versions of the project", async () => {
  const { tasks } = configuration.parse(
    JSON.parse(await Deno.readTextFile(projectPath("deno.json"))),
  );
  for (const [name, text] of await workflows()) {
    for (const [, version, task] of text.matchAll(/deno@(\S+) task (?:--env-file=\S+ )?(\S+)/g)) {
      assertEquals(
        [version, Object.hasOwn(tasks, task ?? "")],
        ["2.9.6", true],
        `${name}: ${task}`,
      );
    }
    for (const [, version] of text.matchAll(/setup-cli@v1\n\s+with:\n\s+version: (\S+)/g)) {
      assertEquals(`supabase@${version}`, SUPABASE_CLI, name);
    }
  }
});

Deno.test("the function in Supabase's containers is told of the simulator as the demo's own is", async () => {
  const text = (await workflows()).get("supabase.yml") ?? "";
  const [, file = ""] = text.match(/<<'END'\n([\s\S]*?)\n\s*END\n/) ?? [];
  const told = Object.fromEntries(
    [...file.matchAll(/^\s*([A-Z_]+)='([^']*)'$/gm)].map((
      [, name = "", value = ""],
    ) => [name, value]),
  );
  const keys = { publishableKey: "sb_publishable_a", secretKey: "sb_secret_a", jwtSecret: "" };
  const own = {
    ...functionEnvironment(
      { apiUrl: "http://127.0.0.1:54321", simulatorUrl: "http://host.docker.internal:54390" },
      keys,
    ),
    ...DEMO_SETTINGS,
  };
  for (const [name, value] of Object.entries(told)) {
    assertEquals(value, (own as Record<string, string>)[name], name);
  }
  assertEquals(
    Object.keys(own).filter((name) => !/^(SUPABASE|SB)_/.test(name)).sort(),
    Object.keys(told).sort(),
  );
  assertEquals(readSettings(own).dynamics.url, "http://host.docker.internal:54390");
});
