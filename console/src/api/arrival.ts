import type { Client } from "./client.ts";
import { type SignInProblem, signInProblem } from "./session.ts";

/** What a link in an e-mail, or the way back from Microsoft, has brought. */
interface Arrival {
  /** Whoever follows an invitation or a recovery link has to choose a password. */
  readonly mustChoosePassword: boolean;
  readonly problem: SignInProblem | null;
}

const NOTHING: Arrival = { mustChoosePassword: false, problem: null };
/** What Auth puts into an address. None of it may stay there, nor be taken for a view. */
const PARAMETERS = [
  "access_token",
  "refresh_token",
  "code",
  "token_hash",
  "error",
  "error_code",
] as const;

/** The address without what Auth has put into it, and that; null when it has put nothing there. */
export function splitArrival(
  address: URL,
): { readonly given: URLSearchParams; readonly rest: string } | null {
  const inFragment = new URLSearchParams(address.hash.replace(/^#\/?/, ""));
  const isInFragment = PARAMETERS.some((name) => inFragment.has(name));
  if (!isInFragment && !PARAMETERS.some((name) => address.searchParams.has(name))) return null;
  return {
    given: new URLSearchParams([...address.searchParams, ...isInFragment ? inFragment : []]),
    rest: address.pathname + (isInFragment ? "" : address.hash),
  };
}

/** Signs in with what a link has brought, be it of the browser that asked for it or of another. */
export async function arrive(client: Client, given: URLSearchParams): Promise<Arrival> {
  const type = given.get("type");
  const arrived = {
    mustChoosePassword: type === "recovery" || type === "invite",
    problem: null,
  };
  try {
    if (given.has("error") || given.has("error_code")) {
      const code = given.get("error_code") ?? "";
      return { ...NOTHING, problem: code === "otp_expired" ? "expired_link" : linkProblem(code) };
    }
    const code = given.get("code");
    if (code !== null) {
      const { data, error } = await client.auth.exchangeCodeForSession(code);
      if (error !== null) return { ...NOTHING, problem: linkProblem(error.code ?? "") };
      const isRecovery = "redirectType" in data && data.redirectType === "recovery";
      return { ...arrived, mustChoosePassword: arrived.mustChoosePassword || isRecovery };
    }
    const tokenHash = given.get("token_hash");
    const { error } = tokenHash !== null
      ? await client.auth.verifyOtp({ token_hash: tokenHash, type: otpType(type) })
      : await client.auth.setSession({
        access_token: given.get("access_token") ?? "",
        refresh_token: given.get("refresh_token") ?? "",
      });
    if (error === null) return arrived;
    const problem = signInProblem(error);
    return {
      ...NOTHING,
      problem: problem === "unreachable" || problem === "server" ? problem : "expired_link",
    };
  } catch {
    return { ...NOTHING, problem: "expired_link" };
  }
}

function linkProblem(code: string): SignInProblem {
  const problem = signInProblem({ name: "AuthApiError", status: 403, code });
  return problem === "other" || problem === null ? "expired_link" : problem;
}

function otpType(type: string | null) {
  return (["recovery", "invite", "magiclink", "signup", "email_change"] as const)
    .find((known) => known === type) ?? "email";
}
