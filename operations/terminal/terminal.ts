import { OperationError } from "../errors.ts";
import { SecretEditor } from "./secret_editor.ts";

/** What the process has for a terminal; a pipe has no raw mode. */
export interface Console {
  readonly isTerminal: boolean;
  /** Null at the end. */
  read(): Promise<Uint8Array | null>;
  write(text: string): void;
  setRaw(raw: boolean): void;
  columns(): number;
}

/** Talks with a person, or with whatever is piped in: then each question takes one line. */
export interface Terminal {
  readonly isInteractive: boolean;
  say(line: string): void;
  /**
   * @returns what was typed, or `fallback` for an empty line
   * @throws {OperationError} `interrupted` when there is no more input
   */
  ask(question: string, fallback?: string): Promise<string>;
  /** Like {@linkcode ask}, but nothing of what is typed is shown. */
  askSecret(question: string): Promise<string>;
  /** Only the whole word counts. */
  confirm(question: string): Promise<boolean>;
  /** Draws over the line that was drawn before. */
  draw(line: string): void;
  /** Characters that fit on one line. */
  columns(): number;
}

export function createTerminal(console: Console): Terminal {
  const decoder = new TextDecoder();
  let pending = "";

  async function readMore(): Promise<boolean> {
    const bytes = await console.read();
    if (bytes === null) return false;
    pending += decoder.decode(bytes, { stream: true });
    return true;
  }

  async function readLine(): Promise<string> {
    let end = pending.indexOf("\n");
    while (end < 0 && await readMore()) end = pending.indexOf("\n");
    if (end < 0 && pending === "") throw interrupted();
    const line = end < 0 ? pending : pending.slice(0, end);
    pending = end < 0 ? "" : pending.slice(end + 1);
    return line.replace(/\r$/, "");
  }

  async function readSecret(): Promise<string> {
    if (!console.isTerminal) return await readLine();
    const editor = new SecretEditor();
    // Without the terminal's own handling of Ctrl-C: ended by a signal here, the process would
    // leave a shell behind that shows nothing of what is typed.
    console.setRaw(true);
    try {
      for (;;) {
        const key = editor.type(pending);
        pending = key.kind === "entered" ? key.rest : "";
        if (key.kind === "entered") return key.secret;
        if (key.kind !== "typing" || !await readMore()) throw interrupted();
      }
    } finally {
      console.setRaw(false);
      console.write("\n");
    }
  }

  async function ask(question: string, fallback?: string): Promise<string> {
    console.write(`${question}${fallback === undefined ? "" : ` [${fallback}]`}: `);
    const line = (await readLine()).trim();
    if (!console.isTerminal) console.write("\n");
    return line === "" ? fallback ?? "" : line;
  }

  return {
    isInteractive: console.isTerminal,
    say: (line) => console.write(`${line}\n`),
    ask,
    async askSecret(question) {
      console.write(`${question} (not shown): `);
      const secret = await readSecret();
      if (!console.isTerminal) console.write("\n");
      return secret.trim();
    },
    confirm: async (question) => (await ask(`${question} Type yes to go on`)) === "yes",
    draw: (line) => console.write(console.isTerminal ? `\r\x1b[K${line}` : `${line}\n`),
    columns: () => console.columns(),
  };
}

function interrupted(): OperationError {
  return new OperationError("interrupted", "Ended before anything was done: no more input");
}

/** Where nobody knows how wide a line may be. */
const NARROW = 80;

/** The terminal of this process. */
export function systemConsole(): Console {
  const isTerminal = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const buffer = new Uint8Array(4096);
  const encoder = new TextEncoder();
  return {
    isTerminal,
    async read() {
      const size = await Deno.stdin.read(buffer);
      return size === null ? null : buffer.slice(0, size);
    },
    write(text) {
      let bytes = encoder.encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    },
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    columns: () => isTerminal ? Deno.consoleSize().columns || NARROW : NARROW,
  };
}
