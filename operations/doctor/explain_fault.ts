import postgres from "postgres";
import { z } from "zod";
import { OperationError } from "../cli/errors.ts";
import { explainDatabase } from "../cli/open_database.ts";

/** What the codes mean that a check may meet; messages of the server may quote values, so none is told. */
const MEANINGS: Readonly<Record<string, string>> = {
  "42P01": "a table or view that it reads is not there",
  "42703": "a column that it reads is not there",
  "42883": "a function that it calls is not there",
  "3F000": "a schema that it needs is not there",
  "42501": "the role of DATABASE_URL may not do this; connect as postgres",
  "22000": "Vault cannot decrypt its secrets, as after a restore into another project",
  "25006": "the database is read-only, as when its disk is full",
  "57014": "it took longer than a statement may",
  "55P03": "something else holds a lock on it",
};

/** Why a check could not be made, in part of a line, with the code by which it can be looked up. */
export function explainFault(error: unknown): string {
  if (error instanceof postgres.PostgresError && MEANINGS[error.code] !== undefined) {
    return `${MEANINGS[error.code]} (${error.code})`;
  }
  const known = explainDatabase(error);
  if (known instanceof OperationError) return known.message;
  if (error instanceof z.ZodError) return "the answer has another shape than this version knows";
  return `something unforeseen (${error instanceof Error ? error.name : typeof error})`;
}
