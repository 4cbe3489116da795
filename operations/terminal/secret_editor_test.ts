import { assertEquals } from "@std/assert";
import { SecretEditor } from "./secret_editor.ts";

function entered(...chunks: string[]): unknown {
  const editor = new SecretEditor();
  let last: unknown;
  for (const chunk of chunks) last = editor.type(chunk);
  return last;
}

Deno.test("SecretEditor gives the line when Enter is pressed", () => {
  assertEquals(entered("s", "e", "c", "\r"), { kind: "entered", secret: "sec", rest: "" });
  assertEquals(entered("sec\n"), { kind: "entered", secret: "sec", rest: "" });
});

Deno.test("SecretEditor keeps what was typed ahead", () => {
  assertEquals(entered("one\rtwo\r"), { kind: "entered", secret: "one", rest: "two\n" });
  assertEquals(entered("one\r\ntwo"), { kind: "entered", secret: "one", rest: "two" });
});

Deno.test("SecretEditor takes back whole letters, whatever their bytes", () => {
  assertEquals(entered("bø\x7få", "\b", "y\r"), { kind: "entered", secret: "by", rest: "" });
  assertEquals(entered("\x7f\x7fa\r"), { kind: "entered", secret: "a", rest: "" });
});

Deno.test("SecretEditor begins anew on Ctrl-U", () => {
  assertEquals(entered("wrong\x15right\r"), { kind: "entered", secret: "right", rest: "" });
});

Deno.test("SecretEditor ignores arrow keys and the marks of a paste", () => {
  const pasted = "\x1b[200~secret\x1b[201~";
  assertEquals(entered("\x1b[D", "\x1bOA", pasted, "\r"), {
    kind: "entered",
    secret: "secret",
    rest: "",
  });
});

Deno.test("SecretEditor tells of Ctrl-C, and of Ctrl-D on an empty line", () => {
  assertEquals(entered("abc", "\x03"), { kind: "interrupted" });
  assertEquals(entered("\x04"), { kind: "ended" });
  assertEquals(entered("a\x04"), { kind: "typing" });
});
