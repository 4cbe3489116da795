/**
 * The edge function `hlf-sync`: wiring only.
 *
 * Its `deno.json` repeats the root's pins for whoever serves the files. It names no lock file: edge-runtime refuses to start
 * on one that is newer than it knows (<https://github.com/supabase/edge-runtime/issues/615>).
 *
 * @module
 */

import { insideEdgeRuntime } from "../_shared/background.ts";
import { SettingsError } from "../_shared/errors.ts";
import { consoleLog } from "../_shared/log.ts";
import { readSettings, type Settings } from "../_shared/settings.ts";
import { createWorker, systemPlatform } from "./worker.ts";

function settingsOrExit(): Settings {
  try {
    return readSettings(Deno.env.toObject());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    consoleLog({ level: "error", event: "settings_invalid", problems: error.problems });
    // Supabase's runtime has no exit; there the rejection tells it that the function cannot start.
    if (insideEdgeRuntime()) throw error;
    Deno.exit(1);
  }
}

const platform = systemPlatform(insideEdgeRuntime());
Deno.serve(createWorker(settingsOrExit(), platform, () => import("./engine.ts")));
