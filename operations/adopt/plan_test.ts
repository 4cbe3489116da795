import { assert, assertEquals } from "@std/assert";
import type { CoreFiles } from "./core_files.ts";
import type { HostFiles } from "./host_files.ts";
import { type Plan, planAdoption } from "./plan.ts";

const NOW = new Date("2026-11-26T12:00:00Z");
const CORE: CoreFiles = {
  migrations: [
    { name: "ports", sql: "create schema hlf_sync;\n" },
    { name: "certifications", sql: "create table public.cert_expiry_reminders ();\n" },
    { name: "claim", sql: "create table public.hlf_sync_state ();\n" },
  ],
  functionBundle: "serve();\n",
  contractTest: "select plan(1);\n",
  adapter: "select 'theirs';\n",
};
const HOST: HostFiles = {
  migrations: [{ name: "20240901100000_init.sql", sql: "create table public.mentors ();" }],
  config: 'project_id = "theirs"\n',
  functionBundle: null,
  otherFunctionFiles: [],
  contractTest: null,
  declaresSchema: false,
};

function plan(core: CoreFiles, host: HostFiles, withoutCertifications = false, release = "1.0.0") {
  return planAdoption(core, host, { release, now: NOW, withoutCertifications });
}

/** The app once a plan was carried out. */
function after(host: HostFiles, { writes }: Plan): HostFiles {
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
    contractTest: written.get("supabase/tests/database/hlf_sync_contract.sql") ??
      host.contractTest,
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
    "supabase/tests/database/hlf_sync_contract.sql",
    "supabase/config.toml",
    "20261126120003_hlf_sync_adapter.sql",
  ]);
  assertEquals(first.writes.at(-1)?.text, CORE.adapter);
});

Deno.test("the second time nothing is", () => {
  const host = after(HOST, plan(CORE, HOST));
  assertEquals(plan(CORE, host).writes, []);
  // Neither when only the release has another name.
  assertEquals(plan(CORE, host, false, "1.0.1").writes, []);
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

Deno.test("a module that is left out stays out", () => {
  const first = plan(CORE, HOST, true);
  assert(!paths(first).join().includes("certifications"));
  const host = after(HOST, first);
  assertEquals(plan(CORE, host).writes, []);
  assertEquals(plan(CORE, host).hasCertifications, false);
  assertEquals(plan(CORE, after(HOST, plan(CORE, HOST)), true).problems.length, 1);
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
  const upgrade = plan(core, host, false, "1.1.0");
  assertEquals(upgrade.problems, []);
  assertEquals(paths(upgrade), [
    "20270301000001_hlf_sync_claim.sql",
    "20270301000002_hlf_sync_faster_claim.sql",
    "supabase/functions/hlf-sync/index.js",
  ]);
  assertEquals(plan(core, after(host, upgrade), false, "1.1.0").writes, []);
});

Deno.test("whatever of ours was edited or deleted is named, and nothing is written", () => {
  const host = after(HOST, plan(CORE, HOST));
  const edited: HostFiles = {
    ...host,
    migrations: host.migrations
      .filter(({ name }) => !name.endsWith("_ports.sql"))
      .map(({ name, sql }) => ({ name, sql: name.endsWith("_claim.sql") ? `${sql}-- x\n` : sql })),
    functionBundle: `${host.functionBundle}// x\n`,
    contractTest: CORE.contractTest,
  };
  for (const release of ["1.0.0", "1.1.0"]) {
    const { problems, writes } = plan(CORE, edited, false, release);
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
  assertEquals(plan(CORE, host, true).problems, []);
});
