import type postgres from "postgres";
import type { CoreMigration } from "../core_migrations.ts";
import { adapterCheck } from "./adapter_check.ts";
import { alertsCheck, gateCheck, messagesCheck } from "./alerts_check.ts";
import { clockCheck } from "./clock_check.ts";
import type { DoctorArguments } from "./arguments.ts";
import { dynamicsChecks } from "./dynamics_checks.ts";
import type { Check } from "./finding.ts";
import { functionCheck } from "./function_check.ts";
import { guardsCheck } from "./guards_check.ts";
import { jobsCheck } from "./jobs_check.ts";
import { partitionsCheck, sealsCheck } from "./log_checks.ts";
import { nightsCheck } from "./nights_check.ts";
import type { Waiting } from "./pg_net.ts";
import { privilegesCheck } from "./privileges_check.ts";
import { projectCheck } from "./project_check.ts";
import { secretsCheck } from "./secrets_check.ts";
import { stepsCheck } from "./steps_check.ts";
import { versionCheck } from "./version_check.ts";
import { webhookCheck } from "./webhook_check.ts";

/** What the doctor looks at with. */
interface Examination {
  /** Connected as the owner of the database. */
  readonly sql: postgres.Sql;
  readonly databaseUrl: string;
  /** Of this release. */
  readonly migrations: readonly CoreMigration[];
  readonly environment: Readonly<Record<string, string>>;
  readonly args: DoctorArguments;
  readonly waiting: Waiting;
  /** Milliseconds since 1970, by this machine. */
  readonly now: () => number;
}

/** Everything that the doctor looks at, what others depend on first. */
export function allChecks(
  { sql, databaseUrl, migrations, environment, args, waiting, now }: Examination,
): Check[] {
  return [
    versionCheck(sql),
    adapterCheck(sql),
    privilegesCheck(sql),
    guardsCheck(sql, migrations),
    secretsCheck(sql),
    projectCheck(sql, databaseUrl),
    functionCheck(sql, waiting),
    jobsCheck(sql),
    stepsCheck(sql),
    nightsCheck(sql),
    partitionsCheck(sql),
    sealsCheck(sql),
    clockCheck(sql, now),
    gateCheck(sql),
    alertsCheck(sql),
    messagesCheck(sql),
    webhookCheck(sql, { isAskedFor: args.testAlert, waiting }),
    ...dynamicsChecks(environment),
  ];
}
