import { DEFAULT_CLIENT_ID, DEFAULT_TENANT_ID } from "../../simulator/defaults.ts";
import { untilIdle } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { stackTest } from "../stack_test_frame.ts";
import { WAVE } from "../../operations/break_glass/run.ts";

/** Everything is in sync, nothing is recorded, and the function is gone. */
export function breakGlassTest(
  name: string,
  scenarios: Record<string, (stack: Stack, directory: string) => Promise<void>>,
): void {
  stackTest(name, {}, async (stack, step) => {
    const directory = await Deno.makeTempDir();
    try {
      await untilIdle(stack);
      await signUpAdministrator(stack);
      await stack.simulator.setCredentials({ clientSecret: NEW_SECRET, revokeTokens: true });
      stack.killFunction("SIGKILL");
      for (const [scenario, run] of Object.entries(scenarios)) {
        await stack.simulator.clearRequests();
        await step(scenario, () => run(stack, directory));
        await stack.simulator.clearFaults();
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

export const ADMINISTRATOR = { email: "vakt@example.org", password: "demo-administrator" };
/** The function does not have it yet. */
export const NEW_SECRET = "not-a-real-secret-either-but-a-newer-one";

async function signUpAdministrator(stack: Stack): Promise<void> {
  const response = await fetch(`${stack.apiUrl}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify(ADMINISTRATOR),
  });
  const { user } = await response.json();
  await stack.sql(
    `insert into public.organisation_members (organisation_id, user_id, role)
    select id, $1::text::uuid, 'administrator' from public.organisations order by id limit 1`,
    [user.id],
  );
}

/** What is typed when asked for the database. */
export function databaseAnswers(stack: Stack, who = ADMINISTRATOR): string[] {
  return [stack.apiUrl, stack.publishableKey, who.email, who.password];
}

/** What is typed when asked for Dynamics; the URL is in the environment. */
export function dynamicsAnswers(secret = NEW_SECRET): string[] {
  return ["", DEFAULT_TENANT_ID, DEFAULT_CLIENT_ID, secret];
}

/** What an administrator's shell has set; no secret is among it. */
export function shell(stack: Stack): Record<string, string> {
  return { DYNAMICS_URL: stack.simulatorUrl, DYNAMICS_AUTHORITY_HOST: stack.simulatorUrl };
}

/** Has Dynamics answer the first wave of break-glass at once, and the second so late that there is time to break it off. */
export async function holdSecondWave(stack: Stack, delaySeconds: number): Promise<void> {
  for (const seconds of [0, delaySeconds]) {
    await stack.simulator.addFault({
      match: { target: "patch" },
      times: WAVE,
      answer: { delaySeconds: seconds },
    });
  }
}

/** Makes so many mentors more, active and on the website. @returns their ids */
export async function addMentors(stack: Stack, count: number, from = 0x1000): Promise<string[]> {
  const ids = Array.from(
    { length: count },
    (_, n) => `00000000-0000-4000-8000-${(from + n).toString(16).padStart(12, "0")}`,
  );
  await stack.sql(
    `insert into public.mentors (id, organisation_id, full_name)
    select m.id::uuid, o.id, 'Oppdiktet ' || m.id
    from unnest($1::text[]) as m (id)
    cross join (select id from public.organisations order by id limit 1) as o`,
    [ids],
  );
  for (const mentorId of ids) await stack.simulator.upsertListing({ mentorId, published: true });
  return ids;
}
