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

const TRIGGER = /^create trigger (?<name>\w+)\s[^;]*?\son (?<table>[a-z_.0-9]+)[^;]*;/gim;
const POLICY = /^create policy "(?<name>[^"]+)"\s+on (?<table>[a-z_.0-9]+)[^;]*;/gim;
const SECURITY = /^alter table (?<table>[a-z_.0-9]+) enable row level security;/gim;
const APPEND_ONLY = /^select hlf_sync\.make_append_only\('(?<table>[a-z_.0-9]+)'\);/gim;

/** All triggers, policies and row level security that the migrations set up. */
export function guards(migrations: readonly CoreMigration[]): Guard[] {
  const sql = migrations.map((migration) => migration.sql).join("\n");
  const isAlways = (table: string, trigger: string) =>
    sql.includes(`alter table ${table} enable always trigger ${trigger};`);
  const isForced = (table: string) =>
    sql.includes(`alter table ${table} force row level security;`);
  const find = (
    pattern: RegExp,
    more: (table: string, name: string) => Pick<Guard, "kind" | "name" | "isAlways">,
  ): Guard[] =>
    [...sql.matchAll(pattern)].map(({ 0: statement, groups: { table = "", name = "" } = {} }) => ({
      table,
      ...more(table, name),
      statement: oneLine(statement),
    }));
  return [
    ...find(TRIGGER, (table, name) => ({ kind: "trigger", name, isAlways: isAlways(table, name) })),
    ...find(APPEND_ONLY, () => ({ kind: "trigger", name: "refuse_change", isAlways: true })),
    ...find(SECURITY, (table) => ({ kind: "security", name: null, isAlways: isForced(table) })),
    ...find(POLICY, (_, name) => ({ kind: "policy", name, isAlways: false })),
  ];
}

function oneLine(statement: string): string {
  return statement.replaceAll(/\s*\n\s*/g, " ").trim();
}
