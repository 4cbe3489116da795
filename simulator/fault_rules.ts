import { z } from "zod";
import type { Random } from "./guids.ts";

/** What a request is for. */
const targetSchema = z.enum([
  ...["token", "patch", "query", "whoami", "create", "delete", "metadata"] as const,
]);
/** What a request is for: `query` is any GET of listings. */
export type Target = z.infer<typeof targetSchema>;

const seconds = z.number().nonnegative();

const instantAnswerSchema = z.union([
  z.strictObject({
    status: z.number().int().min(200).max(599),
    code: z.string().optional(),
    message: z.string().optional(),
    /** A list sends a header several times. */
    headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    body: z.string().optional(),
    contentType: z.string().optional(),
  }),
  z.strictObject({ reset: z.literal(true) }),
  z.strictObject({ commitThenReset: z.literal(true) }),
  z.strictObject({ emptyCode: z.literal(true) }),
]);

const answerSchema = z.union([
  instantAnswerSchema,
  z.strictObject({
    delaySeconds: seconds,
    lateCommit: z.boolean().optional(),
    then: instantAnswerSchema.optional(),
  }),
]);

/** Zod schema of a {@linkcode FaultRule}. */
export const faultRuleSchema = z.strictObject({
  match: z.strictObject({
    method: z.string().optional(),
    target: targetSchema.optional(),
    mentorId: z.string().optional(),
  }).optional(),
  times: z.number().int().positive().nullable().optional(),
  probability: z.number().min(0).max(1).optional(),
  answer: answerSchema,
});

/**
 * What a fault does in place of the normal answer:
 *
 * - `{ status, … }` answers at once and nothing takes effect. Without `body` an error body is made of
 *   `code` and `message` (for 401: no body and the `WWW-Authenticate` header).
 * - `{ reset: true }` resets the connection and nothing takes effect.
 * - `{ commitThenReset: true }` lets the request take effect and resets the connection.
 * - `{ emptyCode: true }` works as always, but an error comes with an empty `code`.
 * - `{ delaySeconds }` works at once and answers late; with `lateCommit` it also works late, even when
 *   the client has hung up meanwhile; with `then` it waits and does that.
 */
export type FaultAnswer = z.infer<typeof answerSchema>;

/** A {@linkcode FaultAnswer} that is not a delay. */
export type InstantFaultAnswer = z.infer<typeof instantAnswerSchema>;

/**
 * A fault and the requests it strikes. `times` is how often (default 1, null until removed);
 * `probability` (default 1) decides for each matching request, and only a strike counts.
 */
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** What a rule is matched against. */
export interface FaultSubject {
  readonly method: string;
  readonly target: Target | null;
  readonly mentorId: string | null;
}

/** A rule that struck. */
interface Strike {
  readonly id: string;
  readonly answer: FaultAnswer;
}

/** The rules in force. The oldest rule that matches and has strikes left wins. */
export class FaultRules {
  readonly #random: Random;
  readonly #rules = new Map<string, { rule: FaultRule; left: number }>();
  #lastNumber = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Puts a rule in force and returns its id. */
  add(rule: FaultRule): string {
    const id = `fault-${++this.#lastNumber}`;
    const left = rule.times === null ? Infinity : rule.times ?? 1;
    this.#rules.set(id, { rule, left });
    return id;
  }

  remove(id: string): boolean {
    return this.#rules.delete(id);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** The rule that strikes this request, if any; a strike is used up. */
  strike(subject: FaultSubject): Strike | null {
    for (const [id, entry] of this.#rules) {
      if (!matches(entry.rule, subject)) continue;
      if (this.#random() >= (entry.rule.probability ?? 1)) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#rules.delete(id);
      return { id, answer: entry.rule.answer };
    }
    return null;
  }
}

function matches({ match }: FaultRule, subject: FaultSubject): boolean {
  if (match === undefined) return true;
  if (match.method !== undefined && match.method.toUpperCase() !== subject.method) return false;
  if (match.target !== undefined && match.target !== subject.target) return false;
  return match.mentorId === undefined ||
    match.mentorId.toLowerCase() === subject.mentorId?.toLowerCase();
}
