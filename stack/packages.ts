import { bundleFunction } from "./functions/bundle.ts";
import { type Fetching, runFetching } from "./machine/run_fetching.ts";

let preparing: Promise<void> | undefined;

/**
 * Fetches what is missing of the packages in the project's lock file, and bundles the function: everything that the
 * processes of a stack are started from. Once in a process; with a full cache it takes a second.
 *
 * @throws {StackError} `packages_missing`
 */
export function preparePrograms(fetching: Fetching): Promise<void> {
  preparing ??= prepare(fetching);
  return preparing;
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
export async function fetchPackages(fetching: Fetching): Promise<void> {
  fetching.tell("Fetching the packages that are missing");
  await runFetching(["install", "--quiet"], fetching);
}
