import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, found, type Outcome } from "./finding.ts";
import { rows } from "./rows.ts";

const job = z.object({
  jobname: z.string(),
  command: z.string(),
  problem: z.string().nullable(),
  max_age_minutes: z.coerce.number().nullable(),
  has_succeeded: z.boolean(),
  /** Of the newest run that has ended, if that failed. */
  failure: z.string().nullable(),
});

type Job = z.infer<typeof job>;

const RESCHEDULE = { sql: "select hlf_sync.schedule_jobs()" };
/** So long one can wait for a job to run and look again. */
const SHORT_MINUTES = 15;
const LONGEST_MESSAGE = 120;

const PROBLEMS: Readonly<Record<string, string>> = {
  missing: "is missing",
  inactive: "is switched off",
  changed: "has another schedule or another command than it has to have",
};

/** Whether each job is as it has to be, and was seen to succeed within its time. */
export function jobsCheck(sql: postgres.Sql): Check {
  return check("Each job is scheduled as it has to be, and has succeeded in its time", async () => {
    const jobs = await rows(
      job,
      sql`
        select e.jobname, e.command, stopped.problem, extract(epoch from e.max_age) / 60 as max_age_minutes,
          exists (
            select from cron.job_run_details as d
            where d.command = e.command and d.status = 'succeeded' and d.end_time > now() - e.max_age
          ) as has_succeeded,
          case when newest.status = 'failed' then coalesce(newest.return_message, '') end as failure
        from hlf_sync.jobs() as e
        left join hlf_sync.find_stopped_jobs() as stopped on stopped.jobname = e.jobname
        left join lateral (
          select d.status, d.return_message
          from cron.job_run_details as d
          where d.command = e.command and d.status in ('succeeded', 'failed')
          order by d.end_time desc
          limit 1
        ) as newest on true`,
    );
    if (jobs.length === 0) return { unchecked: ["nothing says which jobs there have to be"] };
    return merge(jobs.map(judgeJob));
  });
}

function judgeJob(job: Job): Outcome {
  const { jobname, problem, failure, has_succeeded, max_age_minutes } = job;
  const known = problem === null ? undefined : PROBLEMS[problem];
  if (known !== undefined) {
    return found(`The cron job ${jobname} ${known}.`, RESCHEDULE);
  }
  if (failure !== null) return describeFailure(job, failure);
  if (problem !== null) {
    return found(`The cron job ${jobname} has not succeeded in ${max_age_minutes} minutes.`, {
      advice: "Restart the database (dashboard, project settings): pg_cron runs nothing. " +
        "select * from cron.job_run_details order by start_time desc limit 20",
    });
  }
  // What runs monthly has no time of its own; another check looks at what it leaves behind.
  if (has_succeeded || max_age_minutes === null) return {};
  return max_age_minutes <= SHORT_MINUTES
    ? { unchecked: [`${jobname} has not run yet; look again in two minutes`] }
    : { unseen: [`${jobname} is not due yet`] };
}

function describeFailure({ jobname, command }: Job, message: string): Outcome {
  const line = message.split("\n", 1)[0]?.trim().slice(0, LONGEST_MESSAGE) || "no reason told";
  // What it says when it is run by hand is its reason in full; once it succeeds, so does the job.
  return found(`The cron job ${jobname} failed when it last ran: ${line}`, { sql: command });
}

/** What several looks gave together. */
function merge(outcomes: readonly Outcome[]): Outcome {
  return {
    findings: outcomes.flatMap(({ findings = [] }) => findings),
    unchecked: outcomes.flatMap(({ unchecked = [] }) => unchecked),
    unseen: outcomes.flatMap(({ unseen = [] }) => unseen),
  };
}
