import { systemClock, systemSleep } from "../../supabase/functions/_shared/clock.ts";
import { DatabaseError, DataverseError } from "../../supabase/functions/_shared/errors.ts";
import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import { OperationError } from "../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Administrator } from "./administrator.ts";
import type { Order } from "./attempt.ts";
import { askForWorkingDynamics, withAdministrator } from "./connect.ts";
import { type Divergence, findDivergence, isInStep } from "./divergence.ts";
import type { Dynamics } from "./dynamics.ts";
import { sendList } from "./offline_command.ts";
import { bringIntoStep } from "./online.ts";
import { askForSupabase } from "./questions.ts";
import { sayDivergence, sayRun } from "./report.ts";
import { exitCode, NOT_IN_STEP } from "./run_report.ts";
import { underProgress } from "./under_progress.ts";

/**
 * With the database; where that turns out to be out of reach, with a list.
 *
 * @returns the exit code
 */
export async function breakGlass(terminal: Terminal, environment: Environment): Promise<number> {
  const login = await askForSupabase(terminal, environment);
  const dynamics = await askForWorkingDynamics(terminal, environment);
  try {
    return await withAdministrator(login, (who) => bringAllIntoStep(terminal, who, dynamics));
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== "unreachable") throw error;
    terminal.say(`${error.message}. A list of mentor ids will do as well.`);
    const list = await terminal.ask("CSV file with a column mentor_id (nothing to stop)");
    if (list === "") throw error;
    return await sendList(terminal, list, null, dynamics);
  }
}

async function bringAllIntoStep(
  terminal: Terminal,
  administrator: Administrator,
  { dataverse }: Dynamics,
): Promise<number> {
  const compare = () => findDivergence(administrator.wanted(), dataverse.listings());
  const before = await compare();
  sayDivergence(terminal, before);
  const orders = toOrders(before);
  if (orders.length === 0) {
    terminal.say("There is nothing to send.");
    return isInStep(before) ? 0 : NOT_IN_STEP;
  }
  if (!await terminal.confirm(`Change ${orders.length} listings?`)) {
    terminal.say("Nothing was changed.");
    return NOT_IN_STEP;
  }
  const report = await underProgress(terminal, orders.length, (progress) =>
    bringIntoStep(orders, {
      ...{ administrator, dataverse, clock: systemClock, sleep: systemSleep },
      ...progress,
    }));
  sayRun(terminal, report);
  if (report.stopped !== null) return exitCode(report);
  const inStep = await checkAfterwards(terminal, compare);
  return inStep && report.unreported.length === 0 ? 0 : NOT_IN_STEP;
}

/** What counts is not what was answered, but what is there now. */
async function checkAfterwards(
  terminal: Terminal,
  compare: () => Promise<Divergence>,
): Promise<boolean> {
  let after: Divergence;
  try {
    after = await compare();
  } catch (error) {
    if (!(error instanceof DatabaseError || error instanceof DataverseError)) throw error;
    terminal.say(`Could not check what is there now: ${error.message}`);
    return false;
  }
  if (isInStep(after)) {
    terminal.say("Checked: everything is in step.");
    return true;
  }
  terminal.say("Checked: not everything is in step.");
  sayDivergence(terminal, after);
  return false;
}

function toOrders({ remove, restore }: Divergence): Order[] {
  return [
    ...remove.map((mentorId): Order => ({ mentorId, operation: "remove" })),
    ...restore.map((mentorId): Order => ({ mentorId, operation: "restore" })),
  ];
}
