import { z } from "zod";
import { parseJson } from "../../supabase/functions/_shared/parse_json.ts";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";
import { found, type Outcome, type Remedy } from "./finding.ts";
import { putIntoVault } from "./secrets_check.ts";

const health = z.object({ dynamics: z.string(), release: z.string().optional() });
const refusal = z.object({ error: z.object({ code: z.string() }) });
/** Of Supabase's own gateway and runtime. <https://supabase.com/docs/guides/functions/error-codes> */
const platformError = z.object({ code: z.string() });

const DYNAMICS_REMEDIES: Readonly<Record<string, Remedy>> = {
  credentials_rejected: { advice: "Renew the secret; see docs/guides/operations.md." },
  forbidden: {
    advice: "Give the application user its security role back; see docs/guides/deploying.md, 1.",
  },
  timeout: { advice: "Dynamics does not answer. Look again, then ask HLF's IT." },
  network: {
    advice: "Correct DYNAMICS_URL or DYNAMICS_AUTHORITY_HOST; else Microsoft is out of reach.",
  },
  rejected: { advice: "Correct DYNAMICS_URL: there is no Dataverse at this address." },
};

const DEPLOY: Remedy = { run: "npx supabase@3.1.0 functions deploy hlf-sync" };
const LOG: Remedy = {
  advice: "Read the function's log: a line settings_invalid names every setting that is wrong.",
};

/** What the answer to a health check says. */
export function readHealth(status: number, text: string): Outcome {
  const body = parseJson(text);
  const said = health.safeParse(body);
  if (said.success) {
    const { dynamics, release } = said.data;
    if (status === 200 && dynamics === "ok") {
      return release === RELEASE ? {} : ofAnotherRelease(release);
    }
    if (dynamics === "throttled") {
      return { unchecked: ["Dynamics asked for a pause, which holds for health checks, too"] };
    }
    return describeHealth(dynamics);
  }
  const own = refusal.safeParse(body);
  if (own.success) return describeRefusal(status, own.data.error.code);
  const platform = platformError.safeParse(body);
  if (platform.success) return describePlatform(status, platform.data.code);
  return found(
    `Something answers ${status}, but not as the function does.`,
    status === 404
      ? DEPLOY
      : status >= 500
      ? LOG
      : { sql: putIntoVault("hlf_sync_function_url", true) },
  );
}

function ofAnotherRelease(release = "another"): Outcome {
  const word = /^[a-z0-9.-]{1,40}$/.test(release) ? release : "another";
  return found(`The function is of release ${word}, and this doctor of ${RELEASE}.`, DEPLOY);
}

function describeHealth(dynamics: string): Outcome {
  const word = /^[a-z_]{1,40}$/.test(dynamics) ? dynamics : "an unknown word";
  return found(
    `The function works, but Dynamics does not: ${word}.`,
    DYNAMICS_REMEDIES[word] ?? { advice: "See docs/reference/errors.md." },
  );
}

function describeRefusal(status: number, code: string): Outcome {
  switch (code) {
    case "unauthorised":
      return found("The function does not accept the key in Vault.", {
        sql: putIntoVault("hlf_sync_secret_key", true),
      });
    case "unavailable":
      return found("The function cannot reach the database over REST.", {
        advice: "Look at the project's status; then deploy the function anew.",
      });
    case "invalid_body":
      return found("The function is of another version: it knows no health check.", DEPLOY);
    default:
      return found(`The function answers ${status} to a health check.`, LOG);
  }
}

function describePlatform(status: number, code: string): Outcome {
  if (/NOT_?FOUND/i.test(code) || status === 404) {
    return found("The function is not deployed.", DEPLOY);
  }
  if (/AUTH|JWT/i.test(code) || status === 401) {
    return found("The gateway checks tokens before the function does: verify_jwt is on.", DEPLOY);
  }
  const word = /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : "";
  return found(`The function answers ${status} to a health check${word}.`, LOG);
}
