import { DEFAULT_CLIENT_SECRET } from "../../../simulator/defaults.ts";
import type { FaultRule } from "../../../simulator/simulator_client.ts";
import { mentor, requeue, setStatus, signIn } from "../../../stack/observe.ts";
import { untilSilence } from "../../../stack/silence.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { type JobFaults, runJobs } from "./jobs.ts";
import { installTravel, travel } from "./travel.ts";

/** Longer than a busy machine takes for an answer: that none comes is an outage of its own. */
export const REQUEST_TIMEOUT_SECONDS = "8";

/** Settings of the function under which nothing has to be waited for in real time. */
export const QUICK_FUNCTION = {
  // Shorter than the first retry's delay, so that a retry is made by the sweep of the minute in which it is due; and longer
  // than a busy machine takes for one sweep.
  HLF_SYNC_TIME_BUDGET_SECONDS: "20",
  HLF_SYNC_BACKOFF_SECONDS: "25,30,120,600,1800,7200,21600",
  HLF_SYNC_REQUEST_TIMEOUT_SECONDS: REQUEST_TIMEOUT_SECONDS,
  HLF_SYNC_JITTER: "0",
};

/** A stack whose time is travelled, minute by minute. */
export class Stage {
  readonly stack: Stack;
  readonly faults: JobFaults = { isCronDead: false, isReadOnly: false };
  /** What the jobs' schedules are compared with; noon, so that neither the night nor the seals come in between. */
  #time = new Date("2026-11-25T12:00:00Z");

  private constructor(stack: Stack) {
    this.stack = stack;
  }

  static async set(stack: Stack): Promise<Stage> {
    await installTravel(stack);
    await stack.sql("select vault.create_secret($1, 'hlf_sync_heartbeat_url')", [
      `${stack.apiUrl}/heartbeat`,
    ]);
    // An attempt that was interrupted is made again within the same minute, as it is in production.
    await stack.sql("update public.hlf_sync_gate set interruption_backoff = interval '0 seconds'");
    const stage = new Stage(stack);
    await stage.clear();
    return stage;
  }

  /** A minute passes; the jobs run; whatever they set off is done. */
  async round(): Promise<void> {
    this.#time = new Date(this.#time.getTime() + 60_000);
    await travel(this.stack, 1);
    await runJobs(this.stack, this.#time, this.faults);
    await untilSilence(this.stack);
  }

  async pause(...codes: string[]): Promise<void> {
    for (const code of codes) await setStatus(this.stack, code, "paused");
  }

  /** What a coordinator does on their page once the cause is gone. */
  async requeue(): Promise<void> {
    const id = this.stack.coordinators[0]?.organisationId ?? "";
    await requeue(this.stack, await signIn(this.stack, id), id);
  }

  /** A fault of Dynamics or Entra for as long as the outage lasts. */
  async fault(...rules: Omit<FaultRule, "times">[]): Promise<() => Promise<void>> {
    const ids: string[] = [];
    for (const rule of rules) {
      ids.push(await this.stack.simulator.addFault({ ...rule, times: null }));
    }
    return async () => {
      for (const id of ids) await this.stack.simulator.removeFault(id);
    };
  }

  /** Changes or removes a secret in Vault; what is returned puts the former value back. */
  async secret(name: string, value: string | null): Promise<() => Promise<unknown>> {
    const [former] = await this.stack.sql<{ decrypted_secret: string }>(
      "select decrypted_secret from vault.decrypted_secrets where name = $1",
      [name],
    );
    const put = async (text: string | null) => {
      await this.stack.sql("delete from vault.secrets where name = $1", [name]);
      if (text !== null) await this.stack.sql("select vault.create_secret($1, $2)", [text, name]);
    };
    await put(value);
    return () => put(former?.decrypted_secret ?? null);
  }

  /** Everybody active and in sync, tonight's reading done, no alert, and nothing remembered of what was before. */
  async clear(): Promise<void> {
    const { stack } = this;
    await stack.simulator.clearFaults();
    await stack.simulator.setCredentials({
      clientSecret: DEFAULT_CLIENT_SECRET,
      secretExpired: false,
      appDisabled: false,
      applicationUser: true,
      privileged: true,
    });
    stack.setRestFault(null);
    await stack.run(`
      select hlf_sync.open_gate(reason) from public.hlf_sync_gate where reason is not null;
      update public.mentors set status = 'active' where status <> 'active';
      delete from public.hlf_sync_drifts where true;
      delete from public.hlf_nightly_runs where true;
    `);
    await untilSilence(stack);
    for (let round = 0; !(await this.isAtRest()); round++) {
      if (round > 10) throw new Error("The stack does not come to rest");
      await stack.run("update public.hlf_sync_state set due_at = now() where due_at > now()");
      await stack.run(`select hlf_sync.run_night(hlf_sync.today_in_oslo())`);
      await this.round();
    }
    await stack.run(`
      delete from hlf_sync.attempts where true;
      delete from public.hlf_sync_alerts where true;
      delete from hlf_sync.messages where true;
      delete from public.hlf_coordinator_notifications where true;
      delete from hlf_sync.steps where failed_at is not null;
    `);
    await stack.simulator.clearRequests();
  }

  private async isAtRest(): Promise<boolean> {
    const [row] = await this.stack.sql<{ rest: boolean }>(
      `select not exists (
        select from public.hlf_sync_state where confirmed_generation is distinct from generation or due_at is not null
      ) and exists (
        select from public.hlf_nightly_runs where finished_at is not null
      ) and not exists (
        select from public.hlf_sync_gate where closed_until > now()
      ) as rest`,
    );
    return row?.rest ?? false;
  }

  id(code: string): string {
    return mentor(code);
  }
}
