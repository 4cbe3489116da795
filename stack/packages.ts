import { bundleFunction } from "./functions/bundle.ts";
import { type Fetching, runFetching } from "./machine/run_fetching.ts";

/** Tells processes that are started afterwards that the programs are prepared. */
export const PREPARED = "HLF_PROGRAMS_ARE_PREPARED";

let preparing: Promise<void> | undefined;

/**
 * Fetches what is missing of the packages in the project's lock file, and bundles the function: everything that the
 * processes of a stack are started from. Once in a process, and once for all tests of a task; with a full cache it takes a second.
 *
 * @throws {StackError} `packages_missing`
 */
export function preparePrograms(fetching: Fetching): Promise<void> {
  preparing ??= arePrepared() ? Promise.resolve() : prepare(fetching);
  return preparing;
}

/** Whether whoever started this process has done it: each file of tests would do it anew. */
function arePrepared(): boolean {
  return Deno.env.get(PREPARED) === "1";
}

async function prepare(fetching: Fetching): Promise<void> {
  await fetchPackages(fetching);
  await bundleFunction(fetching);
}

/**
 * Fetches what is missing of the packages in the project's lock file.
 *
 * @throws {StackError} `packages_missing`
 */
async function fetchPackages(fetching: Fetching): Promise<void> {
  fetching.tell("Fetching the packages that are missing");
  await runFetching(["install", "--quiet"], fetching);
}
