import { DEFAULT_CLIENT_SECRET } from "../../simulator/defaults.ts";
import type { CredentialsChange, SimulatorClient } from "../../simulator/simulator_client.ts";
import { faultRule } from "./dynamics_trouble.ts";
import { cutResponse, interruptBy } from "./interruptions.ts";
import type { Played } from "./played.ts";
import { insertMentors, ORGANISATIONS, type Stage } from "./stage.ts";
import type { CredentialsTrouble, Moment, Schedule, Step } from "./step.ts";
import { endTrouble, sweep } from "./until_at_rest.ts";
import type { ChaosStack } from "./chaos_stack.ts";

/** Plays a schedule, then clears all faults and waits until every worker is up. */
export async function play(
  chaosStack: ChaosStack,
  stage: Stage,
  schedule: Schedule,
): Promise<Played> {
  const player = new Player(chaosStack, stage);
  for (const { afterMilliseconds, step } of schedule.steps) {
    await pause(afterMilliseconds);
    player.start(step);
  }
  await player.end();
  return player;
}

class Player implements Played {
  readonly touchedMentors = new Set<string>();
  readonly lateCommitFaults = new Set<string>();
  readonly untoldOutages: string[] = [];
  readonly blows: string[] = [];
  /** Steps under way: the next one does not wait for the one before. */
  readonly #underWay: Promise<void>[] = [];
  readonly #answers: Promise<unknown>[] = [];
  readonly #faultsAreOver = Promise.withResolvers<void>();
  #isOver = false;

  constructor(private readonly chaosStack: ChaosStack, private readonly stage: Stage) {}

  start(step: Step): void {
    const playing = this.#play(step);
    // Awaited later; without this an early rejection would be unhandled.
    playing.catch(() => {});
    this.#underWay.push(playing);
  }

