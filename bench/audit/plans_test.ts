import { assertEquals } from "@std/assert";
import { findFaults } from "./plans.ts";
import type { Read } from "./reads.ts";

const read: Read = {
  name: "a mentor's last 50 attempts",
  query: "select 1",
  parameters: () => [],
  index: "mentor_id_created_at_idx",
  isIndexOnly: false,
  limits: null,
};
const SCAN =
  "->  Index Scan Backward using audit_log_2031_mentor_id_created_at_idx on audit_log_2031";

Deno.test("findFaults() accepts the index that was meant", () => {
  assertEquals(findFaults(`Limit\n  ${SCAN}\n`, read), []);
});

Deno.test("findFaults() finds whole tables, other indexes, sorting, and no plan", () => {
  assertEquals(findFaults("", read), ["there is no plan"]);
  assertEquals(findFaults("Limit\n  ->  Seq Scan on audit_log_2031", read), [
    "a partition is read from end to end",
    "no index is read",
  ]);
  assertEquals(findFaults(`Limit\n  Sort Key: created_at DESC\n  ${SCAN}`, read), [
    "rows are sorted",
  ]);
  assertEquals(findFaults(`Limit\n  ${SCAN}`, { ...read, isIndexOnly: true }).length, 1);
  assertEquals(
    findFaults("->  Bitmap Index Scan on audit_log_2031_outcome_created_at_idx", read),
    ["audit_log_2031_outcome_created_at_idx is read instead of mentor_id_created_at_idx"],
  );
});
