import { assertEquals } from "@std/assert";
import { LineEditor } from "./line_editor.ts";

function entered(...chunks: string[]): unknown {
  const editor = new LineEditor();
  let last: unknown;
  for (const chunk of chunks) last = editor.type(chunk);
  return last;
}

Deno.test("LineEditor gives the line when Enter is pressed", () => {
  assertEquals(entered("s", "e", "c", "\r"), { kind: "entered", line: "sec", rest: "" });
  assertEquals(entered("sec\n"), { kind: "entered", line: "sec", rest: "" });
});

Deno.test("LineEditor keeps what was typed ahead", () => {
  assertEquals(entered("one\rtwo\r"), { kind: "entered", line: "one", rest: "two\n" });
  assertEquals(entered("one\r\ntwo"), { kind: "entered", line: "one", rest: "two" });
});

Deno.test("LineEditor takes back whole letters, whatever their bytes", () => {
  assertEquals(entered("bø\x7få", "\b", "y\r"), { kind: "entered", line: "by", rest: "" });
  assertEquals(entered("\x7f\x7fa\r"), { kind: "entered", line: "a", rest: "" });
});

Deno.test("LineEditor begins anew on Ctrl-U", () => {
  assertEquals(entered("wrong\x15right\r"), { kind: "entered", line: "right", rest: "" });
});

Deno.test("LineEditor ignores arrow keys and the marks of a paste", () => {
  const pasted = "\x1b[200~secret\x1b[201~";
  assertEquals(entered("\x1b[D", "\x1bOA", pasted, "\r"), {
    kind: "entered",
    line: "secret",
    rest: "",
  });
});

Deno.test("LineEditor tells of Ctrl-C, and of Ctrl-D on an empty line", () => {
  assertEquals(entered("abc", "\x03"), { kind: "interrupted" });
  assertEquals(entered("\x04"), { kind: "ended" });
  assertEquals(entered("a\x04"), { kind: "typing" });
});

Deno.test("LineEditor echoes what a person sees of a line", () => {
  let shown = "";
  const editor = new LineEditor((text) => shown += text);
  editor.type("a\x7f\x7fbc\x15d\x1b[De\r");
  assertEquals(shown, "a\b \bbc\b \b\b \bde");
});
