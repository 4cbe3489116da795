import { assertEquals } from "@std/assert";
import { v7 } from "uuid";
import type { Obstacle, OfflineAttempt } from "./administrator.ts";
import { importAttempts } from "./import.ts";
import { mentorId } from "./testing.ts";

function attempt(n: number): OfflineAttempt {
  return {
    ...{ attemptId: v7(), mentorId: mentorId(n), operation: "remove", outcome: "success" },
    ...{ responseCode: 204, errorMessage: null },
  };
}

Deno.test("importAttempts() writes in the rest, and names what stands in the way of the others", async () => {
  const attempts = Array.from({ length: 1200 }, (_, n) => attempt(n));
  const [unknown, , taken] = attempts;
  const obstacles = new Map<string, Obstacle>([
    [unknown?.attemptId ?? "", "unknown_mentor"],
    [taken?.attemptId ?? "", "id_is_taken"],
  ]);
  const written: OfflineAttempt[] = [];
  const report = await importAttempts(attempts, {
    findObstacles: (some) =>
      Promise.resolve(
        new Map([...obstacles].filter(([id]) => some.some(({ attemptId }) => attemptId === id))),
      ),
    importAttempts: (some) => Promise.resolve(written.push(...some) && some.length),
  });
  assertEquals(report, { imported: 1198, unknown: [unknown], taken: [taken] });
  assertEquals(written, attempts.filter((one) => one !== unknown && one !== taken));
});
