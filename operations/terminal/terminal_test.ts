import { assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../errors.ts";
import { createTerminal } from "./terminal.ts";

function fakeConsole(isTerminal: boolean, chunks: string[]) {
  const encoder = new TextEncoder();
  const seen = { written: "", raw: [] as boolean[] };
  const console = {
    isTerminal,
    read: () => {
      const chunk = chunks.shift();
      return Promise.resolve(chunk === undefined ? null : encoder.encode(chunk));
    },
    write: (text: string) => void (seen.written += text),
    setRaw: (raw: boolean) => void seen.raw.push(raw),
    columns: () => 80,
  };
  return { seen, terminal: createTerminal(console) };
}

Deno.test("Terminal.ask() takes a line, or the fallback for an empty one", async () => {
  const { terminal, seen } = fakeConsole(true, ["https://a.example\n", "\n", "\r\n"]);
  assertEquals(await terminal.ask("URL"), "https://a.example");
  assertEquals(await terminal.ask("URL", "https://b.example"), "https://b.example");
  assertEquals(await terminal.ask("URL"), "");
  assertEquals(seen.written, "URL: URL [https://b.example]: URL: ");
});

Deno.test("Terminal.ask() reads several lines of one chunk, and the last without its end", async () => {
  const { terminal } = fakeConsole(false, ["on", "e\ntwo\nthr", "ee"]);
  assertEquals(await terminal.ask("1"), "one");
  assertEquals(await terminal.askSecret("2"), "two");
  assertEquals(await terminal.ask("3"), "three");
  const error = await assertRejects(() => terminal.ask("4"), OperationError);
  assertEquals(error.code, "interrupted");
});

Deno.test("Terminal.askSecret() shows nothing and leaves raw mode", async () => {
  const { terminal, seen } = fakeConsole(true, ["hemm", "elig\x7fg", "\r"]);
  assertEquals(await terminal.askSecret("Secret"), "hemmelig");
  assertEquals(seen, { written: "Secret (not shown): \n", raw: [true, false] });
});

Deno.test("Terminal.askSecret() leaves raw mode on Ctrl-C too", async () => {
  const { terminal, seen } = fakeConsole(true, ["ab\x03"]);
  const error = await assertRejects(() => terminal.askSecret("Secret"), OperationError);
  assertEquals(error.code, "interrupted");
  assertEquals(seen.raw, [true, false]);
});

Deno.test("Terminal.askSecret() sets no mode on a pipe", async () => {
  const { terminal, seen } = fakeConsole(false, ["hemmelig\n"]);
  assertEquals(await terminal.askSecret("Secret"), "hemmelig");
  assertEquals(seen.raw, []);
});

Deno.test("Terminal.confirm() takes nothing but yes", async () => {
  const { terminal } = fakeConsole(true, ["y\n", "\n", "yes\n"]);
  assertEquals(await terminal.confirm("Sure?"), false);
  assertEquals(await terminal.confirm("Sure?"), false);
  assertEquals(await terminal.confirm("Sure?"), true);
});
