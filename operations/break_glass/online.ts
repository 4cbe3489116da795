import { DatabaseError } from "../../supabase/functions/_shared/errors.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import { OperationError } from "../cli/errors.ts";
import { type Administrator, withAdministrator } from "./administrator.ts";
import { type Dynamics, signInToDynamics } from "./dynamics.ts";
import { sendList } from "./offline.ts";
import type { Person } from "./person.ts";
import { askForSupabase } from "./questions.ts";
import {
  exitCode,
  NOT_IN_SYNC,
  type Order,
  type Recorder,
  Run,
  type RunDependencies,
  runInSight,
  type RunReport,
  sayIds,
} from "./run.ts";

/** With the database; where that turns out to be out of reach, with a list. */
export async function breakGlass(person: Person): Promise<number> {
  const { terminal, words } = person;
  const login = await askForSupabase(person);
  const dynamics = await signInToDynamics(person);
  try {
    return await withAdministrator(login, words, (who) => bringAllIntoSync(person, who, dynamics));
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== "unreachable") throw error;
    terminal.say(words.database.listWillDo(error.message));
    terminal.say(words.database.whereFrom);
    const list = await terminal.ask(words.questions.list);
    if (list === "") throw error;
    return await sendList(person, { list, journal: null }, dynamics);
  }
}

async function bringAllIntoSync(
  person: Person,
  administrator: Administrator,
  dynamics: Dynamics,
): Promise<number> {
  const { terminal, words } = person;
  const compare = () => findDivergence(administrator.wanted(), dynamics.dataverse.listings());
  const before = await compare();
  sayDivergence(person, before);
  const orders = toOrders(before);
  if (orders.length === 0) {
    terminal.say(words.run.nothing);
    return isInSync(before) ? 0 : NOT_IN_SYNC;
  }
  if (!await terminal.confirm(words.run.change(before.remove.length, before.restore.length))) {
    terminal.say(words.run.unchanged);
    return NOT_IN_SYNC;
  }
  const report = await runInSight(
    person,
    dynamics,
    orders,
    (deps) => bringIntoSync(orders, { ...deps, administrator }),
  );
  if (report.stopped !== null) return exitCode(report);
  const inSync = await checkAfterwards(person, compare);
  return inSync && report.unreported.length === 0 ? 0 : NOT_IN_SYNC;
}

/** What counts is not what was answered, but what is there now. */
async function checkAfterwards(
  person: Person,
  compare: () => Promise<Divergence>,
): Promise<boolean> {
  const { terminal, words } = person;
  let after: Divergence;
  try {
    after = await compare();
  } catch (error) {
    if (!(error instanceof DatabaseError || error instanceof DataverseError)) throw error;
    terminal.say(words.run.uncheckable(error.message));
    return false;
  }
  if (isInSync(after)) {
    terminal.say(words.run.inSync);
    return true;
  }
  terminal.say(words.run.notInSync);
  sayDivergence(person, after);
  return false;
}

type ReadListing = Pick<Listing, "mentorId" | "published"> & { readonly isAddressable?: boolean };

/** How the listings differ from what the app wants. */
interface Divergence {
  /** Shown and must not be. */
  readonly remove: readonly string[];
  /** Hidden and must not be. */
  readonly restore: readonly string[];
  /** Must be shown and have no listing. This project never creates one. */
  readonly unlisted: readonly string[];
  /** Shown, but nobody's that the app knows. */
  readonly unknownCount: number;
}

/** Compares by pages; what is held is two maps of ids. */
export async function findDivergence(
  wanted: AsyncIterable<readonly Order[]>,
  listings: AsyncIterable<readonly ReadListing[]>,
): Promise<Divergence> {
  const isShown = new Map<string, boolean>();
  let nobodys = 0;
  for await (const page of listings) {
    for (const { mentorId, published, isAddressable = true } of page) {
      // An update that names the mentor would not find it, and would call that a success.
      const id = isAddressable ? mentorId?.toLowerCase() ?? null : null;
      if (id !== null) isShown.set(id, published || isShown.get(id) === true);
      else if (published) nobodys++;
    }
  }
  const remove: string[] = [];
  const restore: string[] = [];
  const unlisted: string[] = [];
  for await (const page of wanted) {
    for (const { mentorId, operation } of page) {
      const shown = isShown.get(mentorId);
      isShown.delete(mentorId);
      if (operation === "remove" && shown === true) remove.push(mentorId);
      if (operation === "restore" && shown === false) restore.push(mentorId);
      if (operation === "restore" && shown === undefined) unlisted.push(mentorId);
    }
  }
  const strangers = [...isShown.values()].filter((shown) => shown).length;
  return { remove, restore, unlisted, unknownCount: nobodys + strangers };
}

