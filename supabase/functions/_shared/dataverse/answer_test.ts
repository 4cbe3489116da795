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
    {
      status: 429,
      code: "0x80072322",
      isDataverseError: true,
      requestId: ID,
      retryAfterSeconds: 30,
    },
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

Deno.test("readAnswer() tells an error of Dataverse from whatever else a body may hold", () => {
  const is = (text: string) => read(text).isDataverseError;
  for (const code of ["0x80040217", "0X80040217", "0x0", "", " ", "-2147220969"]) {
    assertEquals(is(JSON.stringify({ error: { code, message: "x" } })), true, code);
  }
  assertEquals(is('{"error":{"message":"x"}}'), true);
  assertEquals(is('\uFEFF{"error":{"code":"","message":"x"}}'), true);
  for (const text of ["", " \n", "{}", "[]", "null", "<p>Sorry</p>", "Bad gateway"]) {
    assertEquals(is(text), false, text);
  }
  for (const code of ["NotFound", "12345678", "0x12345678", "0x9", 5, null, {}]) {
    assertEquals(is(JSON.stringify({ error: { code, message: "x" } })), false, String(code));
  }
});

Deno.test("readAnswer() reads a code written as the signed number that it is", () => {
  assertEquals(read('{"error":{"code":"-2147220969","message":"x"}}').code, "0x80040217");
});

Deno.test("readAnswer() reads the code of an error that was cut off behind it", () => {
  const text = `{ "error": {"code":"0x8004418D","message":"${"x".repeat(100)}`;
  assertEquals([read(text).code, read(text).isDataverseError], ["0x8004418d", true]);
});

Deno.test("readAnswer() survives JSON that is cut off or of another shape", () => {
  for (const text of ['{"error":{"code":"0x8', "null", "[]", '{"error":"x"}', '{"error":null}']) {
    assertEquals(read(text).code, null, text);
  }
});
