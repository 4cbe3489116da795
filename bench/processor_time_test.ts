import { assertEquals } from "@std/assert";
import { parseStat, readProcessorTime, since } from "./processor_time.ts";

Deno.test("parseStat() reads behind a name with spaces and parentheses", () => {
  const line = "4711 (a (b) c) S 12 4711 4711 0 -1 4194304 100 0 0 0 250 50 30 20 20 0 1 0 99 0 0";
  assertEquals(parseStat(line), { parent: 12, seconds: 3, reapedSeconds: 0.5 });
});

Deno.test("since() counts a process that was not there before from nothing", () => {
  assertEquals(since({ bench: 1 }, { bench: 1.5, postgres: 0.25 }), { bench: 0.5, postgres: 0.25 });
});

Deno.test("readProcessorTime() finds this process", () => {
  assertEquals(Object.keys(readProcessorTime([])).includes("bench"), true);
});
