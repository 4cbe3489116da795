import type { PgliteConnection } from "@supabase/lite/pglite";
import type { PostgresConnection } from "@supabase/lite/postgres";

/**
 * The database of a stack, whichever kind it is. Everything here acts as `postgres`, the owner: no superuser on a server of
 * ours, as hosted, but the only user there is in PGlite.
 */
export interface StackDatabase {
  readonly kind: "pglite" | "postgres";
  /** What `@supabase/lite` works on for Auth. Use it within `exclusively` only. */
  readonly connection: PgliteConnection | PostgresConnection;
  /** And for REST: logged in as `authenticator` on a server of ours, else the same. */
  readonly restConnection: PgliteConnection | PostgresConnection;
  /** One statement, with parameters `$1`, `$2`, … */
  query<T>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** A whole file of statements, all or nothing. */
  run(script: string): Promise<void>;
  /** The same as the platform's own superuser, whom a project has no access to. */
  runAsPlatform(script: string): Promise<void>;
  /**
   * Keeps every other user of the database out while `use` works on `connection`, where there is but one connection to
   * share; `use` must not call `query` or `run`.
   */
  exclusively<T>(use: () => T | Promise<T>): Promise<T>;
  /** Calls back after each commit that notified the channel. */
  listen(channel: string, onNotify: () => void): Promise<void>;
  /**
   * The same database, knowing the types that migrations have made since it was opened: only then can arrays of an enum
   * be passed. Use this instead of the one it was asked of.
   */
  withCurrentTypes(): Promise<StackDatabase>;
  /** Makes the database reachable for psql, on `port` unless a server has its own. */
  expose(port: number): Promise<{ url: string; stop: () => Promise<void> }>;
  close(): Promise<void>;
}
