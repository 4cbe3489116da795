/**
 * Runs the Dataverse simulator as its own process:
 * `deno run -A simulator/main.ts [--port 54390] [--hostname 127.0.0.1]`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { DEFAULT_PORT } from "./defaults.ts";
import { PortTakenError } from "./http_server.ts";
import { startSimulator } from "./simulator.ts";

const argumentsSchema = z.object({
  port: z.coerce.number().int().min(0).max(65_535).default(DEFAULT_PORT),
  hostname: z.string().min(1).default("127.0.0.1"),
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: { port: { type: "string" }, hostname: { type: "string" } },
  });
  const simulator = await startSimulator(argumentsSchema.parse(values));
  console.log(`Dataverse simulator listening on ${simulator.url}`);
  const stop = () => {
    simulator.stop().finally(() => Deno.exit(0));
  };
  Deno.addSignalListener("SIGINT", stop);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", stop);
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map((issue) => `--${issue.path.join(".")}: ${issue.message}`).join("; ");
  }
  if (error instanceof PortTakenError) return `${error.message}; choose another with --port`;
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`Cannot start the Dataverse simulator. ${explain(error)}`);
    Deno.exit(1);
  }
}
