import { assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { withAuditSource } from "./audit_source.ts";

Deno.test("withAuditSource() tells that the database is out of reach", async () => {
  const error = await assertRejects(
    () => withAuditSource("postgresql://x:hemmelig@127.0.0.1:9/x", null, () => Promise.resolve()),
    OperationError,
  );
  assertEquals([error.code, error.message.includes("hemmelig")], ["unreachable", false]);
});
