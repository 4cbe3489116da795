import { assertEquals } from "@std/assert";
import { examine } from "./finding.ts";

Deno.test("examine() tells of every check and counts those that found something", async () => {
  const lines: string[] = [];
  const ailing = await examine([
    { title: "Fine", run: () => Promise.resolve([]) },
    {
      title: "Ill",
      run: () => Promise.resolve([{ problem: "It is missing.", remedy: "Make it." }]),
    },
  ], (line) => lines.push(line));
  assertEquals(ailing, 1);
  assertEquals(lines, [
    "ok     Fine",
    "WRONG  Ill",
    "       It is missing.",
    "       → Make it.",
  ]);
});
