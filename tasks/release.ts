/**
 * Notes in `supabase/released.json` which migrations and names belong to the release, so that a test holds them from then on.
 * May be run again until the next release.
 *
 * @module
 */
import { RELEASE } from "../supabase/functions/_shared/release.ts";
import { addRelease, readCurrent, readManifest, writeManifest } from "./release/manifest.ts";
import { runCommand } from "./run_command.ts";

await runCommand(async () => {
  const [files, names] = await readCurrent();
  await writeManifest(addRelease(await readManifest(), RELEASE, files, names));
  console.log(
    `${RELEASE}: ${files.length} migrations and ${names.length} names are held from now on.`,
  );
  return 0;
});
