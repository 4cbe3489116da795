import { EXIT_CODES } from "../errors.ts";
import { explainFileError, FILE_WORDS } from "../file_errors.ts";
import type { Console } from "./terminal.ts";

/** Where nobody knows how wide a line may be. */
const NARROW = 80;

const IS_WINDOWS = Deno.build.os === "windows";
/** Ctrl-C, an end that was asked for, a window that was closed. */
const SIGNALS: readonly Deno.Signal[] = IS_WINDOWS ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];

/** The terminal of this process. */
export function systemConsole(): Console {
  const isTerminal = Deno.stdin.isTerminal();
  // Whoever keeps a record with `| tee` still has the questions on the screen, and none in the record.
  const screen = Deno.stderr.isTerminal() || !Deno.stdout.isTerminal() ? Deno.stderr : Deno.stdout;
  const buffer = new Uint8Array(4096);
  const leave = () => Deno.exit(EXIT_CODES.interrupted);
  let interrupt: () => void = leave;
  for (const signal of SIGNALS) Deno.addSignalListener(signal, () => interrupt());
  // Deno gives the terminal its echo back when the process ends. Ctrl-C stays a signal, also while no question is open;
  // on Windows that is only so while the echo is on.
  const hush = () => IS_WINDOWS ? undefined : Deno.stdin.setRaw(true, { cbreak: true });
  // A shell that was gone back to with Ctrl-Z has set the echo anew.
  if (isTerminal && !IS_WINDOWS) Deno.addSignalListener("SIGCONT", hush);
  return {
    isTerminal,
    hasScreen: screen.isTerminal(),
    async read() {
      if (isTerminal && IS_WINDOWS) Deno.stdin.setRaw(true);
      try {
        const size = await Deno.stdin.read(buffer);
        return size === null ? null : buffer.slice(0, size);
      } catch {
        // The terminal has gone.
        return null;
      } finally {
        if (isTerminal && IS_WINDOWS) Deno.stdin.setRaw(false);
      }
    },
    write: (text) => writeAll(Deno.stdout, text),
    prompt: (text) => writeAll(screen, text),
    hush,
    columns() {
      try {
        return Deno.consoleSize().columns || NARROW;
      } catch {
        return NARROW;
      }
    },
    onInterrupt: (handler) => interrupt = handler ?? leave,
  };
}

let isOutputLost = false;

/** A record that can no longer be written must not stop what is done in the world meanwhile. */
function writeAll(stream: typeof Deno.stdout, text: string): void {
  try {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (isOutputLost) return;
    isOutputLost = true;
    const why = explainFileError(error) ?? "unknown";
    writeAll(Deno.stderr, `${FILE_WORDS.unwritable("the output", why)}\n`);
  }
}
