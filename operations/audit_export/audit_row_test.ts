import { assertEquals } from "@std/assert";
import { AUDIT_ROWS, createRowFormat } from "./audit_row.ts";

const { readRow } = AUDIT_ROWS;

const id = "019b76da-a018-7000-8000-000000000007";
const other = "00000000-0000-4000-8000-0000000000a1";
const success =
  `${id},${other},${other},remove,204,0,success,,status_change:paused,2026-11-01T23:59:59.000001Z`;

Deno.test("readRow() keeps every microsecond", () => {
  assertEquals(readRow(success), {
    day: "2026-11-01",
    position: `2026-11-01T23:59:59.000001Z ${id}`,
    sealed: success.replaceAll(",", "|"),
  });
});

Deno.test("readRow() reads every kind of error message", () => {
  for (
    const message of [
      "timeout",
      "rejected code=0x0",
      `throttled code=0x80072322 request=${other}`,
      `server_error request=${other}`,
    ]
  ) {
    const line = success.replace("success,", `failure,${message}`);
    assertEquals(readRow(line)?.sealed.split("|")[7], message);
  }
});

Deno.test("readRow() takes one way of writing a row only", () => {
  for (
    const line of [
      "",
      `${success} `,
      `${success}\r`,
      success.toUpperCase(),
      success.replace(".000001Z", ".00001Z"),
      success.replace("204", '"204"'),
      success.replace("remove", "Kari Oppdiktet"),
      `${success},${success}`,
      success.replace(",success,", ",,"),
    ]
  ) {
    assertEquals(readRow(line), null, line);
  }
});

Deno.test("createRowFormat() reads rows of this release and of earlier ones when a column was appended", () => {
  const later = createRowFormat([
    ...AUDIT_ROWS.columns,
    { name: "duration_ms", sql: "log.duration_ms", pattern: "\\d+" },
  ]);
  const sealed = success.replaceAll(",", "|");
  assertEquals(later.readRow(success), readRow(success));
  assertEquals(later.readRow(`${success},`), readRow(success));
  assertEquals(later.readRow(`${success},250`), {
    ...readRow(success),
    sealed: `${sealed}|duration_ms=250`,
  });
  assertEquals(later.readRow(`${success},-1`), null);
  assertEquals([AUDIT_ROWS.header, later.header, "id"].map(later.isHeader), [true, true, false]);
  assertEquals(AUDIT_ROWS.isHeader(later.header), false);
});
