/**
 * Starts a server and stops it, wherever it is run.
 *
 * @module
 */
import { startPostgresServer } from "../../stack/postgres/server.ts";

await (await startPostgresServer()).stop();
