import { OperationError } from "../errors.ts";
import { LineEditor } from "./line_editor.ts";

/** What the process has for a terminal. */
export interface Console {
  /** Whether somebody types. It depends on the input alone: what is typed is echoed there. */
  readonly isTerminal: boolean;
  /** Whether questions appear on a screen, on which a line can be drawn over. */
  readonly hasScreen: boolean;
  /** Null at the end. */
  read(): Promise<Uint8Array | null>;
  /** For results, which may go into a file. Never throws. */
  write(text: string): void;
  /** For questions and progress. Never throws. */
  prompt(text: string): void;
  /** Ends the terminal's own echo, until the process ends. */
  hush(): void;
  columns(): number;
  /** Calls `handler` at Ctrl-C and the like, in place of the one before; null for the first one again. */
  onInterrupt(handler: (() => void) | null): void;
}

/** What a terminal says by itself. */
interface TerminalWords {
  readonly notShown: string;
  readonly yes: string;
  readonly typeYes: string;
  readonly ended: string;
  readonly interrupted: string;
}

/** Talks with a person, or with whatever is piped in: then each question takes one line. */
export interface Terminal {
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
  /** Draws over the line that was drawn before; a line each time where there is no screen. */
  draw(line: string): void;
  /** Ends a line that was drawn. */
  endDrawing(): void;
  /** Characters that fit on one line. */
  columns(): number;
  onInterrupt(handler: (() => void) | null): void;
}

/** Taken in either language, so that nobody is held up by a word. */
const YES = new Set(["yes", "ja"]);

/**
 * A terminal that echoes nothing by itself from the first moment on: what is typed ahead of a
 * question for a secret, or pasted together with it, would be shown otherwise.
 */
export function createTerminal(console: Console, words: TerminalWords): Terminal {
  const decoder = new TextDecoder();
  let pending = "";
  if (console.isTerminal) console.hush();

  async function readMore(): Promise<boolean> {
    const bytes = await console.read();
    if (bytes === null) return false;
    pending += decoder.decode(bytes, { stream: true });
    return true;
  }

  async function readPipedLine(): Promise<string> {
    let end = pending.indexOf("\n");
    while (end < 0 && await readMore()) end = pending.indexOf("\n");
    if (end < 0 && pending === "") throw interrupted(words.ended);
    const line = end < 0 ? pending : pending.slice(0, end);
    pending = end < 0 ? "" : pending.slice(end + 1);
    return line;
  }

  async function readTypedLine(echo?: (text: string) => void): Promise<string> {
    const editor = new LineEditor(echo);
    for (;;) {
      const key = editor.type(pending);
      pending = key.kind === "entered" ? key.rest : "";
      if (key.kind === "entered") return key.line;
      if (key.kind === "interrupted") throw interrupted(words.interrupted);
      if (key.kind === "ended" || !await readMore()) throw interrupted(words.ended);
    }
  }

  async function answer(question: string, echo?: (text: string) => void): Promise<string> {
    console.prompt(`${question}: `);
    try {
      const line = console.isTerminal ? await readTypedLine(echo) : await readPipedLine();
      return line.trim();
    } finally {
      console.prompt("\n");
    }
  }

  async function ask(question: string, fallback?: string): Promise<string> {
    const shown = fallback === undefined ? question : `${question} [${fallback}]`;
    const line = await answer(shown, (text) => console.prompt(text));
    return line === "" ? fallback ?? "" : line;
  }

  return {
    say: (line) => console.write(`${line}\n`),
    ask,
    askSecret: (question) => answer(`${question} (${words.notShown})`),
    async confirm(question) {
      const typed = await ask(`${question} ${words.typeYes}`);
      return typed === words.yes || YES.has(typed);
    },
    draw: (line) =>
      console.hasScreen ? console.prompt(`\r\x1b[K${line}`) : console.write(`${line}\n`),
    endDrawing: () => {
      if (console.hasScreen) console.prompt("\n");
    },
    columns: () => console.columns(),
    onInterrupt: (handler) => console.onInterrupt(handler),
  };
}

function interrupted(message: string): OperationError {
  return new OperationError("interrupted", message);
}
