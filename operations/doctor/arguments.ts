import { OperationError } from "../cli/errors.ts";

export interface DoctorArguments {
  /** Whether a line is to be sent to where alerts go. */
  readonly testAlert: boolean;
}

/** @throws {OperationError} `usage` */
export function readArguments(args: readonly string[]): DoctorArguments {
  const unknown = args.filter((arg) => arg !== "--test-alert");
  if (unknown.length > 0) {
    throw new OperationError("usage", `Unknown: ${unknown[0]}. The doctor takes --test-alert only`);
  }
  return { testAlert: args.includes("--test-alert") };
}
