import { FUNCTION_FILE } from "./function_config.ts";

/** What an app has already of all that adopting looks at. Paths are from the app's folder. */
export interface HostFiles {
  /** In the order in which they are applied. */
  readonly migrations: readonly { readonly name: string; readonly sql: string }[];
  /** Null where there is none. */
  readonly config: string | null;
  readonly functionBundle: string | null;
  /** What else is in the function's folder. */
  readonly otherFunctionFiles: readonly string[];
  /** The contract test, and what is in the folder of hlf-sync's own tests, by their paths. */
  readonly tests: ReadonlyMap<string, string>;
  /** Whether its schema is declared, and migrations are made from that. */
  readonly declaresSchema: boolean;
}

export const MIGRATIONS = "supabase/migrations";
export const CONFIG = "supabase/config.toml";
export const FUNCTION_BUNDLE = `supabase/${FUNCTION_FILE}`;
export const CONTRACT_TEST = "supabase/tests/database/hlf_sync_contract.sql";
/** A folder of their own: they run one after another, the first makes what the others need, and the last takes it away. */
export const TESTS = "supabase/tests/hlf_sync";

const FUNCTION_FOLDER = FUNCTION_BUNDLE.slice(0, FUNCTION_BUNDLE.lastIndexOf("/"));

/** Reads an app's folder; what is missing there is null or empty. */
export async function readHost(folder: string): Promise<HostFiles> {
  const read = (path: string) => Deno.readTextFile(`${folder}/${path}`).catch(nullIfMissing);
  const names = (await listFolder(`${folder}/${MIGRATIONS}`))
    .filter((name) => /^\d+_.*\.sql$/.test(name)).sort();
  return {
    migrations: await Promise.all(names.map(async (name) => ({
      name,
      sql: await Deno.readTextFile(`${folder}/${MIGRATIONS}/${name}`),
    }))),
    config: await read(CONFIG),
    functionBundle: await read(FUNCTION_BUNDLE),
    otherFunctionFiles: (await listFolder(`${folder}/${FUNCTION_FOLDER}`))
      .filter((name) => `${FUNCTION_FOLDER}/${name}` !== FUNCTION_BUNDLE).sort(),
    tests: await readTests(folder),
    declaresSchema: (await listFolder(`${folder}/supabase/schemas`)).length > 0,
  };
}

async function readTests(folder: string): Promise<Map<string, string>> {
  const tests = new Map<string, string>();
  const names = (await listFolder(`${folder}/${TESTS}`)).filter((name) => name.endsWith(".sql"));
  for (const path of [CONTRACT_TEST, ...names.sort().map((name) => `${TESTS}/${name}`)]) {
    const text = await Deno.readTextFile(`${folder}/${path}`).catch(nullIfMissing);
    if (text !== null) tests.set(path, text);
  }
  return tests;
}

/** Names in a folder, none where it is missing; hidden ones, such as a local `.env`, are nobody's business. */
async function listFolder(folder: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(folder)) if (!name.startsWith(".")) names.push(name);
    return names;
  } catch (error) {
    return nullIfMissing(error) ?? [];
  }
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Deno.errors.NotFound) return null;
  throw error;
}
