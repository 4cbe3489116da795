import { AUDIT_ROWS } from "./audit_row.ts";
import type { AuditSource } from "./audit_source.ts";
import { exportAuditLog } from "./export.ts";
import type { Manifest, Seal } from "./manifest.ts";

const A = "00000000-0000-4000-8000-00000000000a";
const B = "00000000-0000-4000-8000-00000000000b";

/** Three rows in three days of two months, and the seals that PostgreSQL made of them. */
export const SAMPLE = {
  rows: [
    `019a7000-0000-7000-8000-000000000001,${A},00000000-0000-4000-8000-0000000000a1,remove,204,0,` +
    "success,,status_change:paused,2026-11-29T10:00:00.000001Z",
    `019a7000-0000-7000-8000-000000000002,${A},00000000-0000-4000-8000-0000000000a2,restore,,0,` +
    "failure,timeout,nightly_reconciliation,2026-11-29T10:00:00.000002Z",
    `019a7000-0000-7000-8000-000000000003,${B},00000000-0000-4000-8000-0000000000b1,remove,400,1,` +
    "dead_lettered,rejected code=0x80048d19 request=00000000-0000-4000-8000-00000000beef," +
    "break_glass,2026-12-01T23:59:59.999999Z",
  ],
  seals: ([
    ["2026-11-29", 2, "d52b98e0bca67e051f358ae2b5f6addf78a69d7cde03a96adbdee400c26eab04"],
    ["2026-11-30", 0, "4aca13ac13858212c116b7ccb98d63fef4f5cf53bd0c7f9d90344d9d934155fd"],
    ["2026-12-01", 1, "f09831e3258782f351d72b26b51405438606a5e4e4773de520c10ac1496cb36b"],
    ["2026-12-02", 0, "e92fed7d2a4a0ab6d20b2a42543f1fe4b5ba4e405740d36ff0e50ec75cf38fcf"],
  ] as const).map(([day, row_count, digest], index, all): Seal => ({
    ...{ day, row_count, digest },
    previous_digest: all[index - 1]?.[2] ?? null,
  })),
} as const;

/** A source that gives out what is in memory. */
export function fakeSource(
  { rows, seals }: { readonly rows: readonly string[]; readonly seals: readonly Seal[] } = SAMPLE,
): AuditSource {
  return {
    table: "public.hlf_sync_audit_log",
    seals: (from, to) => Promise.resolve(seals.filter(({ day }) => day >= from && day <= to)),
    sealedDays: () => {
      const [first, last] = [seals[0], seals.at(-1)];
      return Promise.resolve(first && last ? { first: first.day, last: last.day } : null);
    },
    async *rows(from, to) {
      const some = rows.filter((row) => {
        const day = AUDIT_ROWS.readRow(row)?.day ?? "";
        return day >= from && day <= to;
      });
      for (const row of some) yield await Promise.resolve([row]);
    },
  };
}

export const NOW = new Date("2026-12-03T08:00:00Z");

/** Runs a test in a directory that holds an export of a range of the sample. */
export async function withExport(
  run: (directory: string, manifest: Manifest) => Promise<void>,
  range = { from: "2026-11-29", to: "2026-12-02" },
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await run(directory, await exportAuditLog(fakeSource(), range, directory, NOW));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
