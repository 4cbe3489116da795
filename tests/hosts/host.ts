import { type AdapterChoice, type CoreFiles, readCore } from "../../operations/adopt/core_files.ts";
import { CONTRACT_TEST, TESTS } from "../../operations/adopt/host_files.ts";
import { SUPABASE_CLI } from "../../tasks/supabase_cli.ts";
import { onServer, runPgTapFile } from "../../tasks/pgtap_file.ts";
import type { TapResult } from "../../tasks/tap.ts";
import { addTotals } from "../../tasks/totals.ts";
import type { StackApp } from "../../stack/database/bundled_app.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { readSqlFiles } from "../../stack/machine/sql_files.ts";
import { runShell } from "../postgres/cli_dump.ts";

/** One thing that happens in an app, and what has to come of it. */
interface Happening {
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
  readonly certifications: "with" | "without";
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
  return projectPath(`tests/hosts/${name}/${file}`);
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
  const sql = await Deno.readTextFile(`${folder}/${CONTRACT_TEST}`);
  return await runPgTapFile(onServer(databaseUrl), sql);
}

/**
 * Runs hlf-sync's own tests that lie in a host's folder, as `supabase test db` does: in the order of their names.
 *
 * @param only Names of files, without those that make and drop what all of them need; all if left out.
 */
export async function testCore(
  folder: string,
  databaseUrl: string,
  only?: readonly string[],
): Promise<TapResult> {
  const files = await readSqlFiles(`${folder}/${TESTS}`);
  const isWanted = (name: string) =>
    only === undefined || only.includes(name) || /_(create|drop)_/.test(name);
  const results: TapResult[] = [];
  for (const { name, sql } of files.filter(({ name }) => isWanted(name))) {
    const { passed, failed, problems } = await runPgTapFile(onServer(databaseUrl), sql);
    results.push({ passed, failed, problems: problems.map((problem) => `${name} ${problem}`) });
  }
  return { ...addTotals(results), problems: results.flatMap(({ problems }) => problems) };
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

/** What may be broken in an app, and the files of hlf-sync's tests that find it. */
export const BROKEN: readonly {
  readonly sql: string;
  readonly mended: string;
  readonly files: readonly string[];
}[] = [
  {
    sql: "drop trigger refuse_change on hlf_sync.audit_log_2027",
    mended: "select hlf_sync.make_append_only('hlf_sync.audit_log_2027')",
    files: ["120_audit_log_immutable.sql", "610_personas.sql"],
  },
  {
    sql: "alter table public.hlf_sync_state disable row level security",
    mended: "alter table public.hlf_sync_state enable row level security",
    files: ["610_personas.sql", "905_privileges.sql"],
  },
  {
    sql: "grant execute on function public.claim_hlf_sync_attempts to authenticated",
    mended: "select hlf_sync.restore_privileges()",
    files: ["695_functions.sql"],
  },
];

/** Tests that look at the module on certifications where it is there. */
export const WITH_CERTIFICATIONS: readonly string[] = [
  "400_certifications.sql",
  "435_pause.sql",
  "610_personas.sql",
  "905_privileges.sql",
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
