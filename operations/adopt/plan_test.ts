import { assert, assertEquals } from "@std/assert";
import type { CoreFiles } from "./core_files.ts";
import { CONTRACT_TEST, type HostFiles, TESTS } from "./host_files.ts";
import { type Plan, planAdoption } from "./plan.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const CORE: CoreFiles = {
  migrations: [
    { name: "ports", sql: "create schema hlf_sync;\n" },
    { name: "certifications", sql: "create table public.cert_expiry_reminders ();\n" },
    { name: "claim", sql: "create table public.hlf_sync_state ();\n" },
  ],
  functionBundle: "serve();\n",
  tests: [
    { path: CONTRACT_TEST, sql: "select plan(1);\n", isOfCertifications: false },
    { path: `${TESTS}/000_create_test_helpers.sql`, sql: "select 0;\n", isOfCertifications: false },
    { path: `${TESTS}/400_certifications.sql`, sql: "select 4;\n", isOfCertifications: true },
  ],
  adapter: "select 'theirs';\n",
};
const HOST: HostFiles = {
  migrations: [{ name: "20240901100000_init.sql", sql: "create table public.mentors ();" }],
  config: 'project_id = "theirs"\n',
  functionBundle: null,
  otherFunctionFiles: [],
  tests: new Map(),
  declaresSchema: false,
};

function plan(
  core: CoreFiles,
  host: HostFiles,
  certifications?: "with" | "without",
  release = "1.0.0",
) {
  return planAdoption(core, host, { release, now: NOW, certifications });
}

/** The app once a plan was carried out. */
function after(host: HostFiles, { writes, removals }: Plan): HostFiles {
  const written = new Map(writes.map(({ path, text }) => [path, text]));
  const migrations = [
    ...host.migrations,
    ...writes.filter(({ path }) => path.startsWith("supabase/migrations/"))
      .map(({ path, text }) => ({ name: path.slice("supabase/migrations/".length), sql: text })),
  ];
  return {
    ...host,
    migrations: migrations.sort((a, b) => a.name < b.name ? -1 : 1),
    config: written.get("supabase/config.toml") ?? host.config,
    functionBundle: written.get("supabase/functions/hlf-sync/index.js") ?? host.functionBundle,
    tests: new Map(
      [...host.tests, ...written].filter(([path]) =>
        path.startsWith("supabase/tests/") && !removals.includes(path)
      ),
    ),
  };
}

function paths({ writes }: Plan): string[] {
  return writes.map(({ path }) => path.replace("supabase/migrations/", ""));
}

Deno.test("the first time everything is written, the adapter last", () => {
  const first = plan(CORE, HOST);
  assertEquals(first.problems, []);
  assertEquals(paths(first), [
    "20261126120000_hlf_sync_ports.sql",
    "20261126120001_hlf_sync_certifications.sql",
    "20261126120002_hlf_sync_claim.sql",
    "supabase/functions/hlf-sync/index.js",
    CONTRACT_TEST,
    `${TESTS}/000_create_test_helpers.sql`,
    `${TESTS}/400_certifications.sql`,
    "supabase/config.toml",
    "20261126120003_hlf_sync_adapter.sql",
  ]);
  assertEquals(first.writes.at(-1)?.text, CORE.adapter);
});

Deno.test("the second time nothing is", () => {
  const host = after(HOST, plan(CORE, HOST));
  assertEquals(plan(CORE, host).writes, []);
  // Neither when only the release has another name.
  assertEquals(plan(CORE, host, undefined, "1.0.1").writes, []);
});

Deno.test("a first run that was broken off is gone on with", () => {
  const first = plan(CORE, HOST);
  for (let done = 0; done < first.writes.length; done++) {
    const broken = after(HOST, { ...first, writes: first.writes.slice(0, done) });
    const second = plan(CORE, broken);
    assertEquals(second.problems, []);
    assertEquals(plan(CORE, after(broken, second)).writes, []);
    assertEquals(second.writes.length, first.writes.length - done);
  }
});

Deno.test("a module that is left out stays out, with its tests, whether that is said again or not", () => {
  const first = plan(CORE, HOST, "without");
  assert(!paths(first).join().includes("certifications"));
  const host = after(HOST, first);
  for (const said of ["without", undefined] as const) {
    assertEquals(plan(CORE, host, said).writes, []);
    assertEquals(plan(CORE, host, said).hasCertifications, false);
  }
});

Deno.test("a module that was left out is added later, after all migrations", () => {
  const host = after(HOST, plan(CORE, HOST, "without"));
  const added = plan(CORE, host, "with");
  assertEquals(added.problems, []);
  assertEquals(added.isNewlyCertified, true);
  assertEquals(paths(added), [
    "20261126120003_hlf_sync_certifications.sql",
    `${TESTS}/400_certifications.sql`,
  ]);
  const second = plan(CORE, after(host, added));
  assertEquals([second.writes, second.problems, second.isNewlyCertified], [[], [], false]);
});

Deno.test("a module that is there is not taken out, not even after a run that was broken off", () => {
  const first = plan(CORE, HOST);
  for (const writes of [first.writes, first.writes.slice(0, 2)]) {
    const { problems, writes: written } = plan(CORE, after(HOST, { ...first, writes }), "without");
    assertEquals(written, []);
    assertEquals(problems.length, 1);
    assert(problems[0]?.startsWith("The module on certifications is there already"), problems[0]);
  }
});

