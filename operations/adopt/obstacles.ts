import { CERTIFICATIONS, type CoreMigration } from "../core_migrations.ts";
import type { CoreFiles, CoreTest } from "./core_files.ts";
import { createdNames } from "./created_names.ts";
import { FUNCTION_BUNDLE, type HostFiles, MIGRATIONS } from "./host_files.ts";
import { readMarked } from "./marker.ts";

/** Name of the app's own migration among hlf-sync's. */
export const ADAPTER = "adapter";
/** What the files of hlf-sync's migrations are called in an app. */
export const COPY = /^\d+_hlf_sync_(.+)\.sql$/;

/** A migration of an app's that is called like one of hlf-sync's. */
interface Copy {
  readonly file: string;
  readonly name: string;
  readonly sql: string;
}

/** Whatever hlf-sync has written and somebody has edited, and whatever is in its place. */
export function findEdited(core: CoreFiles, host: HostFiles, copies: readonly Copy[]): string[] {
  const known = new Set(core.migrations.map(({ name }) => name));
  const suspects = [
    ...copies
      // A migration of the app's own may be called alike; what says that it is a copy is one.
      .filter(({ name, sql }) => known.has(name) || readMarked(sql) !== null)
      .filter(({ name }) => name !== ADAPTER)
      .map(({ file, sql }) => ({ path: `${MIGRATIONS}/${file}`, text: sql })),
    { path: FUNCTION_BUNDLE, text: host.functionBundle },
    ...ourTests(host).map((path) => ({ path, text: host.tests.get(path) ?? null })),
  ];
  const edited = suspects.flatMap(({ path, text }) => {
    const marked = text === null ? undefined : readMarked(text);
    if (marked === undefined) return [];
    if (marked === null) return [`${path} is none that hlf-sync has written: move it away`];
    return marked.isEdited
      ? [
        `${path} was edited; put it back as hlf-sync ${marked.release} had it, and the change into the adapter or a migration of yours`,
      ]
      : [];
  });
  const others = host.otherFunctionFiles.map((name) =>
    `${FUNCTION_BUNDLE.replace(/[^/]+$/, name)} is none that hlf-sync has written: move it away`
  );
  return [...edited, ...(host.functionBundle === null ? others : [])];
}

/** Tests that say of themselves that hlf-sync has written them. */
export function ourTests(host: HostFiles): string[] {
  return [...host.tests].filter(([, text]) => readMarked(text) !== null).map(([path]) => path);
}

/** Tests of the app's own that are called like hlf-sync's. */
export function findForeignTests(tests: readonly CoreTest[], host: HostFiles): string[] {
  const ours = ourTests(host);
  return tests.filter(({ path }) => host.tests.has(path) && !ours.includes(path)).map(({ path }) =>
    `${path} is none that hlf-sync has written: move it away`
  );
}

/** A release only adds files after the last; one that is missing before it was deleted, or squashed into another. */
export function findRemoved(wanted: readonly CoreMigration[], copies: readonly Copy[]): string[] {
  const has = (name: string) => copies.some((copy) => copy.name === name);
  const last = wanted.findLastIndex(({ name }) => has(name));
  const before = wanted.slice(0, Math.max(last, 0)).filter(({ name }) => name !== CERTIFICATIONS);
  return before.filter(({ name }) => !has(name)).map(({ name }) =>
    `${MIGRATIONS}/…_hlf_sync_${name}.sql is missing: put it back as it was, or an upgrade would apply it once more`
  );
}

/** Names that the app has given already. */
export function findCollisions(wanted: readonly CoreMigration[], host: HostFiles): string[] {
  const theirs = createdNames(
    host.migrations.filter(({ name }) => !COPY.test(name)).map(({ sql }) => sql),
  );
  return wanted.flatMap(({ name, sql }) =>
    [...createdNames([sql])].filter((made) => theirs.has(made)).map((made) =>
      name === CERTIFICATIONS
        ? `${made} is there already: leave the module out (--without certifications), or rename yours`
        : `${made} is there already: rename yours`
    )
  );
}
