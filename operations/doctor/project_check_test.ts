import { assertEquals } from "@std/assert";
import { judge } from "./finding.ts";
import { compareProjects, projectOfDatabase, projectOfFunction } from "./project_check.ts";

const DIRECT = "postgresql://postgres:x@db.abcdefghij.supabase.co:5432/postgres";
const POOLED =
  "postgresql://postgres.abcdefghij:x@aws-0-eu-north-1.pooler.supabase.com:5432/postgres";
const LOCAL = "postgresql://postgres@127.0.0.1:54322/postgres";
const OWN = "https://abcdefghij.supabase.co/functions/v1/hlf-sync";

Deno.test("projectOfDatabase() and projectOfFunction() read the reference id where there is one", () => {
  assertEquals([DIRECT, POOLED, LOCAL].map(projectOfDatabase), ["abcdefghij", "abcdefghij", null]);
  assertEquals(
    [OWN, "https://abcdefghij.functions.supabase.co/hlf-sync", "https://api.example.org/x"]
      .map(projectOfFunction),
    ["abcdefghij", "abcdefghij", null],
  );
});

Deno.test("compareProjects() calls well only two URLs that say the same", () => {
  const here = "http://127.0.0.1:54321/functions/v1/hlf-sync";
  const cases: [string, string, string][] = [
    [DIRECT, OWN, "well"],
    [POOLED, OWN, "well"],
    [LOCAL, here, "well"],
    [LOCAL, "http://host.docker.internal:54321/functions/v1/hlf-sync", "well"],
    [DIRECT, OWN.replace("abcdefghij", "zyxwvutsrq"), "wrong"],
    [POOLED, here, "wrong"],
    [DIRECT, "http://host.docker.internal:54321/functions/v1/hlf-sync", "wrong"],
    [DIRECT, OWN.replace("https", "http"), "wrong"],
    [DIRECT, "https://api.example.org/functions/v1/hlf-sync", "unseen"],
    [LOCAL, OWN, "unseen"],
  ];
  for (const [database, called, verdict] of cases) {
    assertEquals(judge(compareProjects(database, called)), verdict, `${database} ${called}`);
  }
});

Deno.test("compareProjects() names the URL that mends it, where it is known", () => {
  const { findings = [] } = compareProjects(DIRECT, OWN.replace("abcdefghij", "zyxwvutsrq"));
  assertEquals(
    findings.map(({ remedy }) => "sql" in remedy && remedy.sql.includes(`'${OWN}'`)),
    [true],
  );
});
