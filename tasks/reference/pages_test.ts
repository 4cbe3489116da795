import { assert, assertEquals } from "@std/assert";
import { projectPath } from "../../stack/machine/project_path.ts";
import { PAGES } from "./pages.ts";
import { readTasks } from "./tasks.ts";

for (const [path, make] of Object.entries(PAGES)) {
  Deno.test(`${path} is what the code says`, async () => {
    const page = await Deno.readTextFile(projectPath(path));
    assertEquals(page, await make(), "write it anew: deno task reference");
  });
}

Deno.test("the tasks are sorted, and each says in one line what it does", async () => {
  const tasks = readTasks(await Deno.readTextFile(projectPath("deno.json")));
  const names = tasks.map(([name]) => name);
  assertEquals(names, names.toSorted());
  for (const [name, description] of tasks) {
    assert(/^(?:pgTAP|[A-Z])[^\n]{15,110}$/.test(description), `${name}: ${description}`);
  }
});
