import type { Failure } from "../../supabase/functions/_shared/dataverse/classify.ts";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import type {
  CredentialsRejected,
  TokenSource,
} from "../../supabase/functions/_shared/dataverse/token.ts";
import { type Clock, systemClock } from "../../supabase/functions/_shared/clock.ts";
import type { Settings } from "../../supabase/functions/_shared/settings.ts";
import { connectDataverse } from "../cli/connect_dataverse.ts";
import { OperationError } from "../cli/errors.ts";
import type { Person } from "./person.ts";
import { askForDynamics } from "./questions.ts";
import type { Words } from "./words/english.ts";

/** Longer than the function's, which has others waiting behind it. */
const TIMEOUT_SECONDS = 20;

export interface Dynamics {
  readonly settings: Settings["dynamics"];
  readonly tokens: TokenSource;
  readonly dataverse: DataverseClient;
  readonly serverClock: ServerClock;
  /** Like `fetch`; reads the time off each answer. */
  readonly fetch: typeof globalThis.fetch;
}

/** The function's own way of talking to Dynamics, with credentials that were typed in. */
export function connectDynamics(settings: Settings["dynamics"]): Dynamics {
  const serverClock = new ServerClock(systemClock);
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    serverClock.observe(response);
    return response;
  };
  const outside = { fetch, clock: systemClock };
  return { settings, ...connectDataverse(settings, TIMEOUT_SECONDS, outside), serverClock, fetch };
}

/**
 * Asks for the credentials, and tries them before anything is done with them.
 *
 * @throws {OperationError} `usage` or `refused`, with what is wrong
 */
export async function signInToDynamics(person: Person): Promise<Dynamics> {
  const { terminal, words } = person;
  const dynamics = connectDynamics(await askForDynamics(person));
  const problem = await checkCredentials(dynamics, words);
  if (problem !== null) throw new OperationError("refused", problem);
  terminal.say(words.dynamics.accepted);
  return dynamics;
}

/**
 * Asks for a token and who it is for.
 *
 * @returns what is wrong, in one line; null when the credentials will do
 */
export async function checkCredentials(
  { tokens, dataverse }: Pick<Dynamics, "tokens" | "dataverse">,
  words: Words,
): Promise<string | null> {
  const token = await tokens.get();
  if (token.kind === "rejected") return words.dynamics.rejected(explainRejection(token, words));
  if (token.kind === "unavailable") return words.dynamics.noToken(token.class);
  const user = await dataverse.whoAmI();
  return user.kind === "success" ? null : explainRefusal(user, words);
}

/** <https://learn.microsoft.com/entra/identity-platform/reference-error-codes> */
function explainRejection({ aadsts }: CredentialsRejected, { dynamics }: Words): string {
  for (const code of aadsts) {
    const meaning = dynamics.rejectedFor[code];
    if (meaning !== undefined) return `${meaning} (AADSTS${code})`;
  }
  const codes = aadsts.map((code) => `AADSTS${code}`).join(", ");
  return codes === "" ? dynamics.rejectedSilently : codes;
}

function explainRefusal(
  { class: failureClass, responseCode, code }: Failure,
  { dynamics }: Words,
): string {
  switch (failureClass) {
    case "credentials_rejected":
      return code === "0x80072560" ? dynamics.noUser : dynamics.otherEnvironment;
    case "forbidden":
      return dynamics.forbidden;
    case "network":
    case "timeout":
      return dynamics.away(failureClass);
    default:
      return dynamics.strange(failureClass, responseCode);
  }
}

/** Below this, nobody needs to be told. */
const TOLERATED_SECONDS = 60;

/**
 * Dynamics' clock, read off the `Date` of its answers. Attempt ids carry a time, and the database
 * refuses ids from the future; a laptop's clock may be anything.
 */
export class ServerClock {
  #observed:
    | { readonly server: number; readonly monotonic: number; readonly local: number }
    | null = null;

  constructor(private readonly clock: Clock) {}

  observe({ ok, headers }: { readonly ok: boolean; readonly headers: Headers }): void {
    const server = Date.parse(headers.get("date") ?? "");
    // An answer that is no success may be that of a proxy with a clock of its own.
    if (!ok || Number.isNaN(server)) return;
    const { clock } = this;
    // The header has whole seconds, so on average it is half a second old.
    this.#observed = {
      server: server + 500,
      monotonic: clock.monotonic(),
      local: clock.epoch(),
    };
  }

  /** Milliseconds since 1970, by Dynamics' clock where it is known. */
  now(): number {
    const { clock } = this;
    if (this.#observed === null) return clock.epoch();
    return this.#observed.server + clock.monotonic() - this.#observed.monotonic;
  }

  /** How far this machine's clock is ahead; 0 where that is not worth a word, null when not known. */
  secondsAhead(): number | null {
    if (this.#observed === null) return null;
    const seconds = Math.round((this.#observed.local - this.#observed.server) / 1000);
    return Math.abs(seconds) < TOLERATED_SECONDS ? 0 : seconds;
  }
}
