/** Why a measurement could not be taken; `message` is one line for the person at the terminal. */
export class BenchError extends Error {
  override readonly name = "BenchError";

  constructor(
    message: string,
    readonly code: "bad_argument" | "program_ended" | "waited_in_vain" | "unexpected_result",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
