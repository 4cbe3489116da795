import { assertEquals } from "@std/assert";
import { TextLineStream } from "./text_line_stream.ts";

Deno.test("TextLineStream puts lines together across chunks", async () => {
  const lines = ReadableStream.from(["one\ntw", "o\r\n\nlast"]).pipeThrough(new TextLineStream());
  assertEquals(await Array.fromAsync(lines), ["one", "two", "", "last"]);
});
