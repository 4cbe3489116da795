import type { Extensions, PGlite } from "@electric-sql/pglite";
import { createPgliteConnection } from "@supabase/lite/pglite";
import { ArchiveFileSystem } from "./archive_file_system.ts";
import type { StackDatabase } from "./database.ts";
import { Lock } from "./lock.ts";
import { servePglite } from "./pglite_socket.ts";
import { readPgliteTemplate } from "./pglite_template.ts";

/**
 * Opens a PGlite in this process's memory, empty unless it is given an archive of a data directory. Its one connection is handed round through a lock.
 * <https://pglite.dev/docs/api>
 */
export async function openPgliteDatabase(
  options: { extensions?: Extensions; dataDirectory?: Uint8Array } = {},
): Promise<StackDatabase> {
  const connection = await createPgliteConnection({
    pgliteOptions: {
      fs: new ArchiveFileSystem(options.dataDirectory ?? await readPgliteTemplate()),
      ...(options.extensions === undefined ? {} : { extensions: options.extensions }),
    },
  });
  const pglite: PGlite = connection.driver;
  await pglite.waitReady;
  // A data directory that was initialised elsewhere brings its time zone along.
  await pglite.exec("set timezone to 'UTC'");
  const lock = new Lock();
  const database: StackDatabase = {
    kind: "pglite",
    connection,
    restConnection: connection,
    query: <T>(text: string, parameters: readonly unknown[] = []) =>
      lock.with(async () => (await pglite.query<T>(text, [...parameters])).rows),
    run: (script) =>
      lock.with(async () => {
        await pglite.exec(script);
      }),
    runAsPlatform: (script) => database.run(script),
    exclusively: (use) => lock.with(use),
    listen: (channel, onNotify) =>
      lock.with(async () => {
        await pglite.listen(channel, onNotify);
      }),
    withCurrentTypes: () =>
      lock.with(async () => {
        await pglite.refreshArrayTypes();
        return database;
      }),
    expose: async (port) => {
      const socket = await servePglite(pglite, lock, port);
      return {
        url: `postgresql://postgres@127.0.0.1:${socket.port}/postgres?sslmode=disable`,
        stop: socket.stop,
      };
    },
    close: () => lock.with(() => connection.close()),
  };
  return database;
}
