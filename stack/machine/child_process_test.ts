import { assert, assertEquals } from "@std/assert";
import { ChildProcess } from "./child_process.ts";

function run(script: string, environment: Record<string, string> = {}): ChildProcess {
  return new ChildProcess({
    name: "script",
    command: Deno.execPath(),
    args: ["eval", script],
    environment: { NO_COLOR: "1", ...environment },
  });
}

Deno.test("ChildProcess collects both streams and nothing of our environment", async () => {
  // Tests of other files run in this process, too, so its environment is left as it is.
  assert(Deno.env.has("HOME"));
  const child = run(
    'console.log(Deno.env.get("GIVEN")); console.error(Deno.env.get("HOME") ?? "not inherited")',
    { GIVEN: "given" },
  );
  assertEquals((await child.ended).code, 0);
  assertEquals(child.output.toSorted((a, b) => b.stream.localeCompare(a.stream)), [
    { stream: "stdout", line: "given" },
    { stream: "stderr", line: "not inherited" },
  ]);
});

Deno.test("ChildProcess.stop() ends a process that will not listen", async () => {
  const child = run(
    'Deno.addSignalListener("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)',
  );
  while (child.output.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await child.stop("SIGTERM", 0.2);
  assertEquals((await child.ended).signal, "SIGKILL");
  assert(child.hasEnded);
  await child.stop();
});
