/**
 * Starts the whole stack with the seed and leaves it running, with a line for each attempt, until Ctrl-C. With `--watch`
 * the function starts anew whenever it changes.
 *
 * @module
 */
import { serveConsole } from "../console/serve.ts";
import { startConfiguredStack } from "../stack/configured_stack.ts";
import { assertPortFree } from "../stack/machine/ports.ts";
import { DEFAULT_PORTS, type Stack } from "../stack/stack_types.ts";
import { attemptLine } from "./attempt_line.ts";
import { followAttempts } from "./follow_attempts.ts";
import { restartOnChange } from "./restart_on_change.ts";
import { runCommand } from "./run_command.ts";
import { untilInterrupted } from "./until_interrupted.ts";

function describe(stack: Stack, consoleUrl: string): string {
  const lines = [
    ["Console", consoleUrl],
    ["API", stack.apiUrl],
    ["Function", stack.functionUrl],
    ["Public website", stack.websiteUrl],
    ["Dataverse", stack.simulatorUrl],
    ["Database", stack.databaseUrl],
    ["Publishable key", stack.publishableKey],
    ["Secret key", stack.secretKey],
    ...stack.coordinators.map(({ email, password }) => ["Coordinator", `${email} / ${password}`]),
  ];
  return lines.map(([name, value]) => `  ${name?.padEnd(16)}${value}`).join("\n");
}

/** Serves the page and tells of each attempt, until Ctrl-C. */
async function serveUntil(
  interrupted: Promise<void>,
  stack: Stack,
  startedAt: number,
): Promise<void> {
  const { apiUrl, publishableKey } = stack;
  const page = await serveConsole({
    port: DEFAULT_PORTS.console,
    apiUrl,
    publishableKey,
    settings: { asksThroughHost: true },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `\nUp after ${seconds} s:\n${
      describe(stack, page.url)
    }\n\nAttempts, newest last (Ctrl-C ends):`,
  );
  const following = new AbortController();
  void followAttempts(stack, (row) => console.log(attemptLine(row)), following.signal);
  const watcher = Deno.args.includes("--watch") ? restartOnChange(stack) : null;
  await interrupted;
  console.log("\nStopping …");
  following.abort();
  watcher?.close();
  await page.stop();
}

await runCommand(async () => {
  const interrupted = untilInterrupted();
  const startedAt = performance.now();
  // The page is served last; that it cannot be should be told at once.
  assertPortFree(DEFAULT_PORTS.console, "console");
  const stack = await startConfiguredStack({
    ports: "default",
    websiteCacheSeconds: 0,
    progress: (message) => console.log(`${message} …`),
    onFunctionOutput: (line, stream) => {
      if (stream === "stderr") console.error(`hlf-sync: ${line}`);
    },
  });
  try {
    await serveUntil(interrupted, stack, startedAt);
  } finally {
    await stack.stop();
  }
  return 0;
});
