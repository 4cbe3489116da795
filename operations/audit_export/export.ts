import { createHash } from "node:crypto";
import { OperationError } from "../cli/errors.ts";
import { withFile } from "../cli/file_errors.ts";
import { AUDIT_ROWS } from "./audit_row.ts";
import type { AuditSource } from "./audit_source.ts";
import { type Day, monthsBetween } from "./days.ts";
import { type ExportedFile, type Manifest, MANIFEST_FORMAT, MANIFEST_NAME } from "./manifest.ts";

export interface ExportRange {
  readonly from: Day;
  readonly to: Day;
}

/**
 * Writes a CSV file for each month (UTC) and, last of all, the manifest: an export without one is not
 * finished. Memory stays flat.
 *
 * @param directory made if it is not there; must be empty
 * @throws {OperationError} `refused` for a range that is not sealed, or a directory that is in use; `unwritable`
 */
export async function exportAuditLog(
  source: AuditSource,
  range: ExportRange,
  directory: string,
  now: Date,
): Promise<Manifest> {
  const { from, to } = await sealedRange(source, range);
  await makeEmptyDirectory(directory);
  const files: ExportedFile[] = [];
  for (const { month, ...days } of monthsBetween(from, to)) {
    const name = `hlf_sync_audit_log_${month}.csv`;
    const written = await writeFile(`${directory}/${name}`, source.rows(days.from, days.to));
    files.push({ name, ...days, ...written });
  }
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    table: source.table,
    from,
    to,
    exported_at: now.toISOString(),
    columns: AUDIT_ROWS.names,
    files,
    seals: await source.seals(from, to),
  };
  const sink = await Sink.create(`${directory}/${MANIFEST_NAME}`);
  await sink.write(`${JSON.stringify(manifest, null, 2)}\n`);
  await sink.close();
  return manifest;
}

/** Only what is sealed can be checked, so nothing else is exported. */
async function sealedRange(source: AuditSource, { from, to }: ExportRange): Promise<ExportRange> {
  if (from > to) throw refused(`${from} is later than ${to}`);
  const sealed = await source.sealedDays();
  if (sealed === null) throw refused("no day is sealed yet");
  if (to > sealed.last) throw refused(`the log is sealed until ${sealed.last}, choose --to by it`);
  if (to < sealed.first) throw refused(`the log begins on ${sealed.first}`);
  return { from: from < sealed.first ? sealed.first : from, to };
}

async function makeEmptyDirectory(directory: string): Promise<void> {
  await withFile("unwritable", directory, async () => {
    await Deno.mkdir(directory, { recursive: true });
    for await (const _ of Deno.readDir(directory)) {
      throw refused(`${directory} is not empty`);
    }
  });
}

async function writeFile(
  path: string,
  pages: AsyncIterable<string[]>,
): Promise<{ row_count: number; sha256: string }> {
  const sink = await Sink.create(path);
  await sink.write(`${AUDIT_ROWS.header}\n`);
  let count = 0;
  for await (const lines of pages) {
    if (lines.length === 0) continue;
    await sink.write(`${lines.join("\n")}\n`);
    count += lines.length;
  }
  return { row_count: count, sha256: await sink.close() };
}

/** A new file whose checksum is taken from what was meant to be written, not from what is there. */
class Sink {
  readonly #encoder = new TextEncoder();
  readonly #hash = createHash("sha256");

  private constructor(private readonly path: string, private readonly file: Deno.FsFile) {}

  static async create(path: string): Promise<Sink> {
    const open = () => Deno.open(path, { write: true, createNew: true });
    return new Sink(path, await withFile("unwritable", path, open));
  }

  async write(text: string): Promise<void> {
    let bytes = this.#encoder.encode(text);
    this.#hash.update(bytes);
    await withFile("unwritable", this.path, async () => {
      while (bytes.length > 0) bytes = bytes.subarray(await this.file.write(bytes));
    });
  }

  /** @returns SHA-256 in hex, once the disk has it all */
  async close(): Promise<string> {
    await withFile("unwritable", this.path, () => this.file.sync());
    this.file.close();
    return this.#hash.digest("hex");
  }
}

function refused(reason: string): OperationError {
  return new OperationError("refused", `Cannot export: ${reason}`);
}
