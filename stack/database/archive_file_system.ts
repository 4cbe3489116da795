import { EmscriptenBuiltinFilesystem } from "@electric-sql/pglite/basefs";

/** Where PGlite keeps its data directory. */
const DATA_DIRECTORY = "/pglite/data";
/** A tar archive is made of blocks. */
const BLOCK = 512;
const FOLDER = "5";

/**
 * PGlite's files in memory, which stay where they are in the archive of a data directory until they grow. Handed over as
 * `loadDataDir`, an archive is copied four times, which is half of what opening a PGlite takes. The archive is written to.
 * <https://www.gnu.org/software/tar/manual/html_node/Standard.html>
 */
export class ArchiveFileSystem extends EmscriptenBuiltinFilesystem {
  readonly #archive: Uint8Array;

  constructor(archive: Uint8Array) {
    super();
    this.#archive = archive;
  }

  /** PGlite asks for the files here, before it looks for a data directory. */
  override initialSyncFs(): Promise<void> {
    const files = this.pg?.Module.FS;
    for (let at = 0; this.#field(at, 0, 100) !== "";) {
      const path = `${DATA_DIRECTORY}${this.#field(at, 0, 100)}`;
      const size = parseInt(this.#field(at, 124, 12), 8);
      const begin = at + BLOCK;
      if (this.#field(at, 156, 1) === FOLDER) files?.mkdirTree(path);
      else files?.writeFile(path, this.#archive.subarray(begin, begin + size), { canOwn: true });
      at = begin + Math.ceil(size / BLOCK) * BLOCK;
    }
    return Promise.resolve();
  }

  #field(header: number, offset: number, length: number): string {
    const bytes = this.#archive.subarray(header + offset, header + offset + length);
    return new TextDecoder().decode(bytes).replace(/\0.*/s, "");
  }
}
