import { assert, assertEquals, assertThrows } from "@std/assert";
import { StackError } from "./errors.ts";
import { assertPortFree, findFreePort } from "./ports.ts";

Deno.test("findFreePort() gives a port that can be listened on", () => {
  assertPortFree(findFreePort(), "test");
});

Deno.test("assertPortFree() names the port and its purpose", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const error = assertThrows(() => assertPortFree(port, "API"), StackError);
  assertEquals(error.code, "port_taken");
  assert(error.message.startsWith(`Port ${port} (API) is taken`));
});
