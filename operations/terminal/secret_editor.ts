export type SecretKey =
  | { readonly kind: "typing" }
  | { readonly kind: "entered"; readonly secret: string; readonly rest: string }
  | { readonly kind: "interrupted" }
  | { readonly kind: "ended" };

const ENTER = new Set(["\r", "\n"]);
const BACKSPACE = new Set(["\b", "\x7f"]);
const INTERRUPT = "\x03";
const END = "\x04";
const CLEAR_LINE = "\x15";
/** Arrow keys and the like, and the marks that some terminals put round what is pasted. */
// deno-lint-ignore no-control-regex
const ESCAPE_SEQUENCE = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)?/g;

/**
 * What a terminal does for a line that it echoes, done here for one that it does not: in raw mode
 * every key arrives as it is.
 */
export class SecretEditor {
  #characters: string[] = [];

  /** @param text keys as they came, one or (when pasted) many */
  type(text: string): SecretKey {
    const keys = [...text.replace(ESCAPE_SEQUENCE, "")];
    for (const [index, key] of keys.entries()) {
      if (ENTER.has(key)) {
        // In raw mode Enter is \r, also in a paste of several lines.
        const rest = keys.slice(index).join("").replace(/\r\n?/g, "\n").slice(1);
        return { kind: "entered", secret: this.#characters.join(""), rest };
      }
      if (key === INTERRUPT) return { kind: "interrupted" };
      if (key === END && this.#characters.length === 0) return { kind: "ended" };
      if (BACKSPACE.has(key)) this.#characters.pop();
      else if (key === CLEAR_LINE) this.#characters = [];
      else if (key >= " ") this.#characters.push(key);
    }
    return { kind: "typing" };
  }
}
