import type { Stack } from "./stack_types.ts";

/** So many looks in a row find nothing under way before it counts as silence. */
const LOOKS = 4;
/** Longer than the function gathers rows of the log before it sends them, which no look can see. */
const GATHERING_MILLISECONDS = 150;
/** Something that goes on for ever is a fault; something that a busy machine takes long for is none. */
const PATIENCE_MILLISECONDS = 180_000;

/**
 * Waits until everything that was set off is done: pg_net's queue is empty, no request is under way to REST, the function
 * or Dynamics, and none has come while the function answered questions that were put to it one after the other. It has one
 * thread, so what it was about to do comes before those answers, however slow the machine.
 *
 * @param options.withLog also until rows of the log that the function still gathers have been written
 */
export async function untilSilence(
  stack: Stack,
  { withLog = false }: { readonly withLog?: boolean } = {},
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  let before = "";
  let looks = 0;
  let since = Date.now();
  const isLongEnough = () =>
    looks >= LOOKS && (!withLog || Date.now() - since >= GATHERING_MILLISECONDS);
  while (!isLongEnough()) {
    if (Date.now() > deadline) throw new Error("Something has been under way for minutes");
    await isFunctionListening(stack);
    const { isBusy, mark } = await look(stack);
    if (isBusy || mark !== before) {
      looks = 0;
      since = Date.now();
    } else {
      looks++;
    }
    before = mark;
    if (!isLongEnough()) await new Promise((resolve) => setTimeout(resolve, 8));
  }
}

/** The answer to a GET is 405; what matters is that it comes. */
async function isFunctionListening(stack: Stack): Promise<void> {
  const response = await fetch(stack.functionUrl).catch(() => null);
  await response?.body?.cancel();
}

async function look(stack: Stack): Promise<{ isBusy: boolean; mark: string }> {
  const { traffic, pgNet } = stack;
  const requests = await stack.simulator.requests();
  const last = requests.at(-1)?.sequence ?? 0;
  const isUnderWay = requests.some(({ inFlight }) => inFlight);
  const [queue] = await stack.sql<{ waiting: number }>(
    "select count(*)::integer as waiting from net.http_request_queue",
  );
  const isQueued = queue !== undefined && queue.waiting > 0 && !pgNet.isPaused;
  return {
    isBusy: isQueued || pgNet.isBusy || traffic.underWay > 0 || isUnderWay,
    mark: `${traffic.seen} ${last}`,
  };
}
