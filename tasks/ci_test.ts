import { assertEquals } from "@std/assert";
import { projectPath } from "../stack/machine/project_path.ts";

Deno.test("CI begins with README's first command, before anything fills a cache for it", async () => {
  const readme = await Deno.readTextFile(projectPath("README.md"));
  const ci = await Deno.readTextFile(projectPath(".ci/run"));
  const [, first] = readme.match(/^npx -y deno@2\.9\.6 task (\S+)/m) ?? [];
  const commands = ci.split("\n").map((line) => line.trim()).filter((line) =>
    !line.startsWith("#")
  );
  const start = commands.findIndex((line) => line.startsWith("run_task "));
  assertEquals(commands[start], `run_task ${first}`);
  // The definition of run_task names npx, and runs nothing.
  const definition = commands.indexOf("run_task() {");
  const before = [
    ...commands.slice(0, definition),
    ...commands.slice(commands.indexOf("}", definition), start),
  ];
  assertEquals(before.filter((line) => /npx|npm|deno|apt-get/.test(line)), []);
});
