import { assertEquals } from "@std/assert";
import { projectPath } from "../../stack/machine/project_path.ts";
import { safeCode } from "../../supabase/functions/_shared/log.ts";
import {
  OFTEN_ONE_RECORD_CODES,
  ONE_RECORD_CODES,
} from "../../supabase/functions/_shared/dataverse/error_codes.ts";
import {
  ERROR_CLASSES,
  FAILURE_CLASSES,
} from "../../supabase/functions/_shared/failure_classes.ts";

const dump = await Deno.readTextFile(projectPath("supabase/schema.sql"));
const bodyOf = (name: string) =>
  dump.split(`\nCREATE FUNCTION hlf_sync.${name}(`)[1]?.split("\nCOMMENT ON")[0] ?? "";

Deno.test("FAILURE_CLASSES are the words that the database admits, and no others", () => {
  const [, pattern = ""] = /'\^\(([\s\S]*?)\)'/.exec(bodyOf("is_sync_error")) ?? [];
  assertEquals(pattern.replace(/'\s*'/g, "").split("|").sort(), [...ERROR_CLASSES].sort());
});

Deno.test("FAILURE_CLASSES: SQL knows the same refusals, outages and uncertain outcomes", () => {
  const classesWhere = (is: (name: keyof typeof FAILURE_CLASSES) => boolean) =>
    ERROR_CLASSES.filter(is).sort();
  const [, refusals = ""] = /message ~ '\^\(([a-z_|]+)\)/.exec(bodyOf("is_refusal")) ?? [];
  assertEquals(
    refusals.split("|").sort(),
    classesWhere((name) => FAILURE_CLASSES[name].retried === "short series"),
  );
  const [, outages = ""] = /message ~ '\^\(([a-z_|]+)\)/.exec(bodyOf("is_outage")) ?? [];
  assertEquals(
    outages.split("|").sort(),
    classesWhere((name) =>
      FAILURE_CLASSES[name].retried === "backoff" &&
      !["throttled", "credentials_rejected"].includes(name)
    ),
  );
  const settle = bodyOf("settle_attempts");
  const [, uncertain = ""] = /earlier\.error_message ~ '\^\(([a-z_|]+)\)'/.exec(settle) ?? [];
  assertEquals(
    uncertain.split("|").sort(),
    classesWhere((name) => "isUncertain" in FAILURE_CLASSES[name]),
  );
  const [, uncounted = ""] = /t\.error_message ~ '\^([a-z_]+)' as is_uncounted/.exec(settle) ?? [];
  assertEquals([uncounted], classesWhere((name) => FAILURE_CLASSES[name].counted === "no"));
});

Deno.test("the codes about single records are the same in SQL", () => {
  const judge = bodyOf("mentors_that_make_everybody");
  for (const code of ONE_RECORD_CODES) assertEquals(judge.includes(`forbidden code=${code}`), true);
  const [, often = ""] = /' code=\(([0-9a-fx|]+)\)'/.exec(judge) ?? [];
  assertEquals(often.split("|").sort(), [...OFTEN_ONE_RECORD_CODES].sort());
});

Deno.test("the log admits each class, and nothing that only looks like one", () => {
  for (const name of ERROR_CLASSES) assertEquals(safeCode(name), name);
  assertEquals(safeCode("kari_nordmann"), "unknown");
});
