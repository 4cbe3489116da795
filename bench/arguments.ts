import { BenchError } from "./errors.ts";

export const SECTIONS = [
  "drain",
  "critical-path",
  "reconciliation",
  "cold-start",
  "isolate",
  "workers",
] as const;
export type SectionName = typeof SECTIONS[number];

interface Arguments {
  readonly sections: readonly SectionName[];
  /** Small numbers, to see that it works; the figures mean nothing. */
  readonly isQuick: boolean;
  /** Whether docs/reference/benchmarks.md is to be rewritten. */
  readonly writesReport: boolean;
}

/**
 * Reads `[--quick] [--report] [section …]`.
 *
 * @throws {BenchError} `bad_argument`
 */
export function readArguments(args: readonly string[]): Arguments {
  const named = args.filter((argument) => !argument.startsWith("--"));
  const flags = args.filter((argument) => argument.startsWith("--"));
  const isSection = (name: string): name is SectionName => SECTIONS.some((known) => known === name);
  const unknown = [
    ...flags.filter((flag) => flag !== "--quick" && flag !== "--report"),
    ...named.filter((name) => !isSection(name)),
  ];
  if (unknown.length > 0) {
    throw new BenchError(
      `Unknown: ${unknown.join(" ")}. Known: --quick --report ${SECTIONS.join(" ")}`,
      "bad_argument",
    );
  }
  const isQuick = flags.includes("--quick");
  const writesReport = flags.includes("--report");
  if (writesReport && (isQuick || named.length > 0)) {
    throw new BenchError(
      "A report needs the whole bench: leave everything else out",
      "bad_argument",
    );
  }
  const sections = SECTIONS.filter((name) => named.length === 0 || named.includes(name));
  return { sections, isQuick, writesReport };
}
