import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import {
  type Environment,
  readSettings,
  type Settings,
} from "../../supabase/functions/_shared/settings.ts";
import { OperationError } from "../cli/errors.ts";
import { isThisMachine } from "../cli/this_machine.ts";
import type { Person } from "./person.ts";
import type { Words } from "./words/english.ts";

export interface SupabaseLogin {
  readonly url: string;
  readonly publishableKey: string;
  readonly email: string;
  readonly password: string;
}

/** Stands where the function has settings that are not asked for here. */
const UNUSED = {
  SUPABASE_URL: "https://unused.invalid",
  SUPABASE_PUBLISHABLE_KEYS: "unused",
  SUPABASE_SECRET_KEYS: "unused",
  DYNAMICS_URL: "https://unused.invalid",
  DYNAMICS_TENANT_ID: "00000000-0000-0000-0000-000000000000",
  DYNAMICS_CLIENT_ID: "00000000-0000-0000-0000-000000000000",
  DYNAMICS_CLIENT_SECRET: "unused",
};

/** Not secret, rarely different: taken from the environment without a question. */
const OPTIONAL = [
  "DYNAMICS_AUTHORITY_HOST",
  "DYNAMICS_LISTING_SET",
  "DYNAMICS_LISTING_KEY",
  "DYNAMICS_LISTING_PUBLISHED",
];

/**
 * Where Dynamics is and how to sign in. The secret is never taken from the environment, where other
 * programs may read it.
 *
 * @throws {OperationError} `usage` that names every answer that will not do
 */
export async function askForDynamics(
  { terminal, environment, words }: Person,
): Promise<Settings["dynamics"]> {
  const { questions } = words;
  const answers = {
    DYNAMICS_URL: await terminal.ask(questions.dynamicsUrl, environment.DYNAMICS_URL),
    DYNAMICS_TENANT_ID: await terminal.ask(questions.tenant, environment.DYNAMICS_TENANT_ID),
    DYNAMICS_CLIENT_ID: await terminal.ask(questions.client, environment.DYNAMICS_CLIENT_ID),
    DYNAMICS_CLIENT_SECRET: await terminal.askSecret(questions.secret),
  };
  const optional = OPTIONAL.map((name) => [name, environment[name]] as const)
    .filter(([, value]) => value !== undefined && value !== "");
  return read({ ...UNUSED, ...Object.fromEntries(optional), ...answers }, words).dynamics;
}

/**
 * Where the database is, and who is at the terminal.
 *
 * @throws {OperationError} `usage` that names every answer that will not do
 */
export async function askForSupabase(
  { terminal, environment, words }: Person,
): Promise<SupabaseLogin> {
  const { questions } = words;
  const answers = {
    SUPABASE_URL: await terminal.ask(questions.supabaseUrl, environment.SUPABASE_URL),
    SUPABASE_PUBLISHABLE_KEYS: await terminal.ask(
      questions.publishableKey,
      environment.SUPABASE_PUBLISHABLE_KEY,
    ),
  };
  const { url, publishableKey } = read({ ...UNUSED, ...answers }, words).supabase;
  // The function may reach its gateway over plain http; a password may not.
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !isThisMachine(hostname)) {
    throw new OperationError("usage", questions.problems([questions.noHttp]));
  }
  const email = await terminal.ask(questions.email, environment.HLF_ADMINISTRATOR_EMAIL);
  const password = await terminal.askSecret(questions.password);
  return { url, publishableKey, email, password };
}

function read(environment: Environment, { questions }: Words): Settings {
  try {
    return readSettings(environment);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problems = error.problems.map(questions.problem);
    throw new OperationError("usage", questions.problems(problems));
  }
}
