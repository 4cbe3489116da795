import { assert, assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { adopt } from "./adopt.ts";
import { readCore } from "./core_files.ts";
import { describe } from "./report.ts";

async function withApp(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/supabase`);
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, 'project_id = "theirs"\n');
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("this release goes into an app that has nothing yet, and is there the second time", async () => {
  const core = await readCore("template", "serve();\n");
  await withApp(async (folder) => {
    const first = await adopt(core, folder, {});
    assertEquals(first.writes.length, core.migrations.length + core.tests.length + 3);
    const tests = first.writes.map(({ path }) => path).filter((path) => path.includes("/tests/"));
    assertEquals(tests.filter((path) => /contract|conventions/.test(path)), [
      "supabase/tests/database/hlf_sync_contract.sql",
    ]);
    assert(!first.writes.some(({ path }) => path.includes("bundled")));
    assert(describe(first, "1.0.0", false).some((line) => line.includes(first.adapter)));
    const second = await adopt(core, folder, {});
    assertEquals(second.writes, []);
    assertEquals(describe(second, "1.0.0", false), ["Nothing to do: the app has hlf-sync 1.0.0."]);
  });
});

Deno.test("what the release has no more is removed", async () => {
  const core = await readCore("template", "serve();\n");
  await withApp(async (folder) => {
    await adopt(core, folder, { certifications: "without" });
    const later = { ...core, tests: core.tests.slice(0, -1) };
    const { removals } = await adopt(later, folder, { certifications: "without" });
    assertEquals(removals, ["supabase/tests/hlf_sync/999_drop_test_helpers.sql"]);
    assert(
      describe(await adopt(later, folder, { certifications: "without" }), "1", false)[0]
        ?.startsWith("Nothing to do"),
    );
    assert(!await Deno.stat(`${folder}/${removals[0]}`).then(() => true, () => false));
  });
});

Deno.test("where something is in the way nothing is written", async () => {
  const core = await readCore("b", "serve();\n");
  await withApp(async (folder) => {
    await Deno.mkdir(`${folder}/supabase/migrations`);
    await Deno.writeTextFile(
      `${folder}/supabase/migrations/20240901100000_init.sql`,
      "create table hlf_sync_state (id int);",
    );
    const refused = await assertRejects(
      () => adopt(core, folder, { certifications: "without" }),
      OperationError,
      "public.hlf_sync_state is there already",
    );
    assertEquals(refused.code, "refused");
    const names = [...Deno.readDirSync(`${folder}/supabase`)].map(({ name }) => name).sort();
    assertEquals(names, ["config.toml", "migrations"]);
  });
});
