import { type AuthError, isAuthRetryableFetchError } from "@supabase/auth-js";
import type { Organisation } from "../model/rows.ts";
import { answerOf } from "./answer.ts";
import type { Client } from "./client.ts";

/** Who is signed in. */
export interface User {
  readonly id: string;
  readonly email: string;
}

/** <https://supabase.com/docs/guides/auth/debugging/error-codes> */
const PROBLEMS = {
  invalid_credentials: "invalid_credentials",
  email_not_confirmed: "email_not_confirmed",
  // Of a code by e-mail for an address that nobody has: whether somebody has it is not to be learnt here.
  otp_disabled: "invalid_credentials",
  user_not_found: "invalid_credentials",
  signup_disabled: "invalid_credentials",
  otp_expired: "wrong_code",
  mfa_verification_failed: "wrong_code",
  mfa_verification_rejected: "wrong_code",
  mfa_challenge_expired: "wrong_code",
  flow_state_expired: "expired_link",
  flow_state_not_found: "expired_link",
  bad_code_verifier: "expired_link",
  invite_not_found: "expired_link",
  user_banned: "banned",
  captcha_failed: "captcha",
  weak_password: "weak_password",
  same_password: "same_password",
  email_provider_disabled: "way_is_off",
  provider_disabled: "way_is_off",
  over_request_rate_limit: "too_many",
  over_email_send_rate_limit: "too_many",
  request_timeout: "server",
  unexpected_failure: "server",
} as const;

export type SignInProblem = typeof PROBLEMS[keyof typeof PROBLEMS] | "unreachable" | "other";

type Answered = { readonly error: AuthError | null };

/** The problem of an answer, by its code first and its status last; null when there is none. */
export function signInProblem(
  error: Pick<AuthError, "name" | "status" | "code"> | null,
): SignInProblem | null {
  if (error === null) return null;
  const known = (PROBLEMS as Record<string, SignInProblem>)[error.code ?? ""];
  if (known !== undefined) return known;
  if (error.status === 429) return "too_many";
  if ((error.status ?? 0) >= 500) return "server";
  if (isAuthRetryableFetchError(error) || error.name === "AuthRetryableFetchError") {
    return "unreachable";
  }
  // Older servers give no code.
  return error.code === undefined && error.status === 400 ? "invalid_credentials" : "other";
}

/** What came of a question to Auth. It can also fail in ways of its own, such as a timer that runs out. */
async function problemOf(question: Promise<Answered>): Promise<SignInProblem | null> {
  try {
    return signInProblem((await question).error);
  } catch {
    return "unreachable";
  }
}

/** Signs in with e-mail and password; null when that worked. */
export function signIn(client: Client, email: string, password: string) {
  return problemOf(client.auth.signInWithPassword({ email, password }));
}

/** Has a code sent to an address that already has an account. */
export function sendCode(client: Client, email: string) {
  return problemOf(client.auth.signInWithOtp({ email, options: { shouldCreateUser: false } }));
}

export function signInWithCode(client: Client, email: string, token: string) {
  return problemOf(client.auth.verifyOtp({ email, token, type: "email" }));
}

/** Leaves the page for Microsoft's, which leads back to it with a code. */
export function signInWithEntra(client: Client, redirectTo: string) {
  return problemOf(client.auth.signInWithOAuth({
    provider: "azure",
    options: { redirectTo, scopes: "email" },
  }));
}

/** Has a link sent with which a new password can be chosen. */
export function sendRecovery(client: Client, email: string, redirectTo: string) {
  return problemOf(client.auth.resetPasswordForEmail(email, { redirectTo }));
}

export function choosePassword(client: Client, password: string) {
  return problemOf(client.auth.updateUser({ password }));
}

/** Whether Supabase asks for a second factor before it takes this session for whole. */
export async function needsSecondFactor(client: Client): Promise<boolean> {
  const { data } = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  return data !== null && data.nextLevel === "aal2" && data.currentLevel !== "aal2";
}

/** Gives the code of the user's authenticator. */
export async function giveSecondFactor(
  client: Client,
  code: string,
): Promise<SignInProblem | null> {
  const { data, error } = await client.auth.mfa.listFactors();
  const factorId = data?.totp[0]?.id;
  if (factorId === undefined) return signInProblem(error) ?? "other";
  return await problemOf(client.auth.mfa.challengeAndVerify({ factorId, code }));
}

/** Forgets the session on this device only. */
export async function signOut(client: Client): Promise<void> {
  await client.auth.signOut({ scope: "local" });
}

/**
 * Calls back at once and whenever somebody signs in or out; null for nobody, undefined for a session that
 * could not be renewed yet, for want of contact.
 */
export function watchUser(client: Client, onUser: (user: User | null | undefined) => void): void {
  client.auth.onAuthStateChange((_event, session) => {
    if (session !== null) onUser({ id: session.user.id, email: session.user.email ?? "" });
    else onUser(client.hasStoredSession() ? undefined : null);
  });
}

/**
 * The organisations that the user coordinates, by name.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function readOrganisations(client: Client): Promise<Organisation[]> {
  const organisations = await answerOf(client.rest.rpc("get_hlf_organisations"));
  return organisations
    .map(({ organisation_id, name, is_enabled }) => ({ id: organisation_id, name, is_enabled }))
    .sort((a, b) => a.name.localeCompare(b.name, "nb"));
}
