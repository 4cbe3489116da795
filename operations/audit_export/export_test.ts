import { assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { AUDIT_ROWS } from "./audit_row.ts";
import { exportAuditLog } from "./export.ts";
import { fakeSource, NOW, SAMPLE, withExport } from "./testing.ts";

const [first, second, third] = SAMPLE.rows;

Deno.test("exportAuditLog() writes a file for each month, and the manifest", () =>
  withExport(async (directory, manifest) => {
    const read = (name: string) => Deno.readTextFile(`${directory}/${name}`);
    assertEquals(
      await read("hlf_sync_audit_log_2026-11.csv"),
      `${AUDIT_ROWS.header}\n${first}\n${second}\n`,
    );
    assertEquals(await read("hlf_sync_audit_log_2026-12.csv"), `${AUDIT_ROWS.header}\n${third}\n`);
    assertEquals(JSON.parse(await read("manifest.json")), manifest);
    assertEquals(manifest.seals, SAMPLE.seals);
    assertEquals(manifest.files.map(({ from, to, row_count }) => [from, to, row_count]), [
      ["2026-11-29", "2026-11-30", 2],
      ["2026-12-01", "2026-12-02", 1],
    ]);
  }));

Deno.test("exportAuditLog() begins where the log does", () =>
  withExport((_, manifest) => {
    assertEquals([manifest.from, manifest.to], ["2026-11-29", "2026-11-30"]);
    return Promise.resolve();
  }, { from: "2026-01-01", to: "2026-11-30" }));

Deno.test("exportAuditLog() refuses what is not sealed", async () => {
  const attempt = async (from: string, to: string, source = fakeSource()) => {
    const directory = await Deno.makeTempDir();
    try {
      const run = () => exportAuditLog(source, { from, to }, directory, NOW);
      return (await assertRejects(run, OperationError)).message;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  };
  assertEquals(
    await attempt("2026-11-29", "2026-12-03"),
    "Cannot export: the log is sealed until 2026-12-02, choose --to by it",
  );
  assertEquals(
    await attempt("2026-01-01", "2026-11-28"),
    "Cannot export: the log begins on 2026-11-29",
  );
  assertEquals(
    await attempt("2026-12-01", "2026-11-30"),
    "Cannot export: 2026-12-01 is later than 2026-11-30",
  );
  assertEquals(
    await attempt("2026-12-01", "2026-12-01", fakeSource({ rows: [], seals: [] })),
    "Cannot export: no day is sealed yet",
  );
});

Deno.test("exportAuditLog() leaves a directory alone that is in use", () =>
  withExport(async (directory) => {
    const again = () =>
      exportAuditLog(fakeSource(), { from: "2026-11-29", to: "2026-11-30" }, directory, NOW);
    const error = await assertRejects(again, OperationError);
    assertEquals(error.message, `Cannot export: ${directory} is not empty`);
  }));

Deno.test("exportAuditLog() says what stands in the way of its files", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const file = `${directory}/file`;
    await Deno.writeTextFile(file, "");
    const range = { from: "2026-11-29", to: "2026-11-30" };
    for (
      const [out, reason] of [
        [file, "there is a file of that name"],
        [`${file}/below`, "a part of the path is a file, not a directory"],
      ] as const
    ) {
      const error = await assertRejects(
        () => exportAuditLog(fakeSource(), range, out, NOW),
        OperationError,
      );
      assertEquals([error.code, error.message], ["unwritable", `Cannot write ${out}: ${reason}`]);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
