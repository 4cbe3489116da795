import { createHash, type Hash } from "node:crypto";
import type { Seal } from "./manifest.ts";

/**
 * Begins the digest of one day, as `hlf_sync.digest_audit_day` makes it: SHA-256 of the previous digest, the day, the number of
 * rows, which is taken as said, and the rows, which are to follow, each after a line feed.
 */
export function beginDigest({ previous_digest, day, row_count }: Seal): Hash {
  return createHash("sha256").update(`${previous_digest ?? ""}\n${day}\n${row_count}`);
}
