import type { Hash } from "node:crypto";
import { OperationError } from "../cli/errors.ts";
import { explainFileError } from "../cli/file_errors.ts";
import { AUDIT_ROWS } from "./audit_row.ts";
import { type Day, daysBetween } from "./days.ts";
import { readLines } from "./file_lines.ts";
import {
  type ExportedFile,
  type Manifest,
  MANIFEST_NAME,
  manifestSchema,
  type Seal,
} from "./manifest.ts";
import { beginDigest } from "./seal_digest.ts";

export interface Verdict {
  readonly manifest: Manifest;
  readonly rowCount: number;
  readonly dayCount: number;
  /** The first day that does not match its seal. */
  readonly firstBadDay: { readonly day: Day; readonly reason: string } | null;
  /** Of files, in the order of the manifest. */
  readonly problems: readonly string[];
}

export function isIntact({ firstBadDay, problems }: Verdict): boolean {
  return firstBadDay === null && problems.length === 0;
}

/**
 * Checks an export with nothing but its files: each file against its checksum, each row against the
 * one way of writing it, each day against its seal, and each seal against the day before.
 *
 * @throws {OperationError} `unreadable` when there is no manifest to begin with
 */
export async function verifyExport(directory: string): Promise<Verdict> {
  const manifest = await readManifest(directory);
  const check = new Check(manifest);
  for (const file of manifest.files) await check.file(directory, file);
  check.finish();
  await check.strangers(directory);
  return {
    manifest,
    rowCount: check.rowCount,
    dayCount: manifest.seals.length,
    firstBadDay: check.firstBadDay,
    problems: check.problems,
  };
}

async function readManifest(directory: string): Promise<Manifest> {
  let text: string;
  try {
    text = await Deno.readTextFile(`${directory}/${MANIFEST_NAME}`);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const problem = isMissing
      ? `There is no ${MANIFEST_NAME} in ${directory}`
      : `Cannot read ${directory}/${MANIFEST_NAME}: ${explainFileError(error) ?? "unknown"}`;
    throw new OperationError("unreadable", problem, { cause: error });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new OperationError("unreadable", `Cannot read ${MANIFEST_NAME}: it is not as written`, {
      cause: error,
    });
  }
}

/** A file saved by a spreadsheet has a million wrong lines; the first few tell what happened. */
const TOLD_LINES = 20;

/** Goes through the days in their order; the rows of all files are one stream. */
class Check {
  rowCount = 0;
  firstBadDay: { readonly day: Day; readonly reason: string } | null = null;
  readonly problems: string[] = [];
  readonly #seals: Map<Day, Seal>;
  readonly #days: Iterator<Day>;
  #day: Day | undefined;
  #count = 0;
  #digest: Hash | null = null;
  #lastPosition = "";
  #previousDigest: string | null = null;
  #wrongLines = 0;

