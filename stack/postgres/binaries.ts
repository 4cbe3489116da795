import { dirname } from "node:path";
import { StackError } from "../machine/errors.ts";
import { copyNpmPostgres } from "./npm_postgres.ts";

/** Where a PostgreSQL installation keeps its server programs. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Whether pg_cron can be loaded. */
  readonly hasPgCron: boolean;
}

/** Debian keeps a version's programs out of the PATH. */
const DEBIAN_ROOT = "/usr/lib/postgresql";

/**
 * The server programs that `HLF_POSTGRES` asks for: `installed` ones, those of `npm`, or when it says nothing the
 * installed ones if there are any.
 *
 * @param directory Where npm's are copied to.
 * @throws {StackError} `missing_program`, `bad_setting`
 */
export async function choosePostgresBinaries(
  directory: string,
  wanted = Deno.env.get("HLF_POSTGRES") ?? "",
): Promise<PostgresBinaries> {
  if (!["", "installed", "npm"].includes(wanted)) {
    throw new StackError(`HLF_POSTGRES must be installed or npm, not "${wanted}"`, "bad_setting");
  }
  const installed = wanted === "npm" ? null : await findPostgresBinaries();
  if (installed !== null) return installed;
  if (wanted !== "installed") return await copyNpmPostgres(directory);
  throw new StackError(
    `PostgreSQL's server programs are in neither the PATH nor ${DEBIAN_ROOT}; on Debian: ` +
      "apt-get install postgresql postgresql-15-cron postgresql-15-pgtap postgresql-15-plpgsql-check",
    "missing_program",
  );
}

/** Finds installed server programs in the PATH, or the newest version where Debian's packages put them. */
export async function findPostgresBinaries(
  path = Deno.env.get("PATH") ?? "",
  debianRoot = DEBIAN_ROOT,
): Promise<PostgresBinaries | null> {
  const directories = [...path.split(":"), ...await debianDirectories(debianRoot)];
  for (const directory of directories) {
    if (directory === "" || !await isFile(`${directory}/initdb`)) continue;
    // A link in the PATH says nothing of the libraries, which lie beside the programs themselves.
    const bin = dirname(await Deno.realPath(`${directory}/initdb`));
    if (!await isFile(`${bin}/postgres`)) continue;
    const libraries = [`${bin}/../lib/pg_cron.so`, `${bin}/../lib/postgresql/pg_cron.so`];
    const found = await Promise.all(libraries.map(isFile));
    return {
      initdb: `${bin}/initdb`,
      postgres: `${bin}/postgres`,
      hasPgCron: found.includes(true),
    };
  }
  return null;
}

async function debianDirectories(root: string): Promise<string[]> {
  try {
    const versions: number[] = [];
    for await (const entry of Deno.readDir(root)) versions.push(Number(entry.name));
    return versions.filter(Number.isFinite).sort((a, b) => b - a).map((v) => `${root}/${v}/bin`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
