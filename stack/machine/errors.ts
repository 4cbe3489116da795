/** Why the local stack could not start or go on; `message` is one line for the person at the terminal. */
export class StackError extends Error {
  override readonly name = "StackError";

  constructor(
    message: string,
    readonly code:
      | "packages_missing"
      | "port_taken"
      | "process_ended"
      | "process_silent"
      | "migration_failed"
      | "privileges_changed"
      | "unexpected_dependency"
      | "sign_up_failed"
      | "bad_arguments"
      | "bad_setting"
      | "missing_program"
      | "server_failed"
      | "not_empty",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
