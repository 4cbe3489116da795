import type { AuthError } from "@supabase/supabase-js";
import type { Organisation } from "../rows.ts";
import { answerOf } from "./answer.ts";
import type { Client } from "./client.ts";

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly email: string;
}

export type SignInProblem =
  | "invalid_credentials"
  | "email_not_confirmed"
  | "too_many"
  | "unreachable"
  | "other";

/** Signs in with e-mail and password; null when that worked. */
export async function signIn(
  client: Client,
  email: string,
  password: string,
): Promise<SignInProblem | null> {
  const { error } = await client.auth.signInWithPassword({ email, password });
  return error === null ? null : signInProblem(error);
}

/** <https://supabase.com/docs/guides/auth/debugging/error-codes> */
export function signInProblem(
  error: Pick<AuthError, "name" | "status" | "code">,
): SignInProblem {
  if (error.name === "AuthRetryableFetchError") return "unreachable";
  if (error.code === "email_not_confirmed") return "email_not_confirmed";
  if (error.status === 429) return "too_many";
  if (error.code === "invalid_credentials" || error.status === 400) return "invalid_credentials";
  return "other";
}

/** Forgets the session on this device only. */
export async function signOut(client: Client): Promise<void> {
  await client.auth.signOut({ scope: "local" });
}

/** Calls back at once and whenever somebody signs in or out; null for nobody. */
export function watchUser(client: Client, onUser: (user: User | null) => void): void {
  client.auth.onAuthStateChange((_event, session) => {
    onUser(session === null ? null : { id: session.user.id, email: session.user.email ?? "" });
  });
}

/**
 * The organisations that the user coordinates, by name.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function readOrganisations(client: Client): Promise<Organisation[]> {
  const memberships = await answerOf(
    client.from("organisation_members")
      .select("organisations(id, name, hlf_sync_enabled)")
      .eq("role", "coordinator"),
  );
  return memberships
    .flatMap(({ organisations }) => organisations ?? [])
    .sort((a, b) => a.name.localeCompare(b.name, "nb"));
}
