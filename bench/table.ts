/** A part of the report. */
export interface Section {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table. */
  readonly notes: readonly string[];
}

/** A section as Markdown, which is legible in a terminal too: columns are as wide as their widest cell. */
export function toMarkdown({ title, header, rows, notes }: Section): string {
  const widths = header.map((cell, column) =>
    Math.max(3, ...[header, ...rows].map((row) => (row[column] ?? cell).length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
      ).join(" | ")
    } |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [
    `### ${title}`,
    "",
    line(header),
    line(rule),
    ...rows.map(line),
    "",
    ...notes.flatMap((note) => [note, ""]),
  ].join("\n");
}

const BEGIN = "<!-- begin: written by `deno task bench --report` -->";
const END = "<!-- end: written by `deno task bench --report` -->";

/**
 * A document with its generated part replaced.
 *
 * @throws {RangeError} when it has no place for one
 */
export function replaceGenerated(document: string, generated: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new RangeError("The document has no place for the report");
  return `${document.slice(0, begin + BEGIN.length)}\n\n${generated.trim()}\n\n${
    document.slice(end)
  }`;
}

/** `12.3`, or `1,234` from a hundred on. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
