import { assertEquals } from "@std/assert";
import { renderProgress } from "./progress_bar.ts";

Deno.test("renderProgress() fills the bar in proportion", () => {
  const at = (done: number, failed = 0) => renderProgress({ done, total: 4, failed }, 23);
  assertEquals(at(0), "[.............] 0 of 4");
  assertEquals(at(2), "[######.......] 2 of 4");
  assertEquals(at(4), "[#############] 4 of 4");
  assertEquals(at(4, 1), "4 of 4, 1 failed");
});

Deno.test("renderProgress() never exceeds the line", () => {
  for (let columns = 1; columns < 200; columns++) {
    const line = renderProgress({ done: 1234, total: 20_000, failed: 17 }, columns);
    assertEquals(line.length <= columns, true, `${columns}: ${line}`);
  }
});
