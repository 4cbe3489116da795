import { assertEquals } from "@std/assert";
import { attemptLine } from "./attempt_line.ts";

const ROW = {
  id: "01900000-0000-7000-8000-000000000000",
  mentor_id: "00000000-0000-4000-8000-0000000000a1",
  operation: "remove",
  dynamics_response_code: 204,
  retry_count: 0,
  outcome: "success",
  error_message: null,
  triggered_by_event: "status_change:paused",
  created_at: "2026-11-23 03:07:03.689+00",
};

Deno.test("attemptLine() says what was tried and how it went", () => {
  assertEquals(
    attemptLine(ROW),
    "03:07:03  remove   …00a1  204  success        retry 0  status_change:paused",
  );
  assertEquals(
    attemptLine({
      ...ROW,
      dynamics_response_code: null,
      outcome: "failure",
      error_message: "timeout",
    }),
    "03:07:03  remove   …00a1  ---  failure        retry 0  status_change:paused  timeout",
  );
});
