/** A command whose input is a terminal, as a person has it. */
export interface PseudoTerminal {
  /** All that the screen has shown so far. */
  readonly screen: () => string;
  /**
   * Waits until the screen shows a text after what was waited for before.
   *
   * @returns false when the command ended without showing it
   */
  readonly shows: (text: string) => Promise<boolean>;
  /** Presses keys; `\r` is Enter. */
  readonly type: (keys: string) => Promise<void>;
  /** Closes the window. */
  readonly close: () => void;
  /** The exit code, once the command has ended. */
  readonly ended: Promise<number>;
}

interface PseudoTerminalOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Longer than anything that is waited for takes, on a machine that does much else. */
const TIMEOUT_MILLISECONDS = 180_000;

/**
 * Runs a line of shell in a terminal of its own. `script` is part of every Debian (bsdutils).
 *
 * Its terminal echoes what is typed, as every terminal does unless the command says otherwise.
 */
export function startInTerminal(
  command: string,
  { environment = {}, cwd }: PseudoTerminalOptions = {},
): PseudoTerminal {
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--echo", "always", "--command", command, "/dev/null"],
    env: {
      ...{ NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", SHELL: "/bin/sh", LC_ALL: "C.UTF-8" },
      ...environment,
    },
    ...(cwd !== undefined && { cwd }),
    stdin: "piped",
    stdout: "piped",
    // It says of a window that was closed what the shell would.
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let screen = "";
  let seen = 0;
  let isOver = false;
  let wake: () => void = () => {};
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      screen += text;
      wake();
    }
    isOver = true;
    wake();
  })();
  const timer = setTimeout(() => child.kill("SIGKILL"), 2 * TIMEOUT_MILLISECONDS);
  const ended = Promise.all([child.status, reading]).then(async ([{ code }]) => {
    clearTimeout(timer);
    await writer.close().catch(() => {});
    return code;
  });

  async function shows(text: string): Promise<boolean> {
    const deadline = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
    for (;;) {
      const at = screen.indexOf(text, seen);
      if (at >= 0) {
        seen = at + text.length;
        return true;
      }
      if (isOver) return false;
      if (deadline.aborted) {
        throw new Error(`The screen never showed ${JSON.stringify(text)}:\n${screen}`);
      }
      const woken = Promise.withResolvers<void>();
      wake = woken.resolve;
      deadline.addEventListener("abort", () => woken.resolve(), { once: true });
      await woken.promise;
    }
  }

  return {
    screen: () => screen,
    shows,
    // A command that has ended takes no more keys.
    type: (keys) => writer.write(new TextEncoder().encode(keys)).catch(() => {}),
    close: () => child.kill("SIGTERM"),
    ended,
  };
}
