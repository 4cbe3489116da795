import { assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { OperationError } from "../cli/errors.ts";
import type { Manifest } from "./manifest.ts";
import { findBreak } from "./report.ts";
import { SAMPLE, withExport } from "./testing.ts";
import { isIntact, type Verdict, verifyExport } from "./verify.ts";

const NOVEMBER = "hlf_sync_audit_log_2026-11.csv";
const DECEMBER = "hlf_sync_audit_log_2026-12.csv";

/** What is found after somebody has been at the files. */
async function after(
  tamper: (files: {
    readonly path: (name: string) => string;
    readonly edit: (name: string, change: (text: string) => string) => Promise<void>;
    /** As one who knows about checksums: they are put right. */
    readonly editWell: (name: string, change: (text: string) => string) => Promise<void>;
    readonly manifest: (change: (manifest: Manifest) => void) => Promise<void>;
  }) => Promise<void>,
): Promise<{ day: string | null; reason: string | null; problems: readonly string[] }> {
  let verdict: Verdict | undefined;
  await withExport(async (directory) => {
    assertEquals(isIntact(await verifyExport(directory)), true);
    const path = (name: string) => `${directory}/${name}`;
    const edit = async (name: string, change: (text: string) => string) => {
      await Deno.writeTextFile(path(name), change(await Deno.readTextFile(path(name))));
    };
    const manifest = (change: (manifest: Manifest) => void) =>
      edit("manifest.json", (text) => {
        const read: Manifest = JSON.parse(text);
        change(read);
        return JSON.stringify(read);
      });
    const editWell = async (name: string, change: (text: string) => string) => {
      await edit(name, change);
      const text = await Deno.readTextFile(path(name));
      await manifest(({ files }) => {
        const file = files.find((one) => one.name === name);
        if (file === undefined) return;
        file.sha256 = createHash("sha256").update(text).digest("hex");
        file.row_count = text.trimEnd().split("\n").length - 1;
      });
    };
    await tamper({ path, edit, editWell, manifest });
    verdict = await verifyExport(directory);
    assertEquals(isIntact(verdict), false);
  });
  const { firstBadDay, problems } = verdict!;
  return { day: firstBadDay?.day ?? null, reason: firstBadDay?.reason ?? null, problems };
}

const lineOf = (row: string) => `${row}\n`;
const [first, second, third] = SAMPLE.rows;

Deno.test("verifyExport() agrees with the seals that PostgreSQL made", () =>
  withExport(async (directory) => {
    const { rowCount, dayCount, firstBadDay, problems } = await verifyExport(directory);
    assertEquals({ rowCount, dayCount, firstBadDay, problems }, {
      ...{ rowCount: 3, dayCount: 4, firstBadDay: null, problems: [] },
    });
  }));

Deno.test("verifyExport() finds a byte that was changed, wherever it is", () =>
  withExport(async (directory) => {
    for (const [name, days] of [[NOVEMBER, "2026-11"], [DECEMBER, "2026-12"]] as const) {
      const path = `${directory}/${name}`;
      const whole = await Deno.readFile(path);
      for (let at = 0; at < whole.length; at++) {
        const changed = whole.slice();
        changed[at] = (whole[at] ?? 0) ^ 1;
        await Deno.writeFile(path, changed);
        const { firstBadDay, problems } = await verifyExport(directory);
        assertEquals(problems[0]?.startsWith(name), true, `byte ${at}`);
        // In the header or its end no row is touched.
        const day = firstBadDay?.day ?? days;
        assertEquals(day.startsWith(days), true, `byte ${at}: ${day}`);
      }
      await Deno.writeFile(path, whole);
    }
  }));

Deno.test("verifyExport() names the day of a changed row, checksum or not", async () => {
  const change = (text: string) => text.replace(",204,", ",200,");
  assertEquals(await after(({ edit }) => edit(NOVEMBER, change)), {
    ...{ day: "2026-11-29", reason: "row or seal changed" },
    problems: [`${NOVEMBER}: checksum does not match`],
  });
  assertEquals(await after(({ editWell }) => editWell(NOVEMBER, change)), {
    ...{ day: "2026-11-29", reason: "row or seal changed", problems: [] },
  });
  const microsecond = (text: string) => text.replace(".999999Z", ".999998Z");
  assertEquals((await after(({ editWell }) => editWell(DECEMBER, microsecond))).day, "2026-12-01");
});

Deno.test("verifyExport() names the day of a row that was removed, added or moved", async () => {
  const found = async (name: string, change: (text: string) => string) => {
    const { day, reason } = await after(({ editWell }) => editWell(name, change));
    return [day, reason];
  };
  assertEquals(await found(NOVEMBER, (text) => text.replace(lineOf(second), "")), [
    ...["2026-11-29", "row missing"],
  ]);
  assertEquals(await found(DECEMBER, (text) => text.replace(lineOf(third), "")), [
    ...["2026-12-01", "row missing"],
  ]);
  const added = second.replace("0002,", "0009,").replace("11-29T", "11-30T");
  assertEquals(await found(NOVEMBER, (text) => text + lineOf(added)), ["2026-11-30", "row added"]);
  assertEquals(await found(NOVEMBER, (text) => text + lineOf(second)), [
    ...["2026-11-29", "row added, or out of order"],
  ]);
  assertEquals(
    await found(
      NOVEMBER,
      (text) => text.replace(lineOf(first) + lineOf(second), lineOf(second) + lineOf(first)),
    ),
    ["2026-11-29", "row added, or out of order"],
  );
  const stray = await after(({ editWell }) => editWell(NOVEMBER, (text) => text + lineOf(third)));
  assertEquals(stray, {
    ...{ day: null, reason: null },
    problems: [`${NOVEMBER}: line 4 is of another day`],
  });
});

Deno.test("verifyExport() finds lines that are nothing, although the checksum counts them in", async () => {
  const problemsOf = async (change: (text: string) => string) =>
    (await after(({ editWell }) => editWell(NOVEMBER, change))).problems;
  assertEquals(await problemsOf((text) => `${text}and more\n`), [
    `${NOVEMBER}: line 4 is not a row of the log`,
  ]);
  assertEquals(await problemsOf((text) => text.replace("retry_count", "tries")), [
    `${NOVEMBER}: line 1 does not name the columns`,
  ]);
});

Deno.test("verifyExport() names the day of a row that it cannot read, also behind columns of a later release", async () => {
  for (const row of [`${first},250`, first.replace(/^[^,]*/, "no id")]) {
    const { day, reason } = await after(({ editWell }) =>
      editWell(NOVEMBER, (text) => text.replace(first, row))
    );
    assertEquals([day, reason], ["2026-11-29", "row unreadable"], row);
  }
});

Deno.test("verifyExport() names the day of a seal that was changed or removed", async () => {
  const found = async (change: (manifest: Manifest) => void) => {
    const { day, reason } = await after(({ manifest }) => manifest(change));
    return [day, reason];
  };
  const digest = "0".repeat(64);
  assertEquals(
    await found(({ seals }) => void (seals[1]!.digest = digest)),
    ["2026-11-30", "row or seal changed"],
  );
  assertEquals(
    await found(({ seals }) => void (seals[2]!.previous_digest = digest)),
    ["2026-12-01", "seal does not follow from the day before"],
  );
  assertEquals(
    await found(({ seals }) => void (seals[0]!.previous_digest = digest)),
    ["2026-11-29", "row or seal changed"],
  );
  assertEquals(
    await found(({ seals }) => void (seals[2]!.row_count = 2)),
    ["2026-12-01", "row missing"],
  );
  assertEquals(
    await found(({ seals }) => void seals.splice(1, 1)),
    ["2026-11-30", "seal missing"],
  );
  assertEquals(await found(({ seals }) => void seals.pop()), ["2026-12-02", "seal missing"]);
  assertEquals(
    await found((manifest) => void (manifest.to = "2026-12-01")),
    ["2026-12-02", "sealed day out of the range"],
  );
});

Deno.test("verifyExport() names a file that is missing, and one that is not of the export", async () => {
  assertEquals(await after(({ path }) => Deno.remove(path(DECEMBER))), {
    ...{ day: "2026-12-01", reason: "rows missing: their file is" },
    problems: [`${DECEMBER}: file missing`],
  });
  const stray = await after(({ path }) => Deno.copyFile(path(DECEMBER), path("more.csv")));
  assertEquals(stray, { day: null, reason: null, problems: ["more.csv: not in the manifest"] });
  const cut = await after(({ edit }) => edit(NOVEMBER, (text) => text.slice(0, -1)));
  assertEquals(cut.problems, [
    `${NOVEMBER}: checksum does not match`,
    `${NOVEMBER}: the last line is cut off`,
  ]);
  const empty = await after(({ edit }) => edit(NOVEMBER, () => ""));
  assertEquals(empty, {
    ...{ day: "2026-11-29", reason: "row missing" },
    problems: [`${NOVEMBER}: checksum does not match`, `${NOVEMBER}: there is nothing in it`],
  });
});

Deno.test("verifyExport() needs a manifest that is one", () =>
  withExport(async (directory) => {
    const path = `${directory}/manifest.json`;
    const read = async () => (await assertRejects(() => verifyExport(directory), OperationError));
    const text = await Deno.readTextFile(path);
    for (
      const bad of [
        "",
        text.replace('"format"', '"form"'),
        text.replace(NOVEMBER, "../../etc/passwd.csv"),
        text.replace("retry_count", "tries"),
      ]
    ) {
      await Deno.writeTextFile(path, bad);
      assertEquals((await read()).code, "unreadable");
    }
    await Deno.remove(path);
    assertEquals((await read()).message, `There is no manifest.json in ${directory}`);
  }));

Deno.test("findBreak() follows the chain across exports", async () => {
  const verdictOf = async (from: string, to: string): Promise<Verdict> => {
    let verdict: Verdict | undefined;
    await withExport(async (directory) => {
      verdict = await verifyExport(directory);
    }, { from, to });
    return verdict!;
  };
  const november = await verdictOf("2026-11-29", "2026-11-30");
  const december = await verdictOf("2026-12-01", "2026-12-02");
  const later = await verdictOf("2026-12-02", "2026-12-02");
  assertEquals([november, december, later].map(isIntact), [true, true, true]);
  assertEquals(findBreak([november, december]), null);
  assertEquals(
    findBreak([november, later]),
    "days are missing between 2026-11-30 and 2026-12-02",
  );
  december.manifest.seals[0]!.previous_digest = "0".repeat(64);
  assertEquals(
    findBreak([november, december]),
    "the seals do not follow from one another between 2026-11-30 and 2026-12-01",
  );
});

Deno.test("verifyExport() reads no further than a line that no row can be", () =>
  withExport(async (directory) => {
    // Looked through for a line feed again at each piece, this took longer than anybody waits.
    const file = await Deno.open(`${directory}/${NOVEMBER}`, { write: true, truncate: true });
    const piece = new TextEncoder().encode("0123456789,".repeat(100_000));
    for (let n = 0; n < 60; n++) await file.write(piece);
    file.close();
    const { problems } = await verifyExport(directory);
    assertEquals(problems, [
      `${NOVEMBER}: checksum does not match`,
      `${NOVEMBER}: after line 0 comes one that is too long for a row`,
      `${NOVEMBER}: there is nothing in it`,
    ]);
  }));

Deno.test("verifyExport() names the first wrong lines and counts the others", () =>
  withExport(async (directory) => {
    await Deno.writeTextFile(`${directory}/${NOVEMBER}`, "wrong;\r\n".repeat(50_000));
    const { problems } = await verifyExport(directory);
    assertEquals(problems.length, 24);
    assertEquals(problems.includes(`${NOVEMBER}: 49979 more lines are wrong`), true);
  }));
