import { z } from "zod";
import { AUDIT_ROWS } from "./audit_row.ts";

export const MANIFEST_NAME = "manifest.json";
export const MANIFEST_FORMAT = "hlf-sync-audit-export-1";

const day = z.iso.date();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

export const sealSchema = z.strictObject({
  day,
  row_count: count,
  digest: sha256,
  previous_digest: sha256.nullable(),
});

export const manifestSchema = z.strictObject({
  format: z.literal(MANIFEST_FORMAT),
  table: z.string().min(1),
  /** First and last day, in UTC. */
  from: day,
  to: day,
  exported_at: z.iso.datetime(),
  columns: z.array(z.string()).refine((names) => AUDIT_ROWS.isHeader(names.join(","))),
  files: z.array(z.strictObject({
    // Nothing but a name: a manifest must not lead out of its directory.
    name: z.string().regex(/^[A-Za-z0-9_-]+\.csv$/),
    from: day,
    to: day,
    row_count: count,
    sha256,
  })),
  seals: z.array(sealSchema),
});

/** A row of `hlf_sync_audit_seals`. */
export type Seal = z.infer<typeof sealSchema>;

/** What an export says of itself. */
export type Manifest = z.infer<typeof manifestSchema>;

/** One of its files. */
export type ExportedFile = Manifest["files"][number];
