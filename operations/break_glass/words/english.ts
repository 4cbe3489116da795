import { FAULT_WORDS } from "../../cli/run_cli.ts";
import type { Operation } from "../../../supabase/functions/_shared/dataverse/classify.ts";

/** Everything that break-glass says, in English; {@linkcode Words} is its shape in any language. */
export const ENGLISH = {
  usage: `Brings the website into sync by hand while hlf-sync is down.

  deno task break-glass                        asks for everything, with the database
  deno task break-glass --list mentors.csv     writes the listings of Dynamics into a new file
  deno task break-glass --offline mentors.csv  without the database: a column mentor_id and, where
                                               not all are to be removed, a column operation
      --journal file.jsonl                     goes on with the journal of an earlier run
  deno task break-glass --import file.jsonl    writes a journal into the audit log, once
  deno task break-glass --prepare              beforehand: fetches what an outage would withhold
      --language nb                            Bokmål, whatever the terminal is set to; en: English

Ends with 0 only when everything is in sync. Passwords and secrets are asked for, never arguments.
Taken from the environment as defaults: SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY,
HLF_ADMINISTRATOR_EMAIL, DYNAMICS_URL, DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID.`,
  arguments: {
    wrong: (problem: string) => `Cannot read the arguments: ${problem}. See --help`,
    language: "--language must be nb or en",
    alone: (option: string) => `${option} goes with no other option`,
    journal: "--journal goes with --offline only",
    unknown: "there is an option that is not known, or lacks its file",
  },
  terminal: {
    notShown: "not shown",
    yes: "yes",
    typeYes: "Type yes to go on",
    ended: "Ended before anything was done: no more input",
    interrupted: "Interrupted. Nothing is under way.",
    finishing: "Finishing what is under way (Ctrl-C again ends at once)",
    progress: (done: number, total: number, failed: number) =>
      `${done} of ${total}${failed > 0 ? `, ${failed} failed` : ""}`,
  },
  questions: {
    dynamicsUrl: "Dynamics URL",
    tenant: "Tenant id",
    client: "Client id",
    secret: "Client secret",
    supabaseUrl: "Supabase URL",
    publishableKey: "Publishable key",
    email: "Your e-mail",
    password: "Your password",
    list: "CSV file with a column mentor_id (nothing to stop)",
    problems: (problems: readonly string[]) => `Cannot go on: ${problems.join("; ")}`,
    problem: (problem: string) => problem,
    noHttp: "SUPABASE_URL must be an https URL",
  },
  list: {
    unreadable: "Cannot read the list of mentors:",
    atLine: (line: number, problem: string) => `line ${line}: ${problem}`,
    workbook: "it is a workbook, not a text: save it as CSV and take that file",
    binary: "it is not a text: save it as CSV and take that file",
    noIdColumn: "there is no column mentor_id",
    severalColumns: (name: string) => `there are several columns ${name}`,
    misnamed: (name: string, number: number) =>
      name === ""
        ? `column ${number} has no name; did you mean "operation"?`
        : `the column "${name}" is not known; did you mean "operation"?`,
    ignored: (name: string, number: number) =>
      name === ""
        ? `column ${number} has no name and is ignored`
        : `the column "${name}" is ignored`,
    cells: (count: number, expected: number) => `${count} cells where the header has ${expected}`,
    quotes: "the quotes are not right",
    noUuid: (column: string) => `${column} is not a uuid`,
    noOperation: "no operation",
    unknownOperation: "operation is neither remove nor restore",
    twice: (line: number) => `the same mentor as in line ${line}`,
    empty: "there are no mentors in it",
    more: (count: number) => `… and ${count} more`,
    allRemoved: (count: number) => `no column operation: all ${count} are to be removed`,
  },
  listing: {
    columns: { name: "name", shown: "shown", yes: "yes", no: "no" },
    written: (path: string, shown: number, hidden: number) =>
      `Written to ${path}: ${shown} shown, ${hidden} hidden.`,
    howTo: "Keep the lines of those to be changed, and write remove or restore into their column " +
      "operation. Then: --offline with that file.",
    names: "It holds names: delete it when you are done.",
    noNames: (column: string) =>
      `Without names: Dynamics has no column ${column}. DYNAMICS_LISTING_NAME sets another.`,
    unaddressable: (count: number) =>
      `Shown in Dynamics, but without a mentor's id, and not in the file: ${count}. ` +
      "They can only be hidden in Dynamics itself.",
  },
  dynamics: {
    accepted: "Dynamics accepts the credentials.",
    fault: (message: string) => `Dynamics: ${message}`,
    noToken: (failure: string) =>
      `Entra gives no token (${failure}): is its address right, and the network there?`,
    rejected: (why: string) => `Entra refuses the credentials: ${why}`,
    rejectedFor: {
      7000215: "the client secret is wrong (its value is needed, not its id)",
      7000222: "the client secret has expired",
      700016: "the tenant has no application with this client id",
      90002: "there is no such tenant",
      7000112: "the application is disabled",
    } as Readonly<Record<number, string>>,
    rejectedSilently: "it does not say why",
    noUser: "Dynamics has no application user for this client id",
    otherEnvironment:
      "Dynamics does not accept the token: is the Dynamics URL that of the environment?",
    forbidden: "Dynamics forbids the application user to sign in: its security role lacks a right",
    away: (failure: string) =>
      `Dynamics cannot be reached (${failure}): is the Dynamics URL right?`,
    strange: (failure: string, status: number | null) =>
      `Dynamics does not answer as it should (${failure}, HTTP ${status}): ` +
      "is the Dynamics URL right?",
    unreadable: (why: string) => `The listings cannot be read from Dynamics: ${why}`,
    clock: (seconds: number) =>
      `The clock of this machine is ${duration(seconds)} ${seconds > 0 ? "fast" : "slow"}, ` +
      "compared with Dynamics'. Attempts are given Dynamics' time.",
    noClock: "Dynamics does not say what time it is: is the clock of this machine right?",
  },
  database: {
    away: "Supabase does not answer",
    refused: "Supabase refuses the e-mail, the password or the key",
    noAdministrator: "You are not an administrator of HLF",
    noAnswer: (message: string) => `The database does not answer (${message})`,
    refuses: (message: string) => `The database refuses (${message})`,
    listWillDo: (problem: string) => `${problem}. A list of mentor ids will do as well.`,
    whereFrom: "Without a list: stop here and write one with --list mentors.csv.",
  },
  run: {
    nothing: "There is nothing to send.",
    unchanged: "Nothing was changed.",
    change: (removes: number, restores: number) =>
      `Change ${removes + restores} listings (remove ${removes}, restore ${restores})?`,
    counts: (removes: number, restores: number) => `To remove: ${removes}, to restore: ${restores}`,
    remove: (count: number) => `Shown and must be removed: ${count}`,
    restore: (count: number) => `Hidden and must be restored: ${count}`,
    unlisted: (count: number) =>
      `Must be shown and have no listing, which only HLF can make: ${count}`,
    unknown: (count: number) => `Shown, but not known to the app, and left alone: ${count}`,
    done: (done: number, failed: number) => `Done: ${done}, failed: ${failed}`,
    failed: (mentorId: string, operation: Operation, outcome: string, error: string | null) =>
      `  ${mentorId} ${operation}: ${outcome}, ${error}`,
    unreported: (count: number) =>
      `Attempts whose result the database did not take, and will call interrupted: ${count}`,
    left: (count: number) => `Left to do: ${count}`,
    more: (count: number) => `  … and ${count} more`,
    wait: (seconds: number) => `Dynamics asks to wait ${seconds} s`,
    unclaimable: (count: number, seconds: number) =>
      `${count} cannot be claimed yet: another worker has them, the limit of requests is ` +
      `reached, or sync is switched off for the organisation. Trying again in ${seconds} s`,
    stopped: {
      interrupted: "Interrupted: what was under way is finished and recorded.",
      credentials:
        "Stopped: Dynamics no longer accepts the credentials, or the application user lacks a right.",
      refused: "Stopped: everybody is refused, and nobody got through any more.",
      throttled: "Stopped: Dynamics asks to wait for more than ten minutes.",
      database: "Stopped: the database does not answer any more.",
    },
    inSync: "Checked: everything is in sync.",
    notInSync: "Checked: not everything is in sync.",
    uncheckable: (message: string) => `Could not check what is there now: ${message}`,
    asOrdered: "Checked in Dynamics: everything is as ordered.",
    notAsOrdered: (count: number) => `Checked in Dynamics: not as ordered: ${count}`,
    cacheAfter: "The public website follows within 15 minutes, behind a CDN within 75.",
  },
  journal: {
    path: (path: string) => `Journal: ${path}`,
    goOn: (list: string, journal: string) => `To go on: --offline ${list} --journal ${journal}`,
    importLater: (path: string) => `Once the database is back: --import ${path}`,
    unreadable: "Cannot read the journal:",
    noEntry: (line: number) => `line ${line} is not an entry of a journal`,
    noAttempt: (line: number) => `line ${line} is the outcome of no attempt`,
    count: (count: number) => `Attempts in the journal: ${count}`,
    written: (count: number) => `Written into the audit log: ${count}`,
    there: (count: number) => `There already: ${count}`,
    unknown: (count: number) => `Of mentors that the database does not know, not written: ${count}`,
    taken: (count: number) =>
      `Not written, because the id is that of an attempt of hlf-sync's own: ${count}`,
    attempt: (mentorId: string, attemptId: string) => `  ${mentorId}, attempt ${attemptId}`,
  },
  ...FAULT_WORDS,
  prepared: (deno: string) =>
    `Everything that break-glass needs is on this machine (Deno ${deno}); no registry has to answer.
Now try it once against Dynamics, which changes nothing: --list mentors.csv`,
};

/** One language. */
export type Words = typeof ENGLISH;

function duration(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (minutes < 120) return minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}