  /** Faults off, processes up, and all that was begun is finished. */
  async end(): Promise<void> {
    const { chaosStack } = this;
    const { simulator } = chaosStack;
    this.#isOver = true;
    chaosStack.frontDoor.fate = "arrive";
    chaosStack.interruptions.clear();
    this.#faultsAreOver.resolve();
    await Promise.all(this.#underWay);
    await simulator.clearFaults();
    await simulator.setLatency({ seconds: 0 });
    await simulator.setCredentials(CREDENTIALS.renewed);
    await endTrouble(chaosStack);
    for (const worker of chaosStack.workers) worker.signal("SIGCONT");
    await Promise.all(chaosStack.workers.map((worker) => worker.isUp()));
    await Promise.all(this.#answers);
  }

  async #play(step: Step): Promise<void> {
    const { chaosStack } = this;
    const { simulator } = chaosStack;
    switch (step.kind) {
      case "status":
      case "slow_status":
        return await this.#changeStatus(step, step.kind === "status" ? 0 : step.seconds);
      case "delete":
        await chaosStack.sql("delete from public.mentors where id = any ($1::text[]::uuid[])", [
          this.#ids(step.mentors),
        ]);
        return;
      case "insert":
        return await insertMentors(chaosStack, [
          { id: this.#id(step.mentor), index: step.mentor, status: step.status },
        ]);
      case "move":
        await chaosStack.sql(
          "update public.mentors set organisation_id = $1::text::uuid where id = $2::text::uuid",
          [ORGANISATIONS[step.organisation], this.#id(step.mentor)],
        );
        return;
      case "sync_enabled":
        await chaosStack.sql(
          "update public.hlf_sync_switches set is_enabled = $1 where organisation_id = $2::text::uuid",
          [step.enabled, ORGANISATIONS[step.organisation]],
        );
        return;
      case "expire":
        await chaosStack.sql(
          `update public.mentors set certification_expiry_date = current_date - 1 - $1::text::integer
           where id = $2::text::uuid`,
          [String(step.daysAgo), this.#id(step.mentor)],
        );
        return;
      case "force_sync":
        return this.#press(step.mentor % 2, {
          type: "force_sync",
          mentor_id: this.#id(step.mentor),
        });
      case "requeue":
        return await this.#requeue(step.organisation);
      case "edit_listing":
        this.touchedMentors.add(this.#id(step.mentor));
        return await simulator.upsertListing({
          mentorId: this.#id(step.mentor),
          published: step.published,
        });
      case "delete_listing":
        this.touchedMentors.add(this.#id(step.mentor));
        // It may be gone, or never have been there.
        return await simulator.deleteListing(this.#id(step.mentor)).catch(() => {});
      case "night":
        return this.#nudge({ type: "nightly" }, step.times);
      case "nudge":
        return this.#nudge({ type: "UPDATE", table: "mentors", schema: "public" }, step.times);
      case "sweep":
        await Promise.all(Array.from({ length: step.times }, () => sweep(chaosStack)));
        return;
      case "nudges":
        chaosStack.frontDoor.fate = this.#isOver ? "arrive" : step.fate;
        return;
      case "dynamics":
        return await this.#troubleDynamics(step);
      case "credentials":
        return await simulator.setCredentials(CREDENTIALS[step.change]);
      case "latency":
        return await simulator.setLatency(step);
      case "rest":
        chaosStack.interruptions.add(
          step.call,
          step.moment,
          step.times,
          interruptBy(step.trouble, this.#faultsAreOver.promise),
        );
        return;
      case "audit_log":
        return await this.#troubleAuditLog(step.trouble);
      case "outage":
        return await this.#breakOutside(step.part);
      case "kill":
        this.#kill(step.worker, "any time");
        return;
      case "kill_at":
        return step.call === "patch"
          ? await this.#killAtPatch(step.moment)
          : chaosStack.interruptions.add(step.call, step.moment, 1, (worker) => {
            this.#kill(worker, `${step.call} ${step.moment}`);
            return Promise.resolve(cutResponse());
          });
      case "stall":
        chaosStack.workers[step.worker]?.signal("SIGSTOP");
        await Promise.race([pause(step.seconds * 1000), this.#faultsAreOver.promise]);
        chaosStack.workers[step.worker]?.signal("SIGCONT");
        return;
      case "database":
        this.blows.push(`database ${step.trouble}`);
        return await chaosStack.breakDatabase(step.trouble);
    }
  }

  #id(mentor: number): string {
    return this.stage.mentorIds[mentor] ?? "";
  }

  #ids(mentors: readonly number[]): string[] {
    return mentors.map((mentor) => this.#id(mentor));
  }

  async #changeStatus(
    { mentors, status }: Extract<Step, { kind: "status" | "slow_status" }>,
    seconds: number,
  ): Promise<void> {
    // A block takes no parameters; ids and statuses are the schedule's own.
    await this.chaosStack.sql(
      `do $$ begin
         update public.mentors set status = '${status}',
           certification_expiry_date = case
             when '${status}' = 'active' then greatest(certification_expiry_date, '2040-01-01')
             else certification_expiry_date
           end
         where id = any ('{${this.#ids(mentors).join(",")}}');
         perform pg_sleep(${seconds});
       end $$`,
    );
  }

  #kill(worker: number, at: string): void {
    this.blows.push(`killed at ${at}`);
    this.chaosStack.workers[worker]?.kill();
  }

  #press(organisation: number, body: unknown): void {
    const headers = this.stage.coordinators[organisation] ?? {};
    this.#answers.push(
      this.chaosStack.frontDoor.call(body, headers).then((response) => response?.body?.cancel()),
    );
  }

  #nudge(body: unknown, times: number): void {
    const { frontDoor, keys } = this.chaosStack;
    for (let time = 0; time < times; time++) {
      this.#answers.push(
        frontDoor.call(body, { apikey: keys.secretKey })
          .then((response) => response?.body?.cancel()),
      );
    }
  }

  async #requeue(organisation: number): Promise<void> {
    const url = "http://localhost/rest/v1/rpc/requeue_hlf_dead_letters";
    const response = await this.chaosStack.rest(
      new Request(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...this.stage.coordinators[organisation] },
        body: JSON.stringify({ org_id: ORGANISATIONS[organisation] }),
      }),
    );
    // With the database away it is refused, and the coordinator has to press again.
    await response.body?.cancel();
  }

  async #troubleDynamics(step: Step & { kind: "dynamics" }): Promise<void> {
    const { simulator } = this.chaosStack;
    const { trouble, times, mentor } = step;
    const fault = await simulator.addFault(faultRule(trouble, {
      times,
      mentorId: mentor === null ? null : this.#id(mentor),
      now: Date.now(),
    }));
    if (trouble.kind === "late_commit") this.lateCommitFaults.add(fault);
    // Tokens live for an hour; without this nobody would ask for one.
    if (trouble.kind === "token") await simulator.setCredentials({ revokeTokens: true });
  }

  async #troubleAuditLog(trouble: "refuse" | "lock"): Promise<void> {
    const { chaosStack } = this;
    if (trouble === "refuse") {
      await chaosStack.sql(
        `do $$ begin
           alter table public.hlf_sync_audit_log
             add constraint out_of_order check (retry_count < 0) not valid;
         exception when duplicate_object then null; end $$`,
      );
    } else {
      await chaosStack.sql(
        `do $$ begin
           lock table public.hlf_sync_audit_log in exclusive mode; perform pg_sleep(0.4);
         end $$`,
      );
    }
  }

  /** Nudges get lost from now on; whatever else is done goes on, and the watchdog notes why. */
  async #breakOutside(part: "pg_net" | "vault"): Promise<void> {
    const { chaosStack } = this;
    this.blows.push(`outage of ${part}`);
    await chaosStack.sql("update stand_in.faults set is_out_of_order = true where part = $1", [
      part,
    ]);
    for (let look = 0; look < 20; look++) {
      await sweep(chaosStack);
      const alerts = await chaosStack.sql(
        "select from public.hlf_sync_alerts where kind = 'cannot_call' and closed_at is null",
      );
      if (alerts.length > 0) return;
      await pause(50);
    }
    this.untoldOutages.push(part);
  }

  /** Kills the worker whose request Dynamics has just received, before it is answered. */
  async #killAtPatch(moment: Moment): Promise<void> {
    const { simulator } = this.chaosStack;
    const fault = await simulator.addFault({
      match: { target: "patch" },
      answer: { delaySeconds: 0.5, lateCommit: moment === "before" },
    });
    if (moment === "before") this.lateCommitFaults.add(fault);
    const attemptId = await this.#awaitStrike(simulator, fault);
    const worker = this.chaosStack.workers.find((one) => one.attemptIds.has(attemptId ?? ""));
    if (worker !== undefined) this.#kill(worker.index, `patch ${moment}`);
  }

  async #awaitStrike(simulator: SimulatorClient, fault: string): Promise<string | null> {
    let since = 0;
    while (!this.#isOver) {
      for (const request of await simulator.requests({ since })) {
        since = request.sequence;
        if (request.fault === fault) return request.clientRequestId;
      }
      await pause(10);
    }
    return null;
  }
}

const CREDENTIALS: Record<CredentialsTrouble, CredentialsChange> = {
  tokens_revoked: { revokeTokens: true },
  secret_changed: { clientSecret: `${DEFAULT_CLIENT_SECRET}-other`, revokeTokens: true },
  secret_expired: { secretExpired: true, revokeTokens: true },
  app_disabled: { appDisabled: true, revokeTokens: true },
  no_user: { applicationUser: false },
  no_privilege: { privileged: false },
  renewed: {
    clientSecret: DEFAULT_CLIENT_SECRET,
    secretExpired: false,
    appDisabled: false,
    applicationUser: true,
    privileged: true,
  },
};

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
