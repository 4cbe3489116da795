import postgres from "postgres";
import {
  type AdapterChoice,
  type CoreFiles,
  readCore,
} from "../../../operations/adopt/core_files.ts";
import { SUPABASE_CLI } from "../../commands/supabase_cli.ts";
import { readTap, type TapResult } from "../../commands/tap.ts";
import type { StackApp } from "../../stack/bundled_app.ts";
import { projectPath } from "../../stack/project_path.ts";
import { runShell } from "../cli_dump.ts";

/** One thing that happens in an app, and what has to come of it. */
export interface Happening {
  readonly title: string;
  /** What the app does, as its own owner. */
  readonly sql: string;
  /** Code of the mentor whom it concerns. */
  readonly mentor: string;
  readonly isShown: boolean;
  /** The `triggered_by_event` in the log. */
  readonly event: string;
}

/** An app that hlf-sync is put into. */
export interface Host {
  readonly adapter: AdapterChoice;
  readonly withoutCertifications: boolean;
  readonly app: StackApp;
  readonly happenings: readonly Happening[];
  /** Each hides a1 by nothing but the date: `before` is written the day before, `after` has the day come. */
  readonly dates: readonly {
    readonly before: string;
    readonly after: string;
    readonly event: string;
  }[];
  /** Shows a1 again after the last of them. */
  readonly renewal: string;
  /** Makes whoever coordinates organisation b a coordinator of all; left out where the token alone says it. */
  readonly everywhere?: string;
  /** Tables that decide who is shown. */
  readonly decidingTables: readonly string[];
}

/** Path of a file of a host's in this repository. */
export function hostPath(name: string, file: string): string {
  return projectPath(`local/postgres/hosts/${name}/${file}`);
}

/** A host's folder on its own, as a team has it; `migrations` in place of those in this repository. */
export async function copyHost(
  name: string,
  migrations?: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/supabase/migrations`, { recursive: true });
  await Deno.writeTextFile(`${folder}/supabase/config.toml`, `project_id = "${name}"\n`);
  for (const [file, sql] of Object.entries(migrations ?? await readMigrations(name))) {
    await Deno.writeTextFile(`${folder}/supabase/migrations/${file}`, sql);
  }
  return folder;
}

async function readMigrations(name: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const file of Deno.readDir(hostPath(name, "migrations"))) {
    found[file.name] = await Deno.readTextFile(hostPath(name, `migrations/${file.name}`));
  }
  return found;
}

/** Pushes a host's migrations as its team does. */
export async function push(folder: string, databaseUrl: string): Promise<void> {
  await runShell(`npx ${SUPABASE_CLI} db push --remote="$URL"`, { URL: databaseUrl }, folder);
}

/** Runs the contract test that lies in a host's folder. */
export async function testContract(folder: string, databaseUrl: string): Promise<TapResult> {
  const sql = await Deno.readTextFile(`${folder}/supabase/tests/database/hlf_sync_contract.sql`);
  const session = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const results: unknown[] = await session.unsafe(sql).values();
    return readTap(results.flat().map((row) => Array.isArray(row) ? String(row[0]) : ""));
  } finally {
    await session.end({ timeout: 5 });
  }
}

/** Adapters that are wrong, and what the contract test calls it. */
export const WRONG_ADAPTERS: readonly { readonly sql: string; readonly test: string }[] = [
  {
    sql: `create or replace function hlf_sync.is_hlf_administrator() returns boolean
      language sql stable security definer set search_path = '' as 'select true'`,
    test: "Without claims nobody coordinates anything",
  },
  {
    sql: `create or replace function hlf_sync.is_hlf_administrator() returns boolean
      language sql stable security definer set search_path = '' as 'select auth.uid() is not null'`,
    test: "A stranger coordinates nothing",
  },
  {
    sql: `create or replace function hlf_sync.coordinated_organisation_ids() returns setof uuid
      language sql stable security definer set search_path = ''
      as 'select o.organisation_id from hlf_sync.organisations as o where auth.uid() is not null'`,
    test: "A stranger coordinates nothing",
  },
  {
    sql: `create or replace view hlf_sync.mentors as
      select m.id as mentor_id, m.organization_id as organisation_id, false as is_shown, m.status as reason, null::text as name
      from public.mentor_profiles as m`,
    test: "the reason is active if and only if the mentor is shown",
  },
  {
    sql: `create or replace view hlf_sync.mentors as
      select m.id as mentor_id, null::uuid as organisation_id, false as is_shown, null as reason, null::text as name
      from public.mentor_profiles as m cross join generate_series(1, 2)`,
    test: "nothing but a name is null",
  },
  {
    sql: `create or replace view hlf_sync.organisations as
      select o.id as organisation_id, o.name from public.organizations as o where false`,
    test: "every organisation is one of organisations",
  },
  {
    sql: "grant select (mentor_id) on hlf_sync.mentors to authenticated",
    test: "The views are read by hlf-sync alone",
  },
  {
    sql: "grant execute on function hlf_sync.mentors_changed to authenticated",
    test: "No function in the schema can be called but through one that is meant for it",
  },
  {
    sql: `create function public.is_well(uuid) returns boolean language sql stable as 'select true';
      create or replace view hlf_sync.mentors as
      select m.id as mentor_id, m.organization_id as organisation_id, public.is_well(m.id) as is_shown, 'active' as reason, null::text as name
      from public.mentor_profiles as m`,
    test: "No function decides by tables that cannot be seen",
  },
  {
    sql: "insert into hlf_sync.silent_sources values ('public.nowhere', 'gone')",
    test: "What is listed as silent is there",
  },
];

/** A later release: claim and settle are replaced, as a migration of its own. */
export async function readLaterCore(core: CoreFiles, adapter: AdapterChoice): Promise<CoreFiles> {
  const { migrations } = await readCore(adapter, core.functionBundle);
  const replaced = migrations
    .filter(({ name }) => /^(claim|settle)_hlf_sync_attempts$/.test(name))
    .map(({ sql }) => sql.replaceAll(/^create function/gm, "create or replace function"));
  return {
    ...core,
    migrations: [
      ...core.migrations,
      {
        name: "claim_and_settle_otherwise",
        sql: `${replaced.join("\n")}\nselect hlf_sync.restore_privileges();\n`,
      },
    ],
    functionBundle: `${core.functionBundle}\n// Later.\n`,
  };
}
