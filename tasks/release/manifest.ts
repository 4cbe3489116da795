import { createHash } from "node:crypto";
import { z } from "zod";
import { projectPath } from "../../stack/machine/project_path.ts";
import { readSqlFiles, type SqlFile } from "../../stack/machine/sql_files.ts";
import { StackError } from "../../stack/machine/errors.ts";
import { readFrozenNames } from "./frozen_names.ts";

const PATH = projectPath("supabase/released.json");

const manifest = z.object({
  migrations: z.record(z.string(), z.object({ release: z.string(), sha256: z.string() })),
  names: z.record(z.string(), z.string()),
});

/** What was released: each migration with its digest, and each name that is promised to stay, with its first release. */
type Manifest = z.infer<typeof manifest>;

export async function readManifest(): Promise<Manifest> {
  return manifest.parse(JSON.parse(await Deno.readTextFile(PATH)));
}

const digest = (sql: string) =>
  createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex");

/** What of a manifest no longer holds, in sentences. */
export function findBroken(
  { migrations, names }: Manifest,
  files: readonly SqlFile[],
  namesNow: readonly string[],
): string[] {
  const now = new Map(files.map(({ name, sql }) => [name, digest(sql)]));
  const last = Object.keys(migrations).sort().at(-1) ?? "";
  return [
    ...Object.entries(migrations).filter(([name, { sha256 }]) => now.get(name) !== sha256)
      .map(([name, { release }]) =>
        `${name} was released with ${release} and ${now.has(name) ? "has changed" : "is gone"}`
      ),
    ...files.filter(({ name }) => name < last && !(name in migrations))
      .map(({ name }) => `${name} is new and comes before ${last}, which is released`),
    ...Object.entries(names).filter(([name]) => !namesNow.includes(name))
      .map(([name, release]) => `${name} is promised since ${release} and is gone`),
  ];
}

/** The files and names that a manifest is about, as they are now. */
export async function readCurrent(): Promise<[SqlFile[], string[]]> {
  return [await readSqlFiles(projectPath("supabase/migrations")), await readFrozenNames()];
}

/** Adds what is not in it yet; what a release has of its own may be noted again until the next one. */
export function addRelease(
  former: Manifest,
  release: string,
  files: readonly SqlFile[],
  names: readonly string[],
): Manifest {
  const kept: Manifest = {
    migrations: Object.fromEntries(
      Object.entries(former.migrations).filter(([, entry]) => entry.release !== release),
    ),
    names: Object.fromEntries(
      Object.entries(former.names).filter(([, since]) => since !== release),
    ),
  };
  const broken = findBroken(kept, files, names);
  if (broken.length > 0) {
    throw new StackError(["Nothing was written:", ...broken].join("\n- "), "server_failed");
  }
  return {
    migrations: Object.fromEntries(
      files.map((
        { name, sql },
      ) => [name, kept.migrations[name] ?? { release, sha256: digest(sql) }]),
    ),
    names: Object.fromEntries(names.map((name) => [name, kept.names[name] ?? release])),
  };
}

export async function writeManifest(written: Manifest): Promise<void> {
  await Deno.writeTextFile(PATH, `${JSON.stringify(written, null, 2)}\n`);
}
