import { assert, assertEquals } from "@std/assert";
import { addFunction } from "./function_config.ts";

const THEIRS = `project_id = "theirs"\n\n[functions.other]\nverify_jwt = true\n`;

Deno.test("the section is added, and everything else stays", () => {
  const { text, problems, remarks } = addFunction(THEIRS);
  assert(text?.startsWith(THEIRS));
  assertEquals(text?.slice(THEIRS.length).includes("[functions.hlf-sync]"), true);
  assertEquals([problems, remarks], [[], []]);
  assertEquals(addFunction(text ?? ""), { text: null, problems: [], remarks: [] });
});

Deno.test("ends of lines are theirs, and a last line without one is no obstacle", () => {
  const windows = addFunction(THEIRS.replaceAll("\n", "\r\n")).text ?? "";
  assertEquals(windows.replaceAll("\r\n", "").includes("\n"), false);
  assert(addFunction(THEIRS.trimEnd()).text?.includes("verify_jwt = true\n\n[functions.hlf-sync]"));
});

Deno.test("a section that is there is left alone, and what it lacks is told", () => {
  for (const heading of ["[functions.hlf-sync]", '[ functions."hlf-sync" ] # ours']) {
    const { text, remarks } = addFunction(`${THEIRS}${heading}\nenabled = true\n[other]\nx = 1\n`);
    assertEquals(text, null);
    assertEquals(remarks.length, 2);
  }
  assertEquals(addFunction(`[functions]\nhlf-sync = { verify_jwt = false }\n`).text, null);
  assert(addFunction(`${THEIRS}# [functions.hlf-sync]\n`).text !== null);
});

Deno.test("internals that REST would expose are a problem", () => {
  const exposing = `[api]\nschemas = ["public",\n  "hlf_sync"]\n`;
  assertEquals(addFunction(exposing).problems.length, 1);
  assertEquals(addFunction(`# schemas = ["hlf_sync"]\nschemas = ["public"]`).problems, []);
});
