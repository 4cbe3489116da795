import { createHash, type Hash } from "node:crypto";
import type { Seal } from "./manifest.ts";

/**
 * The digest of one day, row by row, as `hlf_sync.digest_audit_day` makes it: SHA-256 of the
 * previous digest, the day, the number of rows and the rows, a line each.
 */
export class SealDigest {
  readonly #hash: Hash;

  /** @param seal whose number of rows is taken as said; whether it holds is for the caller to count */
  constructor({ previous_digest, day, row_count }: Seal) {
    this.#hash = createHash("sha256").update(`${previous_digest ?? ""}\n${day}\n${row_count}`);
  }

  add(sealedRow: string): void {
    this.#hash.update(`\n${sealedRow}`);
  }

  /** In hex. Nothing can be added afterwards. */
  finish(): string {
    return this.#hash.digest("hex");
  }
}
