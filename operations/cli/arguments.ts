import { parseArgs, type ParseArgsConfig } from "node:util";
import { OperationError } from "./errors.ts";

/** @throws {OperationError} `usage` */
export function parseArguments<Config extends ParseArgsConfig>(config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : "unknown", { cause: error });
  }
}

export function usageError(problem: string, options?: ErrorOptions): OperationError {
  return new OperationError("usage", `Cannot read the arguments: ${problem}. See --help`, options);
}
