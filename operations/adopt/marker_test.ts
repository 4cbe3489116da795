import { assertEquals } from "@std/assert";
import { mark, readMarked } from "./marker.ts";

const BODY = "-- One row per mentor.\ncreate table a ();\n";

Deno.test("a marked file says whether it was edited", () => {
  const marked = mark(BODY, "1.0.0", "--");
  assertEquals(readMarked(marked), { release: "1.0.0", body: BODY, isEdited: false });
  assertEquals(readMarked(marked.replace("table a", "table b"))?.isEdited, true);
  assertEquals(readMarked(`${marked}\n`)?.isEdited, true);
  assertEquals(readMarked(BODY), null);
  assertEquals(readMarked(`\n${marked}`), null);
});

Deno.test("other ends of lines are no edit", () => {
  assertEquals(
    readMarked(mark(BODY, "1.0.0", "//").replaceAll("\n", "\r\n")),
    { release: "1.0.0", body: BODY, isEdited: false },
  );
  assertEquals(mark(BODY.replaceAll("\n", "\r\n"), "1.0.0", "--"), mark(BODY, "1.0.0", "--"));
});
