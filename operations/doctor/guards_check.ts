import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, type Finding } from "./finding.ts";
import { CERTIFICATIONS, type CoreMigration } from "../core_migrations.ts";
import { type Guard, guards } from "./guards.ts";
import { rows } from "./rows.ts";

const found = z.object({
  kind: z.enum(["trigger", "policy", "security"]),
  table: z.string(),
  name: z.string().nullable(),
  is_on: z.boolean(),
  is_always: z.boolean(),
});

type Found = z.infer<typeof found>;

/** Compares what guards the tables with what the migrations set up. */
export function guardsCheck(sql: postgres.Sql, migrations: readonly CoreMigration[]): Check {
  return check("Triggers, policies and row level security are there and switched on", async () => {
    const there = await rows(
      found,
      sql`
        select 'trigger' as kind, format('%s.%s', n.nspname, c.relname) as table, t.tgname as name,
          t.tgenabled in ('O', 'A') as is_on, t.tgenabled = 'A' as is_always
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('public', 'hlf_sync') and not t.tgisinternal
        union all
        select 'policy', format('%s.%s', schemaname, tablename), policyname, true, false
        from pg_policies where schemaname in ('public', 'hlf_sync')
        union all
        select 'security', format('%s.%s', n.nspname, c.relname), null, c.relrowsecurity, c.relforcerowsecurity
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname in ('public', 'hlf_sync') and c.relkind in ('r', 'p')`,
    );
    const tables = new Set(there.map(({ table }) => table));
    const hasCertifications = tables.has("public.hlf_certification_policies");
    const fromMigrations = guards(
      migrations.filter(({ name }) => name !== CERTIFICATIONS || hasCertifications),
    );
    const wanted = [...fromMigrations, ...partitionGuards(fromMigrations, there)];
    const gone = [...new Set(wanted.map(({ table }) => table))].filter((table) =>
      !tables.has(table)
    );
    return {
      findings: [
        ...wanted.filter(({ table }) => tables.has(table))
          .map((guard) => compare(guard, there.find((one) => isSame(one, guard))))
          .filter((finding) => finding !== null),
        ...addedPolicies(wanted, there),
      ],
      unchecked: gone.map((table) => `the table ${table} is not there`),
    };
  });
}

const PARTITION = /^hlf_sync\.audit_log_\d{4}$/;

/** Each year's partition refuses changes by itself, also when it has left the log, and has the log's triggers for rows. */
function partitionGuards(fromMigrations: readonly Guard[], there: readonly Found[]): Guard[] {
  return there.filter(({ table }) => PARTITION.test(table)).flatMap(
    ({ kind, table, name }): Guard[] => {
      if (kind === "security") {
        const statement = `select hlf_sync.make_append_only('${table}');`;
        return [{ kind: "trigger", table, name: "refuse_change", isAlways: true, statement }];
      }
      const inherited = fromMigrations.find((guard) =>
        guard.kind === "trigger" && guard.table === "public.hlf_sync_audit_log" &&
        guard.name === name
      );
      return kind === "trigger" && inherited !== undefined && name !== "refuse_change"
        ? [{ ...inherited, table }]
        : [];
    },
  );
}

function isSame(one: Found, guard: Guard): boolean {
  return one.kind === guard.kind && one.table === guard.table && one.name === guard.name;
}

function compare(guard: Guard, there: Found | undefined): Finding | null {
  const { kind, table, name, isAlways } = guard;
  if (there?.is_on === true && (there.is_always || !isAlways)) return null;
  if (kind === "security") {
    return {
      problem: `Row level security of ${table} is not enabled${isAlways ? " and forced" : ""}.`,
      remedy: {
        sql: `alter table ${table} enable row level security${
          isAlways ? ", force row level security" : ""
        }`,
      },
    };
  }
  if (there === undefined) {
    return {
      problem: `${table} has no ${kind} "${name}".`,
      remedy: { sql: withoutEnd(guard.statement) + enabling(guard) },
    };
  }
  return {
    problem: `The trigger "${name}" of ${table} is ${
      there.is_on ? "silenced by session_replication_role" : "switched off"
    }.`,
    remedy: { sql: `alter table ${table} enable ${isAlways ? "always " : ""}trigger ${name}` },
  };
}

/** What a trigger needs after it was made; `make_append_only` sees to it itself. */
function enabling({ kind, isAlways, statement, table, name }: Guard): string {
  return kind === "trigger" && isAlways && statement.startsWith("create")
    ? `; alter table ${table} enable always trigger ${name}`
    : "";
}

/** Policies are permissive: one more shows more. */
function addedPolicies(wanted: readonly Guard[], there: readonly Found[]): Finding[] {
  return there
    .filter((one) =>
      one.kind === "policy" && /^public\.hlf_/.test(one.table) &&
      !wanted.some((guard) => isSame(one, guard))
    )
    .map(({ table, name }) => ({
      problem: `${table} has a policy "${name}", which no migration makes.`,
      remedy: { sql: `drop policy "${name?.replaceAll('"', '""')}" on ${table}` },
    }));
}

function withoutEnd(statement: string): string {
  return statement.replace(/;$/, "");
}
