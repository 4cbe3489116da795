import { assertEquals, assertStringIncludes } from "@std/assert";
import { examine, exitCode, summarise } from "./examine.ts";
import type { Check, Outcome } from "./finding.ts";

function check(title: string, outcome: Outcome): Check {
  return { title, run: () => Promise.resolve(outcome) };
}

const ILL: Outcome = {
  findings: [{ problem: "It is missing.", remedy: { sql: "select make()" } }],
};
const BROKEN: Check = {
  title: "Broken",
  run: () => Promise.reject(new TypeError("cannot read hemmelig")),
};

async function report(...checks: Check[]) {
  const lines: string[] = [];
  const summary = await examine(checks, (line) => lines.push(line));
  return { lines, last: summarise(summary), code: exitCode(summary) };
}

Deno.test("examine() tells of every check, goes on after a fault, and quotes none", async () => {
  const { lines, last, code } = await report(
    check("Ill", ILL),
    BROKEN,
    check("Left out", { unseen: ["run with --more"] }),
    check("Fine", {}),
  );
  assertEquals(lines, [
    "WRONG  Ill",
    "       It is missing.",
    "       → in SQL: select make()",
    "?      Broken",
    "       could not be checked: something unforeseen (TypeError)",
    "-      Left out",
    "       not checked: run with --more",
    "ok     Fine",
  ]);
  assertEquals(
    last,
    "Seen to be well: 1 of 4 checks. Wrong: Ill. Could not be checked: Broken. Not checked: Left out.",
  );
  assertEquals(code, 1);
});

Deno.test("examine() names a remedy once for all that it mends, and cuts a long list", async () => {
  const findings = Array.from({ length: 12 }, (_, n) => ({
    problem: `Problem ${n}.`,
    remedy: { run: "mend" },
  }));
  const { lines } = await report(check("Ill", { findings }));
  assertEquals(lines.slice(-2), ["       … and 2 more of the kind.", "       → run: mend"]);
  assertEquals(lines.length, 13);
});

Deno.test("summarise() says that all is well only of what was all seen", async () => {
  const well = await report(check("Fine", {}), check("Fine, too", {}));
  assertEquals([well.last, well.code], ["All is well: 2 checks saw what they look for.", 0]);
  const partly = await report(check("Fine", {}), check("Left out", { unseen: ["not due yet"] }));
  assertEquals(partly.code, 0);
  assertStringIncludes(partly.last, "Not checked: Left out.");
  for (const checks of [[], [check("Left out", { unseen: ["not due yet"] })], [BROKEN]]) {
    const nothing = await report(...checks);
    assertEquals([nothing.code, nothing.last.includes("All is well")], [1, false]);
  }
});