Deno.test("tests follow the release: replaced, added, and removed where they are no more", () => {
  const host = after(HOST, plan(CORE, HOST));
  const theirs = "supabase/tests/hlf_sync/theirs.sql";
  const withTheirs = { ...host, tests: new Map([...host.tests, [theirs, "select 'theirs';\n"]]) };
  const later = {
    ...CORE,
    tests: [
      { path: CONTRACT_TEST, sql: "select plan(2);\n", isOfCertifications: false },
      { path: `${TESTS}/010_more.sql`, sql: "select 1;\n", isOfCertifications: false },
    ],
  };
  const upgrade = plan(later, withTheirs, undefined, "1.1.0");
  assertEquals(upgrade.problems, []);
  assertEquals(paths(upgrade), [CONTRACT_TEST, `${TESTS}/010_more.sql`]);
  assertEquals(upgrade.removals, [
    `${TESTS}/000_create_test_helpers.sql`,
    `${TESTS}/400_certifications.sql`,
  ]);
  const second = plan(later, after(withTheirs, upgrade), undefined, "1.1.0");
  assertEquals([second.writes, second.removals, second.problems], [[], [], []]);
});

Deno.test("a test that was edited, or that is the app's own, is named, also where the release has it no more", () => {
  const host = after(HOST, plan(CORE, HOST));
  const helpers = `${TESTS}/000_create_test_helpers.sql`;
  for (
    const [text, core] of [
      [`${host.tests.get(helpers)}-- x\n`, CORE],
      [`${host.tests.get(helpers)}-- x\n`, { ...CORE, tests: [] }],
      ["select 'theirs';\n", CORE],
    ] as const
  ) {
    const edited = { ...host, tests: new Map([...host.tests, [helpers, text]]) };
    const { problems, writes, removals } = plan(core, edited);
    assertEquals([writes, removals], [[], []]);
    assertEquals(problems.map((problem) => problem.split(" ")[0]), [helpers]);
  }
});

Deno.test("an upgrade adds what is new or replaced after all migrations, and leaves the adapter alone", () => {
  const first = after(HOST, plan(CORE, HOST));
  const host = {
    ...first,
    migrations: [
      ...first.migrations.map(({ name, sql }) => ({
        name,
        sql: name.includes("_adapter") ? "select 'ours';" : sql,
      })),
      { name: "20270301000000_theirs.sql", sql: "select 1;" },
    ],
  };
  const replaced = { name: "claim", sql: "create or replace function hlf_sync.claim()" };
  const core = {
    ...CORE,
    migrations: [...CORE.migrations.slice(0, 2), replaced, {
      name: "faster_claim",
      sql: "select 2;\n",
    }],
    functionBundle: "serve(2);\n",
  };
  const upgrade = plan(core, host, undefined, "1.1.0");
  assertEquals(upgrade.problems, []);
  assertEquals(paths(upgrade), [
    "20270301000001_hlf_sync_claim.sql",
    "20270301000002_hlf_sync_faster_claim.sql",
    "supabase/functions/hlf-sync/index.js",
  ]);
  assertEquals(plan(core, after(host, upgrade), undefined, "1.1.0").writes, []);
});

Deno.test("whatever of ours was edited or deleted is named, and nothing is written", () => {
  const host = after(HOST, plan(CORE, HOST));
  const edited: HostFiles = {
    ...host,
    migrations: host.migrations
      .filter(({ name }) => !name.endsWith("_ports.sql"))
      .map(({ name, sql }) => ({ name, sql: name.endsWith("_claim.sql") ? `${sql}-- x\n` : sql })),
    functionBundle: `${host.functionBundle}// x\n`,
    tests: new Map([...host.tests, [CONTRACT_TEST, "select plan(1);\n"]]),
  };
  for (const release of ["1.0.0", "1.1.0"]) {
    const { problems, writes } = plan(CORE, edited, undefined, release);
    assertEquals(writes, []);
    assertEquals(
      problems.map((problem) => problem.split(" ")[0]),
      [
        "supabase/migrations/20261126120002_hlf_sync_claim.sql",
        "supabase/functions/hlf-sync/index.js",
        "supabase/tests/database/hlf_sync_contract.sql",
        "supabase/migrations/…_hlf_sync_ports.sql",
      ],
    );
  }
});

Deno.test("all that is in the way is said at once", () => {
  const { problems, writes } = plan(CORE, {
    ...HOST,
    migrations: [
      {
        name: "20240901100000_init.sql",
        sql: "create schema hlf_sync; create table cert_expiry_reminders (id int);",
      },
      { name: "9_last.sql", sql: "create table public.hlf_sync_state ();" },
    ],
    config: null,
    otherFunctionFiles: ["index.ts"],
  });
  assertEquals(writes, []);
  assertEquals(problems.length, 6, problems.join("\n"));
  const about = problems.find((problem) => problem.includes("cert_expiry_reminders"));
  assert(about?.includes("--without certifications"));
});

Deno.test("a table of that name is in nobody's way once the module is left out", () => {
  const host = {
    ...HOST,
    migrations: [{
      name: "20240901100000_init.sql",
      sql: "create table cert_expiry_reminders ();",
    }],
  };
  assertEquals(plan(CORE, host).problems.length, 1);
  assertEquals(plan(CORE, host, "without").problems, []);
});
