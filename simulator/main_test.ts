import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { startSimulator } from "./simulator.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

function runMain(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "-A", MAIN, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outcomeOf(process: Deno.ChildProcess): Promise<[number, string]> {
  const { code, stderr } = await process.output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("main.ts says where it listens, serves, and stops on SIGTERM", async () => {
  const process = runMain("--port", "0");
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  const line = new TextDecoder().decode(value);
  assertMatch(line, /^Dataverse simulator listening on http:\/\/127\.0\.0\.1:\d+\n$/);
  const response = await fetch(`${line.trim().split(" ").at(-1)}/website`);
  await response.body?.cancel();
  assertEquals(response.status, 200);
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
  await reader.cancel();
  await process.stderr.cancel();
});

Deno.test("main.ts gives up on a taken port with one line", async () => {
  const simulator = await startSimulator({ port: 0 });
  try {
    const [code, stderr] = await outcomeOf(runMain("--port", new URL(simulator.url).port));
    assertEquals([code, stderr.trimEnd().split("\n").length], [1, 1]);
    assertStringIncludes(stderr, "the port is taken; choose another with --port");
  } finally {
    await simulator.stop();
  }
});

Deno.test("main.ts gives up on wrong arguments with one line", async () => {
  for (const args of [["--port", "many"], ["--prot", "1"]]) {
    const [code, stderr] = await outcomeOf(runMain(...args));
    assertEquals([code, stderr.trimEnd().split("\n").length], [1, 1], stderr);
  }
});
