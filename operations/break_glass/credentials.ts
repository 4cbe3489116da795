import type { Failure } from "../../supabase/functions/_shared/dataverse/classify.ts";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import type {
  CredentialsRejected,
  TokenSource,
} from "../../supabase/functions/_shared/dataverse/token.ts";

/**
 * Asks for a token and who it is for.
 *
 * @returns what is wrong, in one line; null when the credentials will do
 */
export async function checkCredentials(
  { tokens, dataverse }: { readonly tokens: TokenSource; readonly dataverse: DataverseClient },
): Promise<string | null> {
  const token = await tokens.get();
  if (token.kind === "rejected") return explainRejection(token);
  if (token.kind === "unavailable") {
    return `Entra gives no token (${token.class}): is its address right, and the network there?`;
  }
  const user = await dataverse.whoAmI();
  return user.kind === "success" ? null : explainRefusal(user);
}

/** <https://learn.microsoft.com/entra/identity-platform/reference-error-codes> */
const REJECTIONS: readonly (readonly [aadsts: number, meaning: string])[] = [
  [7000215, "the client secret is wrong (its value is needed, not its id)"],
  [7000222, "the client secret has expired"],
  [700016, "the tenant has no application with this client id"],
  [90002, "there is no such tenant"],
  [7000112, "the application is disabled"],
];

function explainRejection({ aadsts }: CredentialsRejected): string {
  const known = REJECTIONS.find(([code]) => aadsts.includes(code));
  if (known !== undefined) return `Entra refuses the credentials: ${known[1]} (AADSTS${known[0]})`;
  const codes = aadsts.map((code) => `AADSTS${code}`).join(", ");
  return `Entra refuses the credentials (${codes === "" ? "it does not say why" : codes})`;
}

function explainRefusal({ class: failureClass, responseCode, code }: Failure): string {
  switch (failureClass) {
    case "credentials_rejected":
      return code === "0x80072560"
        ? "Dynamics has no application user for this client id"
        : "Dynamics does not accept the token: is the Dynamics URL that of the environment?";
    case "forbidden":
      return "Dynamics forbids the application user to sign in: its security role lacks a right";
    case "network":
    case "timeout":
      return `Dynamics cannot be reached (${failureClass}): is the Dynamics URL right?`;
    default:
      return `Dynamics does not answer as it should (${failureClass}, HTTP ${responseCode}): ` +
        "is the Dynamics URL right?";
  }
}
