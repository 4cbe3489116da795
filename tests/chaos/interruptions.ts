import { type Moment, REST_RESOURCES, type RestCall, type RestTrouble } from "./step.ts";

/** What to do when a call comes by: the answer to give in place of the true one, or null to go on. */
type Interrupt = (worker: number) => Promise<Response | null>;

interface Rule {
  readonly call: RestCall;
  readonly moment: Moment;
  readonly interrupt: Interrupt;
  left: number;
}

/** Where calls of workers to the database are about to be interrupted, whichever worker makes them. */
export class Interruptions {
  #rules: Rule[] = [];

  /** From now on, so many times. */
  add(call: RestCall, moment: Moment, times: number, interrupt: Interrupt): void {
    this.#rules.push({ call, moment, interrupt, left: times });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The oldest rule for this call, used up by one; null when nothing is to happen. */
  take(call: RestCall | null, moment: Moment): Interrupt | null {
    const rule = this.#rules.find((one) => one.call === call && one.moment === moment);
    if (rule === undefined) return null;
    rule.left--;
    if (rule.left <= 0) this.#rules = this.#rules.filter((one) => one !== rule);
    return rule.interrupt;
  }
}

/** Which of the known calls a request is; null for others. */
export function restCallOf(
  request: { readonly method: string; readonly url: string },
): RestCall | null {
  const { pathname } = new URL(request.url);
  const found = Object.entries(REST_RESOURCES)
    .find(([, resource]) => pathname === `/rest/v1/${resource}` && request.method === "POST");
  return found === undefined ? null : found[0] as RestCall;
}

const SLOW_MILLISECONDS = 200;

/** @param faultsAreOver when a call that hangs is let go on */
export function interruptBy(
  trouble: RestTrouble,
  faultsAreOver: Promise<unknown>,
): () => Promise<Response | null> {
  return async () => {
    switch (trouble) {
      case "refuse":
        return Response.json({
          code: "PGRST001",
          message: "Database client error. Retrying the connection.",
          details: null,
          hint: null,
        }, { status: 503 });
      case "html":
        return new Response("<html><title>502 Bad Gateway</title></html>", {
          status: 502,
          headers: { "content-type": "text/html" },
        });
      case "cut":
        return cutResponse();
      case "slow":
        await new Promise((resolve) => setTimeout(resolve, SLOW_MILLISECONDS));
        return null;
      case "hang":
        await faultsAreOver;
        return null;
    }
  };
}

/** An answer that promises more than comes before the connection breaks. */
export function cutResponse(): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("["));
        controller.error(new Error("cut"));
      },
    }),
    { headers: { "content-type": "application/json" } },
  );
}
