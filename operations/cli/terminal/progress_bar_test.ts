import { assertEquals } from "@std/assert";
import { renderProgress } from "./progress_bar.ts";

Deno.test("renderProgress() fills the bar in proportion", () => {
  const at = (done: number, count = `${done} of 4`) =>
    renderProgress(count, { done, total: 4 }, 23);
  assertEquals(at(0), "[.............] 0 of 4");
  assertEquals(at(2), "[######.......] 2 of 4");
  assertEquals(at(4), "[#############] 4 of 4");
  assertEquals(at(4, "4 of 4, 1 failed"), "4 of 4, 1 failed");
});

Deno.test("renderProgress() never exceeds the line", () => {
  for (let columns = 1; columns < 200; columns++) {
    const line = renderProgress("1234 of 20000", { done: 1234, total: 20_000 }, columns);
    assertEquals(line.length <= columns, true, `${columns}: ${line}`);
  }
});
