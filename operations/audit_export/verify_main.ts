/**
 * `deno task audit:verify`: checks exports of the audit log with nothing but their files.
 *
 * @module
 */
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { VERIFY_USAGE } from "./arguments.ts";
import { describeVerdict, findBreak } from "./report.ts";
import { isIntact, type Verdict, verifyExport } from "./verify.ts";

async function main(): Promise<number> {
  if (Deno.args.some((argument) => argument === "--help" || argument === "-h")) {
    console.log(VERIFY_USAGE);
    return 0;
  }
  if (Deno.args.length === 0) {
    throw new OperationError("usage", "Cannot verify: no directory was named. See --help");
  }
  const verdicts: Verdict[] = [];
  for (const directory of Deno.args) {
    const verdict = await verifyExport(directory);
    for (const line of describeVerdict(directory, verdict)) console.log(line);
    verdicts.push(verdict);
  }
  const gap = findBreak(verdicts.toSorted((a, b) => a.manifest.from < b.manifest.from ? -1 : 1));
  if (gap !== null) console.log(`Between the exports: ${gap}`);
  const holds = gap === null && verdicts.every(isIntact);
  console.log(holds ? "Everything matches." : "Not everything matches.");
  return holds ? 0 : 1;
}

if (import.meta.main) await runCli(main);
