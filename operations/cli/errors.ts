/** Why a command ends. 1 stays for "it ran, and not everything is as it should be". */
export const EXIT_CODES = {
  usage: 2,
  refused: 3,
  unreachable: 4,
  unreadable: 5,
  unwritable: 6,
  // As sysexits.h numbers a fault of the program itself.
  unforeseen: 70,
  interrupted: 130,
} as const;

export type OperationErrorCode = keyof typeof EXIT_CODES;

/** What went wrong, in one line for the person at the terminal. Never quotes a secret. */
export class OperationError extends Error {
  override readonly name = "OperationError";

  constructor(
    readonly code: OperationErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
