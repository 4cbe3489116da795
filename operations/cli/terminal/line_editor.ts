type LineKey =
  | { readonly kind: "typing" }
  | { readonly kind: "entered"; readonly line: string; readonly rest: string }
  | { readonly kind: "interrupted" }
  | { readonly kind: "ended" };

const ENTER = new Set(["\r", "\n"]);
const BACKSPACE = new Set(["\b", "\x7f"]);
const INTERRUPT = "\x03";
const END = "\x04";
const CLEAR_LINE = "\x15";
const RUB_OUT = "\b \b";
/** Arrow keys and the like, and the marks that some terminals put round what is pasted. */
// deno-lint-ignore no-control-regex
const ESCAPE_SEQUENCE = /\x1b(\[[0-9;?]*[ -/]*[@-~]|O.)?/g;

/**
 * What a terminal does for a line that it echoes, done here for one that echoes nothing: every key
 * arrives as it is.
 */
export class LineEditor {
  #characters: string[] = [];

  /** @param echo what is to be shown of each key; nothing for a secret */
  constructor(private readonly echo: (text: string) => void = () => {}) {}

  /** @param text keys as they came, one or (when pasted) many */
  type(text: string): LineKey {
    const keys = [...text.replace(ESCAPE_SEQUENCE, "")];
    for (const [index, key] of keys.entries()) {
      if (ENTER.has(key)) {
        // A terminal that hands over every key gives \r for Enter, also in a paste of several lines.
        const rest = keys.slice(index).join("").replace(/\r\n?/g, "\n").slice(1);
        return { kind: "entered", line: this.#characters.join(""), rest };
      }
      if (key === INTERRUPT) return { kind: "interrupted" };
      if (key === END && this.#characters.length === 0) return { kind: "ended" };
      if (BACKSPACE.has(key)) {
        if (this.#characters.pop() !== undefined) this.echo(RUB_OUT);
      } else if (key === CLEAR_LINE) {
        this.echo(RUB_OUT.repeat(this.#characters.length));
        this.#characters = [];
      } else if (key >= " ") {
        this.#characters.push(key);
        this.echo(key);
      }
    }
    return { kind: "typing" };
  }
}
