import { CERTIFICATIONS } from "../core_migrations.ts";
import type { CoreFiles } from "./core_files.ts";
import { addFunction } from "./function_config.ts";
import { CONFIG, FUNCTION_BUNDLE, type HostFiles, MIGRATIONS } from "./host_files.ts";
import { mark, readMarked } from "./marker.ts";
import {
  ADAPTER,
  COPY,
  findCollisions,
  findEdited,
  findForeignTests,
  findRemoved,
  ourTests,
} from "./obstacles.ts";
import { nextVersions } from "./versions.ts";

/** What is to be written into an app, in this order, or why nothing is. */
export interface Plan {
  /** Every obstacle there is; with one, nothing is written. */
  readonly problems: readonly string[];
  readonly writes: readonly { readonly path: string; readonly text: string }[];
  /** Tests of hlf-sync's that the release has no more. */
  readonly removals: readonly string[];
  /** Whether the app is adopted for the first time. */
  readonly isFirst: boolean;
  readonly hasCertifications: boolean;
  /** Whether the module on certifications, once left out, is added now. */
  readonly isNewlyCertified: boolean;
  /** Where the adapter is. */
  readonly adapter: string;
  /** What is left to do because of how the app is. */
  readonly remarks: readonly string[];
}

/** Decides what adopting, or upgrading to, a release does to an app. */
export function planAdoption(
  core: CoreFiles,
  host: HostFiles,
  { release, now, certifications }: {
    readonly release: string;
    readonly now: Date;
    readonly certifications?: "with" | "without" | undefined;
  },
): Plan {
  const copies = host.migrations.flatMap(({ name, sql }) => {
    const core = COPY.exec(name)?.[1];
    return core === undefined ? [] : [{ file: name, name: core, sql }];
  });
  const adapter = copies.find(({ name }) => name === ADAPTER)?.file;
  const isFirst = adapter === undefined;
  // Once it is in, it is applied somewhere; an upgrade does not bring what was left out.
  const hadCertifications = copies.some(({ name }) => name === CERTIFICATIONS);
  const hasCertifications = hadCertifications || certifications === "with" ||
    (isFirst && certifications !== "without");
  const wanted = core.migrations.filter(({ name }) => name !== CERTIFICATIONS || hasCertifications);
  const missing = wanted.filter(({ name, sql }) => {
    const copy = copies.findLast((one) => one.name === name);
    const marked = copy === undefined ? null : readMarked(copy.sql);
    return marked === null || mark(sql, release, "--") !== mark(marked.body, release, "--");
  });
  const tests = core.tests.filter(({ isOfCertifications }) =>
    hasCertifications || !isOfCertifications
  );
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
    ...findForeignTests(tests, host),
    ...(isFirst ? [] : findRemoved(wanted, copies)),
    ...findCollisions(wanted, host),
    ...(certifications === "without" && hadCertifications
      ? [
        "The module on certifications is there already, and a migration that was applied is not taken back: leave it as it is, " +
        "an adapter without certificates gives it nothing to do",
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
    ...tests.flatMap(({ path, sql }) =>
      replace(path, host.tests.get(path) ?? null, sql, release, "--")
    ),
    ...(config.text === null ? [] : [{ path: CONFIG, text: config.text }]),
    // Last: whoever has it has all the others.
    ...(isFirst ? [{ path: `${MIGRATIONS}/${adapterFile}`, text: core.adapter }] : []),
  ];
  return {
    problems,
    writes: problems.length > 0 ? [] : writes,
    removals: problems.length > 0
      ? []
      : ourTests(host).filter((path) => !tests.some((test) => test.path === path)),
    isFirst,
    hasCertifications,
    isNewlyCertified: !isFirst && hasCertifications && !hadCertifications,
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
