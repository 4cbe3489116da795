import { assertEquals } from "@std/assert";
import { receiveHeaders } from "./header_block.ts";

Deno.test("receiveHeaders() leaves headers without line breaks as they are", () => {
  assertEquals(receiveHeaders({ apikey: "key", "content-type": "application/json" }), {
    headers: [["apikey", "key"], ["content-type", "application/json"]],
    isCutShort: false,
    isMalformed: false,
  });
});

Deno.test("receiveHeaders() loses what comes after a value that ends in a line break", () => {
  for (const end of ["\n", "\r\n", "\n\n"]) {
    assertEquals(receiveHeaders({ apikey: `key${end}`, "content-type": "application/json" }), {
      headers: [["apikey", "key"]],
      isCutShort: true,
      isMalformed: false,
    });
  }
});

Deno.test("receiveHeaders() takes what is behind a line break for a header of its own", () => {
  assertEquals(receiveHeaders({ apikey: "key\nx-forged: yes", accept: "*/*" }), {
    headers: [["apikey", "key"], ["x-forged", "yes"], ["accept", "*/*"]],
    isCutShort: false,
    isMalformed: false,
  });
  assertEquals(receiveHeaders({ apikey: "key\nthe rest" }).isMalformed, true);
});

Deno.test("receiveHeaders() leaves out a header without a value", () => {
  assertEquals(receiveHeaders({ apikey: " \n", accept: "*/*" }).headers, [["accept", "*/*"]]);
});
