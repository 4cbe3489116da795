import type postgres from "postgres";
import { allChecks } from "../../../operations/doctor/checks.ts";
import { examine } from "../../../operations/doctor/examine.ts";
import { type CoreMigration, readCoreMigrations } from "../../../operations/core_migrations.ts";
import { openDatabase } from "../../../operations/cli/open_database.ts";
import { dynamicsEnvironment } from "../../../stack/functions/function_environment.ts";
import type { Stack } from "../../../stack/stack_types.ts";

/** What docs/reference/alerts.md calls the doctor's checks, by the beginning of their titles. */
const NAMES: Readonly<Record<string, string>> = {
  "The watchdog looks": "alert",
  "Vault holds": "Vault",
  "The function that the database calls": "project",
  "The database reaches the function": "function",
  "Triggers, policies": "guards",
  "The app's adapter": "adapter",
  "Each job": "jobs",
  "Each step": "steps",
  "The log has its partitions": "partitions",
  "The log of the last thirty days": "seals",
  "The gate": "gate",
  "No message": "messages",
  "The alert webhook": "webhook",
  "The listing table": "table",
  "Every listing": "listings",
};

/** What the doctor finds wrong or cannot check. */
export interface Diagnosis {
  /** The checks by their names, or by their titles where no outage is documented to be seen by them. */
  readonly named: readonly string[];
  readonly text: string;
}

/** The doctor, in this process, with everything at hand that an operator can give it. */
export class OutageDoctor {
  readonly #sql: postgres.Sql;

  private constructor(readonly stack: Stack, readonly migrations: readonly CoreMigration[]) {
    this.#sql = openDatabase(stack.databaseUrl);
  }

  static async call(stack: Stack): Promise<OutageDoctor> {
    return new OutageDoctor(stack, await readCoreMigrations());
  }

  async look(): Promise<Diagnosis> {
    for (let look = 1;; look++) {
      const diagnosis = await this.#examine();
      // pg_net waits five seconds, in which a busy machine may not get to answering.
      if (look === 5 || !diagnosis.text.includes("no answer within 5 seconds")) return diagnosis;
    }
  }

  async #examine(): Promise<Diagnosis> {
    const { stack, migrations } = this;
    const checks = allChecks({
      sql: this.#sql,
      databaseUrl: stack.databaseUrl,
      migrations,
      environment: dynamicsEnvironment(stack),
      args: { testAlert: true },
      now: Date.now,
      waiting: {
        sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
        // What stands still sends nothing, however long one waits.
        ...(stack.pgNet.isPaused && { patienceMilliseconds: 0 }),
      },
    });
    const lines: string[] = [];
    const { wrong, unchecked } = await examine(checks, (line) => lines.push(line));
    return { named: [...wrong, ...unchecked].map(nameOf), text: lines.join("\n") };
  }

  async leave(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }
}

function nameOf(title: string): string {
  return Object.entries(NAMES).find(([beginning]) => title.startsWith(beginning))?.[1] ?? title;
}
