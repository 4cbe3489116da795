import { assertEquals } from "@std/assert";
import { Tally } from "./tally.ts";

Deno.test("Tally.toString() names what was met, the most frequent first", () => {
  const tally = new Tally();
  tally.add(["success", "timeout"]);
  tally.add(["success", "network"]);
  assertEquals(String(tally), "success 2, network 1, timeout 1");
});
