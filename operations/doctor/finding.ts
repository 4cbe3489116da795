/** What mends it: a statement for the SQL editor, a command for the shell, or what a person has to do. */
export type Remedy =
  | { readonly sql: string }
  | { readonly run: string }
  | { readonly advice: string };

/** What a check found wrong, and what mends it. */
export interface Finding {
  readonly problem: string;
  readonly remedy: Remedy;
}

/** What a look at something gave. Nothing in it: all was seen, and is as it should be. */
export interface Outcome {
  readonly findings?: readonly Finding[];
  /** What could not be looked at although it should have been possible, and why. */
  readonly unchecked?: readonly string[];
  /** What nobody asked to look at, or what is not due yet. */
  readonly unseen?: readonly string[];
  /** What was seen, where the title does not say it all. */
  readonly seen?: readonly string[];
}

/** An outcome of one finding. */
export function found(problem: string, remedy: Remedy): Outcome {
  return { findings: [{ problem, remedy }] };
}

export interface Check {
  readonly title: string;
  /** May throw: then it could not be checked. */
  readonly run: () => Promise<Outcome>;
}

export function check(title: string, run: () => Promise<Outcome>): Check {
  return { title, run };
}

/** What stands in front of a line of the report. */
export type Verdict = "well" | "wrong" | "unchecked" | "unseen";

/** Only what has nothing left open is well. */
export function judge({ findings = [], unchecked = [], unseen = [] }: Outcome): Verdict {
  if (findings.length > 0) return "wrong";
  if (unchecked.length > 0) return "unchecked";
  return unseen.length > 0 ? "unseen" : "well";
}