  constructor(private readonly manifest: Manifest) {
    this.#seals = new Map(manifest.seals.map((seal) => [seal.day, seal]));
    if (this.#seals.size !== manifest.seals.length) this.problems.push("a seal is there twice");
    this.#days = daysBetween(manifest.from, manifest.to);
    this.#nextDay();
    for (const { day } of manifest.seals) {
      if (day < manifest.from || day > manifest.to) this.#bad(day, "sealed day out of the range");
    }
  }

  async file(directory: string, file: ExportedFile): Promise<void> {
    const { name } = file;
    let lines = 0;
    this.#wrongLines = 0;
    try {
      const end = await readLines(`${directory}/${name}`, (text) => {
        if (++lines === 1) this.#header(name, text);
        else this.#row(file, lines, text);
      });
      if (end.sha256 !== file.sha256) this.problems.push(`${name}: checksum does not match`);
      if (end.isCut) this.problems.push(`${name}: the last line is cut off`);
      if (end.isTooLong) {
        this.problems.push(`${name}: after line ${lines} comes one that is too long for a row`);
      }
    } catch (error) {
      const reason = explainFileError(error);
      if (reason === null) throw error;
      const isMissing = error instanceof Deno.errors.NotFound;
      this.problems.push(`${name}: ${isMissing ? "file missing" : `cannot be read, ${reason}`}`);
      this.#skipFile(file);
      return;
    }
    const untold = this.#wrongLines - TOLD_LINES;
    if (untold > 0) this.problems.push(`${name}: ${untold} more lines are wrong`);
    if (lines === 0) this.problems.push(`${name}: there is nothing in it`);
    else if (lines - 1 !== file.row_count) {
      this.problems.push(`${name}: ${lines - 1} rows where there were ${file.row_count}`);
    }
  }

  finish(): void {
    while (this.#day !== undefined) this.#endDay();
  }

  /** Files beside those of the manifest might pass for part of the export. */
  async strangers(directory: string): Promise<void> {
    const known = new Set([MANIFEST_NAME, ...this.manifest.files.map(({ name }) => name)]);
    const names: string[] = [];
    for await (const { name } of Deno.readDir(directory)) {
      if (name.endsWith(".csv") && !known.has(name)) names.push(name);
    }
    this.problems.push(...names.sort().map((name) => `${name}: not in the manifest`));
  }

  #header(name: string, text: string): void {
    if (!AUDIT_ROWS.isHeader(text)) this.problems.push(`${name}: line 1 does not name the columns`);
  }

  #row(file: ExportedFile, number: number, text: string): void {
    this.rowCount++;
    const row = AUDIT_ROWS.readRow(text);
    if (row === null) {
      this.#wrongLine(`${file.name}: line ${number} is not a row of the log`);
      const day = /,(\d{4}-\d{2}-\d{2})T[^,]*(?:,|$)/.exec(text)?.[1];
      // Where even the day is unreadable, the count of its day will tell.
      if (day !== undefined && this.#seals.has(day)) this.#bad(day, "row unreadable");
      return;
    }
    if (row.day < file.from || row.day > file.to) {
      // Left out, so that it is missed on the day that it was taken from.
      this.#wrongLine(`${file.name}: line ${number} is of another day`);
      return;
    }
    while (this.#day !== undefined && this.#day < row.day) this.#endDay();
    if (this.#day !== row.day || row.position <= this.#lastPosition) {
      return this.#bad(row.day, "row added, or out of order");
    }
    this.#lastPosition = row.position;
    this.#count++;
    this.#digest?.update(`\n${row.sealed}`);
  }

  #wrongLine(problem: string): void {
    if (++this.#wrongLines <= TOLD_LINES) this.problems.push(problem);
  }

  /** The days of a missing file cannot be judged one by one. */
  #skipFile(file: ExportedFile): void {
    while (this.#day !== undefined && this.#day < file.from) this.#endDay();
    this.#bad(file.from, "rows missing: their file is");
  }

  #endDay(): void {
    const day = this.#day;
    if (day === undefined) return;
    const seal = this.#seals.get(day);
    if (seal === undefined) this.#bad(day, "seal missing");
    else this.#compare(day, seal);
    this.#nextDay();
  }

  #compare(day: Day, seal: Seal): void {
    const [first] = this.manifest.seals;
    // What the first seal follows from is another export, or nothing.
    const follows = seal === first || seal.previous_digest === this.#previousDigest;
    this.#previousDigest = seal.digest;
    if (!follows) {
      this.#bad(day, "seal does not follow from the day before");
    } else if (this.#count > seal.row_count) this.#bad(day, "row added");
    else if (this.#count < seal.row_count) this.#bad(day, "row missing");
    else if (this.#digest?.digest("hex") !== seal.digest) this.#bad(day, "row or seal changed");
  }

  #nextDay(): void {
    this.#day = this.#days.next().value ?? undefined;
    const seal = this.#day === undefined ? undefined : this.#seals.get(this.#day);
    this.#digest = seal === undefined ? null : beginDigest(seal);
    this.#count = 0;
  }

  #bad(day: Day, reason: string): void {
    if (this.firstBadDay === null || day < this.firstBadDay.day) this.firstBadDay = { day, reason };
  }
}
