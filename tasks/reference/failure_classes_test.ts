import { assertEquals } from "@std/assert";
import { safeCode } from "../../supabase/functions/_shared/log.ts";
import {
  OFTEN_ONE_RECORD_CODES,
  ONE_RECORD_CODES,
} from "../../supabase/functions/_shared/dataverse/error_codes.ts";
import {
  ERROR_CLASSES,
  FAILURE_CLASSES,
} from "../../supabase/functions/_shared/failure_classes.ts";

const root = new URL("../../", import.meta.url);
const migration = (name: string) =>
  Deno.readTextFileSync(new URL(`supabase/migrations/${name}.sql`, root));

Deno.test("FAILURE_CLASSES are the words that the database admits, and no others", () => {
  const sql = migration("20261101000200_audit_log");
  const [, pattern = ""] = /'\^\(([\s\S]*?)\)'/.exec(sql) ?? [];
  assertEquals(pattern.replace(/'\s*'/g, "").split("|").sort(), [...ERROR_CLASSES].sort());
});

Deno.test("FAILURE_CLASSES: SQL knows the same refusals, and the same uncertain outcomes", () => {
  const judge = migration("20261101000700_failures");
  const classesWhere = (is: (name: keyof typeof FAILURE_CLASSES) => boolean) =>
    ERROR_CLASSES.filter(is).sort();
  const [, refusals = ""] = /message ~ '\^\(([a-z_|]+)\)\( \|\$\)'/.exec(judge) ?? [];
  assertEquals(
    refusals.split("|").sort(),
    classesWhere((name) => FAILURE_CLASSES[name].retried === "short series"),
  );
  const settle = migration("20261101000600_claim_and_settle");
  const [, uncertain = ""] = /earlier\.error_message ~ '\^\(([a-z_|]+)\)'/.exec(settle) ?? [];
  assertEquals(
    uncertain.split("|").sort(),
    classesWhere((name) => "isUncertain" in FAILURE_CLASSES[name]),
  );
  const [, excused = ""] = /t\.error_message ~ '\^([a-z_]+)' as is_excused/.exec(settle) ?? [];
  assertEquals([excused], classesWhere((name) => FAILURE_CLASSES[name].counted === "no"));
});

Deno.test("the codes about single records are the same in SQL", () => {
  const judge = migration("20261101000700_failures");
  for (const code of ONE_RECORD_CODES) assertEquals(judge.includes(`forbidden code=${code}`), true);
  const [, often = ""] = /' code=\(([0-9a-fx|]+)\)'/.exec(judge) ?? [];
  assertEquals(often.split("|").sort(), [...OFTEN_ONE_RECORD_CODES].sort());
});

Deno.test("the log admits each class, and nothing that only looks like one", () => {
  for (const name of ERROR_CLASSES) assertEquals(safeCode(name), name);
  assertEquals(safeCode("kari_nordmann"), "unknown");
});
