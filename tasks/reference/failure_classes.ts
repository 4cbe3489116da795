import { table } from "./markdown.ts";
import {
  type ClassFacts,
  FAILURE_CLASSES,
} from "../../supabase/functions/_shared/failure_classes.ts";

const HEAD = `# What an answer of Dynamics means

Generated from \`supabase/functions/_shared/failure_classes.ts\`, which code, log and page share; a test compares them.
To write it anew: \`deno task reference\`.

Success is 204, and for a remove also a listing that is gone: 404, then a query that finds nothing (recorded as 200).
Everything else is one of these classes, the first word of \`error_message\`. A code of Dataverse (\`code=0x…\`) goes before the
status that carries it. *Backoff*: 5 s, 30 s, 2 min, 10 min, 30 min, 2 h, 6 h, then a dead letter. *Short series*: 5 s, 30 s, 2 min,
then a dead letter, so that whoever can act is told within minutes. A wait that Dynamics asks for (\`Retry-After\`) is kept, up to
15 minutes for one mentor and an hour for all.

`;

const COLUMNS = ["class", "meaning", "answers", "retried", "counted", "gate", "who acts"];

/** The reference of the failure classes, as Markdown. */
export function describeFailureClasses(): string {
  const classes: [string, ClassFacts][] = Object.entries(FAILURE_CLASSES);
  const rows = classes.map(([name, { meaning, answers, retried, counted, gate, acts }]) => [
    `\`${name}\``,
    ...[meaning, answers, retried, counted, gate, acts],
  ]);
  return HEAD + table(COLUMNS, rows);
}
