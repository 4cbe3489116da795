import { projectPath } from "../../stack/project_path.ts";
import type { Stack } from "../../stack/stack_types.ts";

const HELPERS = "supabase/tests/database/000_create_test_helpers.sql";

/** Gives a stack's database the function with which the pgTAP tests let time pass, from their own file. */
export async function installTravel(stack: Stack): Promise<void> {
  const helpers = await Deno.readTextFile(projectPath(HELPERS));
  const [definition] = helpers.match(/create or replace function tests\.travel.*?\n\$\$;\n/s) ?? [];
  if (definition === undefined) throw new Error(`${HELPERS} has no tests.travel`);
  await stack.run(`create schema if not exists tests; ${definition}`);
}

/** Lets time pass in the database: whatever its tables remember is that much longer ago. */
export async function travel(stack: Stack, minutes: number): Promise<void> {
  await stack.sql("select tests.travel(make_interval(mins => $1))", [minutes]);
}
