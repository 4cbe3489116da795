/**
 * Writes the archive of a freshly initialised PGlite to the path given, and ends.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";

const [path] = Deno.args;
if (path === undefined) throw new Error("usage: make_pglite_template.ts <path>");
const pglite = await PGlite.create();
// Unpacked: to unpack it takes longer than all the rest of opening one.
const archive = await pglite.dumpDataDir("none");
await Deno.writeFile(path, archive.stream());
// PGlite leaves a worker of its initdb behind that would keep the process alive.
Deno.exit(0);
