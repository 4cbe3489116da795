import { Cron } from "croner";
import type { StackDatabase } from "../database/database.ts";

interface Job {
  readonly jobid: number;
  readonly schedule: string;
  readonly command: string;
  readonly database: string;
  readonly username: string;
}

/**
 * When a job is to run first after `since`, or null for a schedule nobody can read. Like pg_cron's, times are in UTC and
 * an interval of seconds counts from the last run.
 * <https://github.com/citusdata/pg_cron#what-is-pg_cron>
 */
export function nextRun(schedule: string, since: Date): Date | null {
  const [, seconds] = schedule.match(/^\s*(\d{1,2})\s+seconds?\s*$/i) ?? [];
  if (seconds !== undefined) return new Date(since.getTime() + Number(seconds) * 1000);
  try {
    return new Cron(schedule, { timezone: "UTC", paused: true }).nextRun(since);
  } catch {
    return null;
  }
}

/** Plays pg_cron's background worker for the stand-in's `cron.job`: runs what has fallen due, one job after another. */
export class CronRunner {
  readonly #database: StackDatabase;
  readonly #now: () => Date;
  readonly #lastRuns = new Map<number, Date>();
  readonly #startedAt: Date;
  #timer: ReturnType<typeof setInterval> | undefined;
  #running: Promise<void> | null = null;

  constructor(options: { database: StackDatabase; now?: () => Date }) {
    this.#database = options.database;
    this.#now = options.now ?? (() => new Date());
    this.#startedAt = this.#now();
  }

  /** Looks once a second from now on. */
  start(): void {
    this.#timer = setInterval(() => {
      // A job that takes long makes the next look late, never doubled.
      this.#running ??= this.runDue().finally(() => {
        this.#running = null;
      });
    }, 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Runs each active job that fell due since it last ran; once, however often it was due. */
  async runDue(): Promise<void> {
    const jobs = await this.#database.query<Job>(
      "select jobid, schedule, command, database, username from cron.job where active order by jobid",
    ).catch((error) => {
      console.error(`The local pg_cron cannot read its jobs: ${messageOf(error)}`);
      return [];
    });
    for (const job of jobs) {
      const now = this.#now();
      const due = nextRun(job.schedule, this.#lastRuns.get(job.jobid) ?? this.#startedAt);
      if (due === null || due > now) continue;
      this.#lastRuns.set(job.jobid, now);
      await this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    const startedAt = this.#now();
    let failure: string | null = null;
    try {
      await this.#database.run(job.command);
    } catch (error) {
      failure = messageOf(error);
      console.error(`The cron job ${job.jobid} failed: ${failure}`);
    }
    await this.#database.query(
      `insert into cron.job_run_details
        (jobid, job_pid, database, username, command, status, return_message, start_time, end_time)
      values ($1, pg_backend_pid(), $2, $3, $4, $5, $6, $7::text::timestamptz, $8::text::timestamptz)`,
      [
        job.jobid,
        job.database,
        job.username,
        job.command,
        failure === null ? "succeeded" : "failed",
        failure ?? "1 row",
        startedAt.toISOString(),
        this.#now().toISOString(),
      ],
    ).catch((error) => {
      console.error(`The local pg_cron cannot note a run: ${messageOf(error)}`);
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
