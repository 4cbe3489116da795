import { assertEquals } from "@std/assert";
import { nextVersions } from "./versions.ts";

const NOW = new Date("2026-11-26T23:59:59Z");

Deno.test("new migrations come now, one second after another", () => {
  assertEquals(nextVersions(["20240901100000", "0001"], 2, NOW), {
    versions: ["20261126235959", "20261127000000"],
  });
  assertEquals(nextVersions([], 0, NOW), { versions: [] });
});

Deno.test("they come after one of the app's that is dated later", () => {
  assertEquals(nextVersions(["20270101000000", "20240901100000"], 2, NOW), {
    versions: ["20270101000001", "20270101000002"],
  });
  // There is no 99th minute, but teams write such versions.
  assertEquals(nextVersions(["20270101009999"], 1, NOW), { versions: ["20270101014040"] });
});

Deno.test("a version that comes after every timestamp is named", () => {
  assertEquals(nextVersions(["20240901100000", "300_last"], 1, NOW), { after: "300_last" });
  assertEquals(nextVersions(["99999999999999"], 1, NOW), { after: "99999999999999" });
});
