import { assertEquals } from "@std/assert";
import { readAnswer } from "./answer.ts";

const ID = "0f7c1b5e-95a3-4e0f-8a52-2f6f3f2b6f01";

function read(text: string, headers: Record<string, string> = {}, status = 500) {
  return readAnswer({ status, headers: new Headers(headers) }, text, Date.UTC(2027, 2, 1, 12));
}

Deno.test("readAnswer() keeps status, code, request id and the time to wait", () => {
  assertEquals(
    read(
      JSON.stringify({ error: { code: "0x80072322", message: "Kari Nordmann, 01017012345" } }),
      { "x-ms-service-request-id": ID.toUpperCase(), "retry-after": "30" },
      429,
    ),
    { status: 429, code: "0x80072322", requestId: ID, retryAfterSeconds: 30, body: "json" },
  );
});

Deno.test("readAnswer() makes codes lower-case and drops what is not one", () => {
  const code = (value: unknown) => read(JSON.stringify({ error: { code: value } })).code;
  assertEquals(code("0x8006088A"), "0x8006088a");
  assertEquals(code("0x0"), "0x0");
  for (const value of ["", "0x", "0x123456789", "Kari", "0x8006088a Kari", 12, null]) {
    assertEquals(code(value), null, `${value}`);
  }
});

Deno.test("readAnswer() takes REQ_ID in place of the service's header, and only a uuid", () => {
  assertEquals(read("", { REQ_ID: ID }).requestId, ID);
  assertEquals(read("", { "x-ms-service-request-id": "Kari", REQ_ID: ID }).requestId, ID);
  assertEquals(read("", { REQ_ID: `${ID}; Kari` }).requestId, null);
});

Deno.test("readAnswer() tells empty, JSON and HTML bodies apart", () => {
  assertEquals(read("").body, "empty");
  assertEquals(read("  \n").body, "empty");
  assertEquals(read(' {"a":1}').body, "json");
  assertEquals(read("<!doctype html><p>Bad gateway").body, "html");
  assertEquals(read("Bad gateway", { "content-type": "text/html; charset=utf-8" }).body, "html");
  assertEquals(read("Bad gateway", { "content-type": "text/plain" }).body, "other");
});

Deno.test("readAnswer() survives JSON that is cut off or of another shape", () => {
  for (const text of ['{"error":{"code":"0x8', "null", "[]", '{"error":"x"}', '{"error":null}']) {
    assertEquals(read(text).code, null, text);
  }
});
