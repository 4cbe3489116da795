import { DatabaseError } from "../_shared/errors.ts";

/** What the database says to somebody who asks for something by hand. */
export const PERMISSION_RESULTS = [
  "accepted",
  "not_found",
  "not_coordinator",
  "sync_disabled",
  "too_many_requests",
] as const;

/** Why something asked for by hand is not done. */
export type ManualRefusal = Exclude<typeof PERMISSION_RESULTS[number], "accepted"> | "unauthorised";

/**
 * What the database answers, or `unauthorised` where it does not accept the caller's token.
 *
 * @throws {DatabaseError} when the database could not be asked
 */
export async function orUnauthorised<T>(ask: () => Promise<T>): Promise<T | "unauthorised"> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DatabaseError && isUnauthorised(error)) return "unauthorised";
    throw error;
  }
}

/** The token was refused, or belongs to nobody who is signed in (42501). */
function isUnauthorised({ status, code }: DatabaseError): boolean {
  return status === 401 || code === "42501" || /^PGRST30[0-3]$/.test(code);
}
