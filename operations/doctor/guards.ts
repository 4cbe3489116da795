import type { CoreMigration } from "../core_migrations.ts";

/** Something that keeps a table from being read or written as it must not be. */
export interface Guard {
  /** With its schema. */
  readonly table: string;
  /** A trigger's or a policy's name; null for row level security itself. */
  readonly name: string | null;
  readonly kind: "trigger" | "policy" | "security";
  /** A trigger that `session_replication_role` does not silence, or security that holds for the owner, too. */
  readonly isAlways: boolean;
  /** Makes it where it is missing. */
  readonly statement: string;
}

const TRIGGER = /^create trigger (\w+)\s[^;]*?\son ([a-z_.0-9]+)[^;]*;/gim;
const POLICY = /^create policy "([^"]+)"\s+on ([a-z_.0-9]+)[^;]*;/gim;
const SECURITY = /^alter table ([a-z_.0-9]+) enable row level security;/gim;
const APPEND_ONLY = /^select hlf_sync\.make_append_only\('([a-z_.0-9]+)'\);/gim;

/** All triggers, policies and row level security that the migrations set up. */
export function guards(migrations: readonly CoreMigration[]): Guard[] {
  const sql = migrations.map((migration) => migration.sql).join("\n");
  const isAlways = (table: string, trigger: string) =>
    sql.includes(`alter table ${table} enable always trigger ${trigger};`);
  const isForced = (table: string) =>
    sql.includes(`alter table ${table} force row level security;`);
  return [
    ...[...sql.matchAll(TRIGGER)].map(([statement, name = "", table = ""]): Guard => ({
      kind: "trigger",
      table,
      name,
      isAlways: isAlways(table, name),
      statement: oneLine(statement),
    })),
    ...[...sql.matchAll(APPEND_ONLY)].map(([statement, table = ""]): Guard => ({
      kind: "trigger",
      table,
      name: "refuse_change",
      isAlways: true,
      statement: oneLine(statement),
    })),
    ...[...sql.matchAll(SECURITY)].map(([statement, table = ""]): Guard => ({
      kind: "security",
      table,
      name: null,
      isAlways: isForced(table),
      statement: oneLine(statement),
    })),
    ...[...sql.matchAll(POLICY)].map(([statement, name = "", table = ""]): Guard => ({
      kind: "policy",
      table,
      name,
      isAlways: false,
      statement: oneLine(statement),
    })),
  ];
}

function oneLine(statement: string): string {
  return statement.replaceAll(/\s*\n\s*/g, " ").trim();
}
