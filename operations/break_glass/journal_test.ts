import { assertEquals, assertThrows } from "@std/assert";
import { v7 } from "uuid";
import { OperationError } from "../cli/errors.ts";
import type { Obstacle, OfflineAttempt } from "./administrator.ts";
import { importAttempts, Journal, readJournal } from "./journal.ts";
import type { Attempt, AttemptResult } from "./run.ts";
import { mentorId } from "./testing.ts";

function attempt(n: number): Attempt {
  return { attemptId: v7(), mentorId: mentorId(n), operation: "remove", retryCount: 0 };
}

function result(some: Attempt): AttemptResult {
  return {
    attempt: some,
    decision: {
      ...{ outcome: "success", errorMessage: null, responseCode: 204, retryDelaySeconds: null },
      gate: { kind: "none" },
    },
  };
}

async function withFile(run: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await run(`${directory}/journal.jsonl`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("Journal keeps what was meant and what became of it", () =>
  withFile(async (path) => {
    const [one, two] = [attempt(1), attempt(2)];
    const journal = await Journal.open(path);
    await journal.intend([one, two]);
    await Promise.all([journal.conclude(result(one)), journal.conclude(result(two))]);
    journal.close();
    assertEquals(
      readJournal(await Deno.readTextFile(path)),
      [one, two].map(({ retryCount: _, ...rest }) => ({
        ...rest,
        ...{ outcome: "success", responseCode: 204, errorMessage: null },
      })),
    );
    if (Deno.build.os !== "windows") {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
  }));

Deno.test("Journal goes on after a crash at any byte", () =>
  withFile(async (path) => {
    const [one, two, later] = [attempt(1), attempt(2), attempt(3)];
    const journal = await Journal.open(path);
    await journal.intend([one, two]);
    await journal.conclude(result(one));
    journal.close();
    const whole = await Deno.readFile(path);

    for (let size = 0; size <= whole.length; size++) {
      await Deno.writeFile(path, whole.subarray(0, size));
      const next = await Journal.open(path);
      await next.intend([later]);
      next.close();
      const read = readJournal(await Deno.readTextFile(path));
      assertEquals(read.at(-1)?.attemptId, later.attemptId, `cut at ${size}`);
      const before = readJournal(new TextDecoder().decode(whole.subarray(0, size)));
      assertEquals(read.slice(0, -1), before, `cut at ${size}`);
    }
  }));

Deno.test("readJournal() calls an attempt without an outcome interrupted", () => {
  const { attemptId, mentorId } = attempt(1);
  const line = { kind: "intent", attempt_id: attemptId, mentor_id: mentorId, operation: "restore" };
  assertEquals(readJournal(`${JSON.stringify(line)}\n`), [{
    ...{ attemptId, mentorId, operation: "restore", outcome: "failure" },
    ...{ responseCode: null, errorMessage: "interrupted" },
  }]);
});

Deno.test("readJournal() lists every line that is not a journal's", () => {
  const outcome = {
    ...{ kind: "outcome", attempt_id: v7(), outcome: "success" },
    ...{ response_code: 204, error_message: null },
  };
  const text = `mentor_id\n{"kind":"other"}\n${JSON.stringify(outcome)}\n`;
  const error = assertThrows(() => readJournal(text), OperationError);
  assertEquals(error.message.split("\n  "), [
    "Cannot read the journal:",
    "line 1 is not an entry of a journal",
    "line 2 is not an entry of a journal",
    "line 3 is the outcome of no attempt",
  ]);
});

function offlineAttempt(n: number): OfflineAttempt {
  return {
    ...{ attemptId: v7(), mentorId: mentorId(n), operation: "remove", outcome: "success" },
    ...{ responseCode: 204, errorMessage: null },
  };
}

Deno.test("importAttempts() writes in the rest, and names what stands in the way of the others", async () => {
  const attempts = Array.from({ length: 1200 }, (_, n) => offlineAttempt(n));
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
