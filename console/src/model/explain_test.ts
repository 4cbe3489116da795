import { assertEquals } from "@std/assert";
import { ERROR_CLASSES, parseError } from "./explain.ts";

Deno.test("parseError() takes class, code and request id apart", () => {
  assertEquals(
    parseError("throttled code=0x80072322 request=0e4a4dd1-9a3c-4c5b-8f5e-3a9f5a1b2c3d"),
    {
      class: "throttled",
      code: "0x80072322",
      requestId: "0e4a4dd1-9a3c-4c5b-8f5e-3a9f5a1b2c3d",
    },
  );
  assertEquals(parseError("timeout"), { class: "timeout", code: null, requestId: null });
});

Deno.test("parseError() gives null for what the log cannot hold", () => {
  assertEquals(parseError(null), null);
  assertEquals(parseError(""), null);
  assertEquals(parseError("something else happened"), null);
});

Deno.test("ERROR_CLASSES are those of the database's CHECK", async () => {
  const schema = await Deno.readTextFile(
    new URL("../../../supabase/schema.sql", import.meta.url),
  );
  const [, body] =
    schema.match(/CREATE FUNCTION hlf_sync\.is_sync_error[\s\S]*?'\^\(([\s\S]*?)\)'/) ??
      [];
  assertEquals(body?.split("|").map((word) => word.replace(/[^a-z_]/g, "")), [...ERROR_CLASSES]);
});
