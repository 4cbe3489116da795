import { assertEquals } from "@std/assert";
import { FAILURE_CLASSES } from "../../supabase/functions/_shared/failure_classes.ts";
import { AUDIT_ROWS } from "./audit_row.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

/** The rows of the table below a heading, as word and meaning. */
function tableBelow(page: string, heading: string): [string, string][] {
  const section = page.split(`\n${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map((
    [, word, meaning],
  ) => [word ?? "", meaning ?? ""]);
}

/** The words that the log admits, as the schema lists them. */
async function admitted(name: string): Promise<string> {
  const sql = await read("supabase/schema.sql");
  return sql.split(`\nCREATE FUNCTION hlf_sync.${name}(`)[1]?.split("\nCOMMENT ON")[0]?.replace(
    /--.*/g,
    "",
  ) ?? "";
}

Deno.test("the auditors' page explains every word of error_message, as the code does", async () => {
  const table = tableBelow(
    await read("docs/guides/auditors.md"),
    "## Every word of `error_message`",
  );
  assertEquals(
    table,
    Object.entries(FAILURE_CLASSES).map(([word, facts]) => [word, facts.meaning]),
  );
  const body = await admitted("is_sync_error");
  const words = body.match(/\^\(([\s\S]*?)\)'/)?.[1]?.replace(/['\s]/g, "").split("|") ?? [];
  assertEquals(table.map(([word]) => word).sort(), words.sort());
});

Deno.test("the auditors' page explains every word of triggered_by_event", async () => {
  const table = tableBelow(
    await read("docs/guides/auditors.md"),
    "## Every word of `triggered_by_event`",
  );
  const body = await admitted("is_sync_event");
  const words = [...body.matchAll(/'([a-z_]+(?::[a-z_]+)?)'/g)].map(([, word]) => word ?? "");
  assertEquals(table.map(([word]) => word).sort(), words.sort());
  assertEquals(words.length > 9, true);
});

Deno.test("the auditors' page explains every column of an export", async () => {
  const page = await read("docs/guides/auditors.md");
  const section = page.split("\n## One row is one attempt\n")[1]?.split("\n### ")[0] ?? "";
  const explained = [...section.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, names]) =>
    [...(names ?? "").matchAll(/`([a-z_]+)`/g)].map(([, name]) => name ?? "")
  );
  assertEquals(explained, AUDIT_ROWS.names);
});
