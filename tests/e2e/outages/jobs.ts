import { nextRun } from "../../../stack/background/cron_runner.ts";
import type { Stack } from "../../../stack/stack_types.ts";

interface Job {
  readonly jobid: number;
  readonly schedule: string;
  readonly command: string;
}

/** What is in the way of the jobs. */
export interface JobFaults {
  /** pg_cron's launcher has died. */
  isCronDead: boolean;
  /** The database refuses every write, as with a full disk. */
  isReadOnly: boolean;
}

/** Does what pg_cron does in one minute that ends at `until`: runs what is due, and notes how it went. */
export async function runJobs(stack: Stack, until: Date, faults: JobFaults): Promise<void> {
  if (faults.isCronDead) return;
  const since = new Date(until.getTime() - 60_000);
  const jobs = await stack.sql<Job>(
    // pg_cron starts both of a minute at once, so nothing is to depend on the sweep being the first.
    `select jobid, schedule, command from cron.job where active
    order by jobname <> 'hlf_sync_watchdog', jobid`,
  );
  for (const job of jobs) {
    const due = nextRun(job.schedule, since);
    if (due !== null && due <= until) await runJob(stack, job, faults);
  }
}

async function runJob(stack: Stack, job: Job, faults: JobFaults): Promise<void> {
  const readOnly = "select set_config('transaction_read_only', 'on', true); ";
  try {
    await stack.run(`${faults.isReadOnly ? readOnly : ""}${job.command}`);
  } catch {
    // pg_cron notes the failure, and tells nobody.
    return;
  }
  if (faults.isReadOnly) return;
  await stack.sql(
    `insert into cron.job_run_details
      (jobid, runid, job_pid, database, username, command, status, start_time, end_time)
    select $1, coalesce(max(d.runid), 0) + 1, pg_backend_pid(), current_database(), current_user, $2, 'succeeded',
      clock_timestamp(), clock_timestamp()
    from cron.job_run_details as d`,
    [job.jobid, job.command],
  );
}