/** Whether the website is as the app wants it, for every mentor that the app knows. */
export function isInSync({ remove, restore, unlisted }: Divergence): boolean {
  return remove.length + restore.length + unlisted.length === 0;
}

/** Ids only: who they are, the app says to those who may know. */
function sayDivergence(person: Person, divergence: Divergence): void {
  const { remove, restore, unlisted, unknownCount } = divergence;
  const { terminal, words: { run } } = person;
  sayIds(person, run.remove(remove.length), remove);
  sayIds(person, run.restore(restore.length), restore);
  if (unlisted.length > 0) sayIds(person, run.unlisted(unlisted.length), unlisted);
  if (unknownCount > 0) terminal.say(run.unknown(unknownCount));
}

function toOrders({ remove, restore }: Divergence): Order[] {
  return [
    ...remove.map((mentorId): Order => ({ mentorId, operation: "remove" })),
    ...restore.map((mentorId): Order => ({ mentorId, operation: "restore" })),
  ];
}

export interface OnlineDependencies extends RunDependencies {
  readonly administrator: Pick<Administrator, "claim" | "settle">;
}

/** Enough for a request, a new token and a query, each of which may time out. */
const LEASE_SECONDS = 120;

const SETTLE_RETRY_SECONDS = [1, 2, 4, 8, 16];

/**
 * What could not be claimed is under way elsewhere, or the budget of requests is used up: a lease or
 * the window of 300 s has to pass.
 */
const CLAIM_RETRY_SECONDS = [5, 10, 20, 40, 60, 60, 60, 60];

/** Claims, sends and settles. Never throws for what the outside world does. */
export async function bringIntoSync(
  orders: readonly Order[],
  deps: OnlineDependencies,
): Promise<RunReport> {
  const run = new Run(deps, recordInDatabase(deps));
  let left = await run.carryOut(orders);
  for (const seconds of CLAIM_RETRY_SECONDS) {
    if (left.length === 0 || run.stopped !== null) break;
    deps.note(deps.words.run.unclaimable(left.length, seconds));
    await deps.sleep(seconds, deps.signal);
    if (deps.signal.aborted) run.stopped = "interrupted";
    else left = await run.carryOut(left);
  }
  return run.report(left);
}

function recordInDatabase({ administrator, clock, sleep }: OnlineDependencies): Recorder {
  return {
    async begin(orders) {
      const notAfter = clock.monotonic() + LEASE_SECONDS * 1000;
      const ids = orders.map((order) => order.mentorId);
      try {
        return { attempts: await administrator.claim(ids, LEASE_SECONDS), notAfter };
      } catch (error) {
        if (error instanceof DatabaseError) return null;
        throw error;
      }
    },
    conclude: () => Promise.resolve(),
    async end(results) {
      const unreported: string[] = [];
      let left = results;
      let isCertain = true;
      for (let tries = 0; left.length > 0; tries++) {
        let isAway = false;
        try {
          const { leaseLost, busy } = await administrator.settle(left);
          // Once an answer was lost, it may have been our own settlement.
          if (isCertain) unreported.push(...leaseLost);
          left = left.filter(({ attempt }) => busy.includes(attempt.attemptId));
          if (left.length === 0) break;
        } catch (error) {
          if (!(error instanceof DatabaseError)) throw error;
          isCertain = false;
          isAway = true;
        }
        const seconds = SETTLE_RETRY_SECONDS[tries];
        if (seconds === undefined) {
          return {
            unreported: [...unreported, ...left.map(({ attempt }) => attempt.attemptId)],
            isAway,
          };
        }
        // Also when interrupted: what was sent is worth the wait.
        await sleep(seconds);
      }
      return { unreported, isAway: false };
    },
  };
}
