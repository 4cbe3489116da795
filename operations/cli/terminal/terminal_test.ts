import { assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../errors.ts";
import { createTerminal } from "./terminal.ts";

const WORDS = {
  ...{ notShown: "not shown", yes: "yes", typeYes: "Type yes to go on" },
  ...{ ended: "no more input", interrupted: "interrupted" },
};

function fakeConsole(isTerminal: boolean, chunks: string[]) {
  const encoder = new TextEncoder();
  const seen = { written: "", prompted: "", hushed: 0 };
  const console = {
    ...{ isTerminal, hasScreen: isTerminal },
    read: () => {
      const chunk = chunks.shift();
      return Promise.resolve(chunk === undefined ? null : encoder.encode(chunk));
    },
    write: (text: string) => void (seen.written += text),
    prompt: (text: string) => void (seen.prompted += text),
    hush: () => void seen.hushed++,
    columns: () => 80,
    onInterrupt: () => {},
  };
  return { seen, terminal: createTerminal(console, WORDS) };
}

Deno.test("Terminal.ask() takes a line, or the fallback for an empty one", async () => {
  const { terminal, seen } = fakeConsole(true, ["https://a.example\r", "\r", "\r\n"]);
  assertEquals(await terminal.ask("URL"), "https://a.example");
  assertEquals(await terminal.ask("URL", "https://b.example"), "https://b.example");
  assertEquals(await terminal.ask("URL"), "");
  assertEquals(seen, {
    ...{ written: "", hushed: 1 },
    prompted: "URL: https://a.example\nURL [https://b.example]: \nURL: \n",
  });
});

Deno.test("Terminal.ask() reads several lines of one chunk, and the last without its end", async () => {
  const { terminal, seen } = fakeConsole(false, ["on", "e\r\ntwo\nthr", "ee"]);
  assertEquals(await terminal.ask("1"), "one");
  assertEquals(await terminal.askSecret("2"), "two");
  assertEquals(await terminal.ask("3"), "three");
  const error = await assertRejects(() => terminal.ask("4"), OperationError);
  assertEquals(error.code, "interrupted");
  assertEquals([seen.hushed, seen.prompted], [0, "1: \n2 (not shown): \n3: \n4: \n"]);
});

Deno.test("Terminal.askSecret() shows nothing, also of what was pasted before it was asked", async () => {
  const { terminal, seen } = fakeConsole(true, ["id\rhemm", "elig\x7fg\r"]);
  assertEquals(await terminal.ask("Id"), "id");
  assertEquals(await terminal.askSecret("Secret"), "hemmelig");
  assertEquals(seen.prompted, "Id: id\nSecret (not shown): \n");
});

Deno.test("Terminal tells Ctrl-C from the end of what can be read", async () => {
  for (
    const [keys, message] of [["ab\x03", "interrupted"], ["\x04", "no more input"], [
      "ab",
      "no more input",
    ]] as const
  ) {
    for (const question of ["ask", "askSecret"] as const) {
      const { terminal } = fakeConsole(true, [keys]);
      const error = await assertRejects(() => terminal[question]("Secret"), OperationError);
      assertEquals([error.code, error.message], ["interrupted", message]);
    }
  }
});

Deno.test("Terminal.confirm() takes nothing but the whole word, of either language", async () => {
  const { terminal } = fakeConsole(true, ["y\r", "\r", "yes\r", "ja\r"]);
  assertEquals(await terminal.confirm("Sure?"), false);
  assertEquals(await terminal.confirm("Sure?"), false);
  assertEquals(await terminal.confirm("Sure?"), true);
  assertEquals(await terminal.confirm("Sure?"), true);
});

Deno.test("Terminal.draw() keeps the record in a file apart from what is drawn on the screen", () => {
  const screen = fakeConsole(true, []);
  screen.terminal.draw("1 of 2");
  assertEquals([screen.seen.written, screen.seen.prompted], ["", "\r\x1b[K1 of 2"]);
  const file = fakeConsole(false, []);
  file.terminal.draw("1 of 2");
  assertEquals([file.seen.written, file.seen.prompted], ["1 of 2\n", ""]);
});
