/**
 * `deno task audit:export`: writes the audit log to files that can be checked without the database.
 *
 * @module
 */
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { EXPORT_USAGE, readExportArguments } from "./arguments.ts";
import { withAuditSource } from "./audit_source.ts";
import { exportAuditLog } from "./export.ts";
import { describeVerdict } from "./report.ts";
import { isIntact, verifyExport } from "./verify.ts";

async function main(): Promise<number> {
  const read = readExportArguments(Deno.args);
  if (read.kind === "help") {
    console.log(EXPORT_USAGE);
    return 0;
  }
  const url = Deno.env.get("DATABASE_URL") ?? "";
  if (url === "") throw new OperationError("usage", "Cannot export: DATABASE_URL is not set");
  const { range, partition, directory } = read;
  const manifest = await withAuditSource(
    url,
    partition,
    (source) => exportAuditLog(source, range, directory, new Date()),
  );
  if (manifest.from !== range.from) console.log(`The log begins on ${manifest.from}.`);
  const verdict = await verifyExport(directory);
  for (const line of describeVerdict(directory, verdict)) console.log(line);
  if (isIntact(verdict)) return 0;
  console.error("What was written does not match the seals: the log itself has been changed.");
  return 1;
}

if (import.meta.main) await runCli(main);
