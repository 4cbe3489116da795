import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { bundleFunction, FUNCTION_BUNDLE } from "../../stack/functions/bundle.ts";
import { projectPath } from "../../stack/machine/project_path.ts";

const lockFile = z.object({ npm: z.record(z.string(), z.unknown()) });
const denoInfo = z.object({ denoDir: z.string(), npmCache: z.string() });

/** A registry that nobody can reach: whatever asks it fails. */
const UNREACHABLE = "registry.invalid";

/** Where this machine's Deno keeps packages, of whichever registry has this one. */
async function readCache(): Promise<{ denoDir: string; packages: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir, npmCache } = denoInfo.parse(JSON.parse(new TextDecoder().decode(stdout)));
  for await (const { name } of Deno.readDir(npmCache)) {
    if (await exists(`${npmCache}/${name}/zod`)) {
      return { denoDir, packages: `${npmCache}/${name}` };
    }
  }
  throw new Error("zod is in no cache, although it is imported here");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/**
 * A cache with what is in the lock file, as a first `deno task` leaves it, and nothing else: in particular none of the
 * registry's lists of versions, which Deno asks for when a version is not locked.
 */
async function makeFreshCache(): Promise<string> {
  // So that the bundler is there, which Deno fetches when it bundles for the first time.
  await bundleFunction({ tell: console.log });
  const { denoDir, packages } = await readCache();
  // Beside the packages, as hard links end at the file system, and symbolic ones lead Deno out of its cache.
  const fresh = await Deno.makeTempDir({ dir: denoDir, prefix: "hlf-sync-cache-" });
  const lock = lockFile.parse(JSON.parse(await Deno.readTextFile(projectPath("deno.lock"))));
  for (const key of Object.keys(lock.npm)) {
    // `name@version`, with `_…` behind it where peers were chosen.
    const [, name, version] = key.match(/^(@?[^@]+)@([^_]+)/) ?? [];
    const cached = `${packages}/${name}/${version}`;
    if (!await exists(cached)) continue;
    await linkFolder(cached, `${fresh}/npm/${UNREACHABLE}/${name}/${version}`);
  }
  await Deno.symlink(`${denoDir}/dl`, `${fresh}/dl`);
  return fresh;
}

async function linkFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await linkFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.link(`${from}/${name}`, `${to}/${name}`);
  }
}

Deno.test("a stack starts from the packages of the lock file and asks no registry for more", async () => {
  const cache = await makeFreshCache();
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--cached-only", "-A", projectPath("tests/pglite/first_run.ts")],
      env: {
        NO_COLOR: "1",
        DENO_DIR: cache,
        NPM_CONFIG_REGISTRY: `https://${UNREACHABLE}/`,
        HLF_PROGRAMS_ARE_PREPARED: "",
      },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals(success, true, said);
    assertEquals(said.split("\n")[0], "Fetching the packages that are missing");
    // What Deno says of a package that is missing, and no more: a request that is under way as the stack stops leaves a trace of
    // its own, in which any path and any error may stand.
    assert(!/--cached-only is specified|https:\/\/registry\.invalid/i.test(said), said);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("the bundle imports nothing, and tells nothing of the machine that made it", async () => {
  const text = await Deno.readTextFile(projectPath(FUNCTION_BUNDLE));
  const lock = lockFile.parse(JSON.parse(await Deno.readTextFile(projectPath("deno.lock"))));
  const locked = Object.keys(lock.npm).map((key) => key.split("_")[0]);
  const bundled = new Set(
    [...text.matchAll(/^\/\/ npm:(@?[^@\s]+@[^/]+)\//gm)].map(([, name]) => name),
  );
  assert(bundled.size > 0, "packages are named");
  assertEquals([...bundled].filter((name) => !locked.includes(name)), []);
  assertEquals(text.match(/^\s*(import|export)\s.*from\s.*$/gm), null);
  assertEquals(/^[^/]*\b(import|require)\(["']/m.test(text), false);
  assertEquals(text.includes(projectPath(".")), false);
  assertEquals(text.includes(Deno.env.get("HOME") ?? "/home/"), false);
  assert(text.includes("// supabase/functions/hlf-sync/index.ts"), "files are named");
});
