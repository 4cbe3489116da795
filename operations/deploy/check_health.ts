import { z } from "zod";

/** An error class of `_shared/dataverse/classify.ts`, or `ok`; anything else is not ours, and not printed. */
const health = z.object({ dynamics: z.string().regex(/^[a-z_]{1,40}$/) });

/** What was found, in one line. */
interface HealthReport {
  readonly isWell: boolean;
  readonly message: string;
}

/** What a check needs of the outside. */
interface HealthCheck {
  readonly fetch: typeof globalThis.fetch;
  readonly sleep: (seconds: number) => Promise<void>;
}

const TRIES = 6;
const PAUSE_SECONDS = 10;
const TIMEOUT_MILLISECONDS = 30_000;

/**
 * Asks a deployed function whether it works and Dynamics takes its credentials. For about a minute it asks again, as new
 * code and new secrets take a moment to arrive everywhere.
 */
export async function checkHealth(
  url: string,
  secretKey: string,
  { fetch, sleep }: HealthCheck,
): Promise<HealthReport> {
  for (let left = TRIES - 1;; left--) {
    const report = await ask(url, secretKey, fetch);
    if (report.isWell || left === 0) return report;
    await sleep(PAUSE_SECONDS);
  }
}

async function ask(
  url: string,
  secretKey: string,
  fetch: typeof globalThis.fetch,
): Promise<HealthReport> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: JSON.stringify({ type: "health" }),
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      redirect: "error",
    });
    return judge(response.status, await response.text());
  } catch {
    return unwell("The function does not answer");
  }
}

function judge(status: number, text: string): HealthReport {
  const dynamics = readHealth(text);
  if (status === 200 && dynamics === "ok") {
    return { isWell: true, message: "The function works, and Dynamics takes its credentials" };
  }
  if (dynamics !== null && dynamics !== "ok") {
    return unwell(
      `The function works, but Dynamics does not: ${dynamics} (docs/guides/operations.md)`,
    );
  }
  if (status === 401) return unwell("The function does not take HLF_SYNC_SECRET_KEY (401)");
  return unwell(`The function answers ${status} to a health check`);
}

function unwell(message: string): HealthReport {
  return { isWell: false, message };
}

function readHealth(text: string): string | null {
  try {
    return health.parse(JSON.parse(text)).dynamics;
  } catch {
    return null;
  }
}
