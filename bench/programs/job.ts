import {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  DEFAULT_TENANT_ID,
  LISTING_KEY,
  LISTING_PUBLISHED,
  LISTING_SET,
} from "../../simulator/defaults.ts";
import process from "node:process";
import { z } from "zod";

/** What a program of the bench is told, as its only argument. */
const assignment = z.object({
  simulatorUrl: z.string(),
  databaseUrl: z.string(),
  mentorIds: z.array(z.string()),
  /** Jobs before the measured ones, for the compiler and the connections. */
  warmUp: z.int(),
  inFlight: z.int(),
});

export type Assignment = z.infer<typeof assignment>;

export function readAssignment(): Assignment {
  return assignment.parse(JSON.parse(Deno.args[0] ?? "null"));
}

/** Times the measured jobs, which take `work`, and tells the bench. */
export async function measure(work: () => Promise<void>): Promise<void> {
  const processorBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(processorBefore);
  console.log(JSON.stringify({ seconds, processorSeconds: (user + system) / 1e6 }));
}

const tokenBody = z.object({ access_token: z.string() });

/** A token as the function gets one. */
export async function fetchToken(simulatorUrl: string): Promise<string> {
  const response = await fetch(`${simulatorUrl}/${DEFAULT_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: DEFAULT_CLIENT_ID,
      client_secret: DEFAULT_CLIENT_SECRET,
      scope: `${simulatorUrl}/.default`,
      grant_type: "client_credentials",
    }),
  });
  return tokenBody.parse(await response.json()).access_token;
}

/** The same request that the function sends, and nothing round it. */
export async function patchListing(
  simulatorUrl: string,
  token: string,
  attempt: { readonly id: string; readonly mentorId: string; readonly published: boolean },
): Promise<number> {
  const response = await fetch(
    `${simulatorUrl}/api/data/v9.2/${LISTING_SET}(${LISTING_KEY}='${attempt.mentorId}')`,
    {
      method: "PATCH",
      headers: {
        Accept: "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        Authorization: `Bearer ${token}`,
        "x-ms-client-request-id": attempt.id,
        "Content-Type": "application/json",
        "If-None-Match": "null",
        "If-Match": "*",
      },
      body: JSON.stringify({ [LISTING_PUBLISHED]: attempt.published }),
    },
  );
  await response.body?.cancel();
  if (response.status !== 204) throw new Error(`Dynamics answered ${response.status}`);
  return response.status;
}
