import { assertEquals, assertStringIncludes } from "@std/assert";
import { DEMO_SETTINGS } from "../../tasks/demo/story.ts";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { projectPath } from "../../stack/machine/project_path.ts";

async function runDemo(
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "-A", projectPath("tasks/demo.ts"), "--given"],
    env: { NO_COLOR: "1", ...environment },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the demo's story holds on a stack that somebody else has started", async () => {
  const stack = await startConfiguredStack({ cron: false, functionEnvironment: DEMO_SETTINGS });
  try {
    const { code, stdout, stderr } = await runDemo({
      API_URL: stack.apiUrl,
      DB_URL: stack.databaseUrl,
      PUBLISHABLE_KEY: stack.publishableKey,
      SECRET_KEY: stack.secretKey,
      SIMULATOR_URL: stack.simulatorUrl,
      HOST_FROM_DATABASE: "127.0.0.1",
    });
    assertEquals([code, stderr], [0, ""], stdout);
    assertStringIncludes(stdout, "All of it held. Dynamics received 16 attempts");
  } finally {
    await stack.stop();
  }
});

Deno.test("demo:given names in one line what it was not told", async () => {
  const { code, stderr } = await runDemo({ API_URL: "http://127.0.0.1:1", PUBLISHABLE_KEY: "a" });
  assertEquals([code, stderr.trim().split("\n").length], [1, 1]);
  assertStringIncludes(stderr, "DB_URL, SECRET_KEY");
});
