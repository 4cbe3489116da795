import { dirname } from "node:path";
import { findPostgresBinaries } from "../stack/postgres/binaries.ts";
import { StackError } from "../stack/machine/errors.ts";
import { projectPath } from "../stack/machine/project_path.ts";

/** Where the whole current database lies, for people to read. */
export const SCHEMA_PATH = projectPath("supabase/schema.sql");

/** Other versions put views and constraints in other words. */
const VERSION = 15;

const HEAD =
  `-- The whole current database, generated from the migrations by \`deno task schema\`: to read, never to apply. The yearly
-- partitions of the log, which hlf_sync.create_audit_log_partition makes, are left out.`;

/**
 * The schemas `public` and `hlf_sync` of a database, the same on every machine.
 * <https://www.postgresql.org/docs/15/app-pgdump.html>
 *
 * @throws {StackError} `missing_program` without PostgreSQL 15; `server_failed` with what pg_dump said
 */
export async function generateSchema(databaseUrl: string): Promise<string> {
  const installed = await findPostgresBinaries();
  const program = `${dirname(installed?.postgres ?? "")}/pg_dump`;
  const version = installed === null ? "" : await run(program, ["--version"]);
  if (!version.startsWith(`pg_dump (PostgreSQL) ${VERSION}.`)) {
    throw new StackError(
      `The schema is written by PostgreSQL ${VERSION}'s pg_dump; on Debian: apt-get install postgresql-${VERSION}`,
      "missing_program",
    );
  }
  return tidyDump(
    await run(program, [
      "--schema-only",
      "--no-owner",
      "--schema=public",
      "--schema=hlf_sync",
      "--exclude-table=hlf_sync.audit_log_*",
      databaseUrl,
    ]),
  );
}

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  "Schemas and types": ["SCHEMA", "TYPE"],
  "Tables": ["TABLE"],
  "Keys": ["CONSTRAINT", "FK CONSTRAINT"],
  "Indexes": ["INDEX"],
  "Views": ["VIEW"],
  "Functions": ["FUNCTION"],
  "Triggers": ["TRIGGER"],
  "Row level security": ["ROW SECURITY", "POLICY"],
  "Privileges": ["ACL"],
};

/** Brings a dump into sections, without what differs by machine: versions, keys and settings. */
export function tidyDump(dump: string): string {
  const sections = new Map(Object.keys(SECTIONS).map((title) => [title, [] as string[]]));
  let current: string[] | undefined;
  const [, ...objects] = withoutSettings(dump).split(/^--\n-- Name: /m);
  for (const object of objects) {
    const [, type = "", statements = ""] =
      /^(?:.*?); Type: (.*?); Schema: .*\n--\n([^]*)/.exec(object) ?? [];
    // A comment is written after what it is about.
    if (type !== "COMMENT") current = sections.get(sectionOf(type));
    if (statements.trim() !== "") current?.push(statements.trim());
  }
  const filled = [...sections].filter(([, statements]) => statements.length > 0);
  return [HEAD, ...filled.map(([title, all]) => `-- ${title}\n\n${all.join("\n\n")}`)]
    .join("\n\n") + "\n";
}

function sectionOf(type: string): string {
  const section = Object.entries(SECTIONS).find(([, types]) => types.includes(type));
  if (section !== undefined) return section[0];
  throw new StackError(`The schema has no section for a ${type}`, "server_failed");
}

function withoutSettings(dump: string): string {
  const settings = [
    /^\\(?:un)?restrict .*\n/gm,
    /^SET \w+ = .*\n/gm,
    /^CREATE SCHEMA public;\n/gm,
    /^COMMENT ON SCHEMA public IS .*\n/gm,
    /^--\n-- PostgreSQL database dump complete\n--\n/gm,
  ];
  return settings.reduce((text, pattern) => text.replaceAll(pattern, ""), dump);
}

async function run(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    env: { LC_ALL: "C.UTF-8" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new StackError(`Cannot dump the schema: ${reason}`, "server_failed");
}
