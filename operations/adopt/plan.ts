import { CERTIFICATIONS, type CoreMigration } from "../core_migrations.ts";
import type { CoreFiles } from "./core_files.ts";
import { createdNames } from "./created_names.ts";
import { addFunction } from "./function_config.ts";
import {
  CONFIG,
  CONTRACT_TEST,
  FUNCTION_BUNDLE,
  type HostFiles,
  MIGRATIONS,
} from "./host_files.ts";
import { mark, readMarked } from "./marker.ts";
import { nextVersions } from "./versions.ts";

/** What is to be written into an app, in this order, or why nothing is. */
export interface Plan {
  /** Every obstacle there is; with one, nothing is written. */
  readonly problems: readonly string[];
  readonly writes: readonly { readonly path: string; readonly text: string }[];
  /** Whether the app is adopted for the first time. */
  readonly isFirst: boolean;
  readonly hasCertifications: boolean;
  /** Where the adapter is. */
  readonly adapter: string;
  /** What is left to do because of how the app is. */
  readonly remarks: readonly string[];
}

const ADAPTER = "adapter";
const COPY = /^\d+_hlf_sync_(.+)\.sql$/;

/** Decides what adopting, or upgrading to, a release does to an app. */
export function planAdoption(
  core: CoreFiles,
  host: HostFiles,
  { release, now, withoutCertifications }: {
    readonly release: string;
    readonly now: Date;
    readonly withoutCertifications: boolean;
  },
): Plan {
  const copies = host.migrations.flatMap(({ name, sql }) => {
    const core = COPY.exec(name)?.[1];
    return core === undefined ? [] : [{ file: name, name: core, sql }];
  });
  const adapter = copies.find(({ name }) => name === ADAPTER)?.file;
  const isFirst = adapter === undefined;
  // Whoever has left the module out before does not get it by an upgrade.
  const hasCertifications = isFirst
    ? !withoutCertifications
    : copies.some(({ name }) => name === CERTIFICATIONS);
  const wanted = core.migrations.filter(({ name }) => name !== CERTIFICATIONS || hasCertifications);
  const missing = wanted.filter(({ name, sql }) => {
    const copy = copies.findLast((one) => one.name === name);
    const marked = copy === undefined ? null : readMarked(copy.sql);
    return marked === null || mark(sql, release, "--") !== mark(marked.body, release, "--");
  });
  const config = addFunction(host.config ?? "");
  const versions = nextVersions(
    host.migrations.map(({ name }) => name.slice(0, name.indexOf("_"))),
    missing.length + (isFirst ? 1 : 0),
    now,
  );
  const problems = [
    ...(host.config === null
      ? [`There is no ${CONFIG}: is this the folder of an app on Supabase?`]
      : []),
    ...config.problems,
    ...("after" in versions
      ? [
        `A migration of version ${versions.after} comes after any that could be added: give it one of 14 digits`,
      ]
      : []),
    ...findEdited(core, host, copies),
    ...(isFirst ? [] : findRemoved(wanted, copies)),
    ...findCollisions(wanted, host),
    ...(!isFirst && withoutCertifications && hasCertifications
      ? [
        "The module on certifications is installed: leave it as it is, an adapter without certificates gives it nothing to do",
      ]
      : []),
  ];
  const numbered = "versions" in versions ? versions.versions : [];
  const adapterFile = adapter ?? `${numbered.at(-1)}_hlf_sync_${ADAPTER}.sql`;
  const writes = [
    ...missing.map(({ name, sql }, place) => ({
      path: `${MIGRATIONS}/${numbered[place]}_hlf_sync_${name}.sql`,
      text: mark(sql, release, "--"),
    })),
    ...replace(FUNCTION_BUNDLE, host.functionBundle, core.functionBundle, release, "//"),
    ...replace(CONTRACT_TEST, host.contractTest, core.contractTest, release, "--"),
    ...(config.text === null ? [] : [{ path: CONFIG, text: config.text }]),
    // Last: whoever has it has all the others.
    ...(isFirst ? [{ path: `${MIGRATIONS}/${adapterFile}`, text: core.adapter }] : []),
  ];
  return {
    problems,
    writes: problems.length > 0 ? [] : writes,
    isFirst,
    hasCertifications,
    adapter: `${MIGRATIONS}/${adapterFile}`,
    remarks: [
      ...config.remarks,
      ...(host.declaresSchema
        ? [
          "supabase/schemas: a `db diff` must not take hlf-sync for something to be dropped; its migrations are its only source",
        ]
        : []),
    ],
  };
}

interface Copy {
  readonly file: string;
  readonly name: string;
  readonly sql: string;
}

function findEdited(core: CoreFiles, host: HostFiles, copies: readonly Copy[]): string[] {
  const known = new Set(core.migrations.map(({ name }) => name));
  const suspects = [
    ...copies
      // A migration of the app's own may be called alike; what says that it is a copy is one.
      .filter(({ name, sql }) => known.has(name) || readMarked(sql) !== null)
      .filter(({ name }) => name !== ADAPTER)
      .map(({ file, sql }) => ({ path: `${MIGRATIONS}/${file}`, text: sql })),
    { path: FUNCTION_BUNDLE, text: host.functionBundle },
    { path: CONTRACT_TEST, text: host.contractTest },
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

/** A release only adds files after the last; one that is missing before it was deleted, or squashed into another. */
function findRemoved(wanted: readonly CoreMigration[], copies: readonly Copy[]): string[] {
  const has = (name: string) => copies.some((copy) => copy.name === name);
  const last = wanted.findLastIndex(({ name }) => has(name));
  return wanted.slice(0, Math.max(last, 0)).filter(({ name }) => !has(name)).map(({ name }) =>
    `${MIGRATIONS}/…_hlf_sync_${name}.sql is missing: put it back as it was, or an upgrade would apply it once more`
  );
}

function findCollisions(wanted: readonly CoreMigration[], host: HostFiles): string[] {
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

function replace(
  path: string,
  text: string | null,
  body: string,
  release: string,
  comment: "--" | "//",
): { path: string; text: string }[] {
  const wanted = mark(body, release, comment);
  const isThere = text !== null && readMarked(text)?.body === readMarked(wanted)?.body;
  return isThere ? [] : [{ path, text: wanted }];
}
