import { bundleFunction } from "../stack/functions/bundle.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import type { Stack } from "../stack/stack_types.ts";

/** An editor writes several files, or one of them twice, when it saves once. */
const QUIET_MILLISECONDS = 200;

/** Starts the function anew whenever its source changes, until the watcher is closed. */
export function restartOnChange(stack: Pick<Stack, "restartFunction">): Deno.FsWatcher {
  const folders = ["hlf-sync", "_shared"];
  const watcher = Deno.watchFs(folders.map((name) => projectPath(`supabase/functions/${name}`)));
  void (async () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let restarting = Promise.resolve();
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some(isSource)) continue;
      clearTimeout(timer);
      timer = setTimeout(() => {
        restarting = restarting.then(() => restart(stack));
      }, QUIET_MILLISECONDS);
    }
    clearTimeout(timer);
  })();
  return watcher;
}

/** The bundle is written below the function's own folder: it must not set off the next one. */
function isSource(path: string): boolean {
  return path.endsWith(".ts") && !path.endsWith("_test.ts");
}

async function restart(stack: Pick<Stack, "restartFunction">): Promise<void> {
  try {
    await bundleFunction({ tell: console.log });
    await stack.restartFunction();
    console.log("The function runs anew");
  } catch (error) {
    // The next change may mend it; until then the former one goes on, if it was only this one that cannot be bundled.
    console.error(error instanceof Error ? error.message : error);
  }
}
