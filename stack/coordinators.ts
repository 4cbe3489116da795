import { z } from "zod";
import { BUNDLED_APP, type StackApp } from "./database/bundled_app.ts";
import type { StackDatabase } from "./database/database.ts";
import { StackError } from "./machine/errors.ts";
import type { RestAndAuth } from "./rest/rest_and_auth.ts";
import type { DemoCoordinator } from "./stack_types.ts";

/** One coordinator for each organisation of the seed. The people are invented, and so is the password. */
const COORDINATORS: readonly DemoCoordinator[] = [
  {
    email: "nordfjell@example.org",
    password: "demo-password",
    organisationId: "00000000-0000-4000-8000-00000000000a",
  },
  {
    email: "sorvik@example.org",
    password: "demo-password",
    organisationId: "00000000-0000-4000-8000-00000000000b",
  },
];

const signedUp = z.object({ user: z.object({ id: z.uuid() }) });

/**
 * Signs the demo coordinators up and makes each the coordinator of an organisation.
 *
 * @param options.tag Makes their addresses others, where somebody may have signed up as them before.
 *
 * @throws {StackError} `sign_up_failed`
 */
export async function signUpCoordinators(
  restAndAuth: RestAndAuth,
  publishableKey: string,
  database: Pick<StackDatabase, "query">,
  { tag = "", admit = BUNDLED_APP.admit }: { tag?: string; admit?: StackApp["admit"] } = {},
): Promise<readonly DemoCoordinator[]> {
  const coordinators = COORDINATORS.map(({ email, ...others }) => ({
    email: email.replace("@", `${tag}@`),
    ...others,
  }));
  for (const { email, password, organisationId } of coordinators) {
    const response = await restAndAuth(
      new Request("http://localhost/auth/v1/signup", {
        method: "POST",
        headers: { apikey: publishableKey, "content-type": "application/json" },
        body: JSON.stringify({ email, password }),
      }),
    );
    const answer = signedUp.safeParse(await response.json());
    if (!answer.success) {
      throw new StackError(
        `Cannot sign up a demo coordinator: Auth answered ${response.status}`,
        "sign_up_failed",
      );
    }
    await admit(database, answer.data.user.id, organisationId);
  }
  return coordinators;
}
