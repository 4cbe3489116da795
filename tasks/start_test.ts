import { assertEquals, assertStringIncludes } from "@std/assert";
import { DEFAULT_PORTS } from "../stack/stack_types.ts";
import { projectPath } from "../stack/machine/project_path.ts";

/** Takes the port; where somebody else has it, it is taken already. */
function take(port: number): Deno.Listener | null {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch {
    return null;
  }
}

async function start(environment: Readonly<Record<string, string>>): Promise<[number, string]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "-A", projectPath("tasks/start.ts")],
    env: { NO_COLOR: "1", ...environment },
  }).output();
  return [code, new TextDecoder().decode(stderr).trim()];
}

Deno.test("start says in one line that the page's port is taken, before it starts anything", async () => {
  const listener = take(DEFAULT_PORTS.console);
  try {
    const [code, stderr] = await start({});
    assertEquals([code, stderr.split("\n").length], [1, 1], stderr);
    assertStringIncludes(stderr, `Port ${DEFAULT_PORTS.console} (console) is taken`);
  } finally {
    listener?.close();
  }
});
