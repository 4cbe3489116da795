import { assert, assertEquals, assertThrows } from "@std/assert";
import { projectPath } from "../../stack/machine/project_path.ts";
import { StackError } from "../../stack/machine/errors.ts";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";
import { addRelease, findBroken, readCurrent, readManifest } from "./manifest.ts";

Deno.test("no released migration was edited, and no promised name is gone", async () => {
  assertEquals(
    findBroken(await readManifest(), ...await readCurrent()),
    [],
    "write a new migration; before the release is made: deno task release",
  );
});

Deno.test("code, schema and changelog are of the same release", async () => {
  const [files] = await readCurrent();
  const versions = files.flatMap(({ sql }) =>
    [...sql.matchAll(/function hlf_sync\.version\(\)[\s\S]*?select '([^']+)'/g)]
      .map(([, version]) => version)
  );
  assertEquals(versions.at(-1), RELEASE);
  const changelog = await Deno.readTextFile(projectPath("CHANGELOG.md"));
  const [, newest, date] = /^## (\S+) \((\d{4}-\d\d-\d\d)\)$/m.exec(changelog) ?? [];
  assertEquals(newest, RELEASE);
  assert(date !== undefined);
});

const FIRST = { name: "1_a.sql", sql: "select 1;\n" };
const SECOND = { name: "2_b.sql", sql: "select 2;\n" };
const released = addRelease({ migrations: {}, names: {} }, "1.0.0", [FIRST, SECOND], ["a", "b"]);

Deno.test("findBroken() finds what was edited, deleted or put before what is released", () => {
  const edited = { name: "1_a.sql", sql: "select 3;\n" };
  const between = { name: "1_c.sql", sql: "select 4;\n" };
  const later = { name: "3_d.sql", sql: "select 5;\n" };
  const withWindowsEnds = { name: "1_a.sql", sql: "select 1;\r\n" };
  assertEquals(findBroken(released, [withWindowsEnds, SECOND, later], ["a", "b", "c"]), []);
  assertEquals(findBroken(released, [edited, SECOND], ["a", "b"]), [
    "1_a.sql was released with 1.0.0 and has changed",
  ]);
  assertEquals(findBroken(released, [SECOND], ["a"]), [
    "1_a.sql was released with 1.0.0 and is gone",
    "b is promised since 1.0.0 and is gone",
  ]);
  assertEquals(findBroken(released, [FIRST, between, SECOND], ["a", "b"]), [
    "1_c.sql is new and comes before 2_b.sql, which is released",
  ]);
});

Deno.test("addRelease() notes a release anew until the next one, which keeps what was noted before", () => {
  const edited = { name: "2_b.sql", sql: "select 3;\n" };
  const again = addRelease(released, "1.0.0", [FIRST, edited], ["b"]);
  assertEquals([again.migrations["1_a.sql"], Object.keys(again.names)], [
    released.migrations["1_a.sql"],
    ["b"],
  ]);
  assertThrows(() => addRelease(released, "1.1.0", [FIRST, edited], ["a", "b"]), StackError);
  const third = { name: "3_c.sql", sql: "select 4;\n" };
  const next = addRelease(released, "1.1.0", [FIRST, SECOND, third], ["a", "b", "c"]);
  assertEquals(Object.values(next.migrations).map(({ release }) => release), [
    "1.0.0",
    "1.0.0",
    "1.1.0",
  ]);
  assertEquals(next.names, { a: "1.0.0", b: "1.0.0", c: "1.1.0" });
});
