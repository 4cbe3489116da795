import { DatabaseError, DataverseError } from "../../supabase/functions/_shared/errors.ts";
import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import { OperationError } from "../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Administrator, explainDatabaseError, signIn } from "./administrator.ts";
import { checkCredentials } from "./credentials.ts";
import { connectDynamics, type Dynamics } from "./dynamics.ts";
import { askForDynamics, type SupabaseLogin } from "./questions.ts";

/**
 * Asks where Dynamics is and how to sign in, and tries it.
 *
 * @throws {OperationError} `refused` with what is wrong
 */
export async function askForWorkingDynamics(
  terminal: Terminal,
  environment: Environment,
): Promise<Dynamics> {
  const dynamics = connectDynamics(await askForDynamics(terminal, environment));
  const problem = await checkCredentials(dynamics);
  if (problem !== null) throw new OperationError("refused", problem);
  terminal.say("Dynamics accepts the credentials.");
  return dynamics;
}

/**
 * Signs in for as long as `work` takes.
 *
 * @throws {OperationError} for whatever the database or Dynamics refuse meanwhile
 */
export async function withAdministrator<T>(
  login: SupabaseLogin,
  work: (administrator: Administrator) => Promise<T>,
): Promise<T> {
  const administrator = await signIn(login);
  try {
    return await work(administrator);
  } catch (error) {
    if (error instanceof DatabaseError) throw explainDatabaseError(error);
    if (error instanceof DataverseError) {
      throw new OperationError("refused", `Dynamics: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    await administrator.signOut().catch(() => {});
  }
}
