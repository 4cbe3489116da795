import type { ChildProcess } from "./machine/child_process.ts";
import { startDeno } from "./machine/deno_process.ts";
import { untilItAnswers } from "./machine/until_it_answers.ts";

/** The Dataverse simulator in a process of its own. */
interface SimulatorProcess {
  readonly url: string;
  readonly process: ChildProcess;
}

/**
 * Starts the simulator and waits until it answers.
 *
 * @throws {StackError} `process_ended`, `process_silent`
 */
export async function startSimulatorProcess(port: number): Promise<SimulatorProcess> {
  const process = startDeno({
    name: "The Dataverse simulator",
    program: "simulator/main.ts",
    flags: ["-A"],
    args: ["--port", String(port)],
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilItAnswers(process, `${url}/website`);
  } catch (error) {
    await process.stop();
    throw error;
  }
  return { url, process };
}
