import { projectPath } from "../../../stack/machine/project_path.ts";
import type { Stack } from "../../../stack/stack_types.ts";

const HELPERS = "supabase/tests/database/000_create_test_helpers.sql";

/** What travelling is made of. */
const NEEDED = ["has_certifications", "own_relations", "travel"];

/** Gives a stack's database the function with which the pgTAP tests let time pass, from their own file. */
export async function installTravel(stack: Stack): Promise<void> {
  const helpers = await Deno.readTextFile(projectPath(HELPERS));
  const definitions = NEEDED.map((name) => {
    const pattern = new RegExp(`create function hlf_tests\\.${name}\\(.*?\n\\$\\$;\n`, "s");
    const [definition] = pattern.exec(helpers) ?? [];
    if (definition === undefined) throw new Error(`${HELPERS} has no hlf_tests.${name}`);
    return definition;
  });
  await stack.run(`create schema hlf_tests; ${definitions.join("")}`);
}

/** Lets time pass in the database: whatever its tables remember is that much longer ago. */
export async function travel(stack: Stack, minutes: number): Promise<void> {
  await stack.sql("select hlf_tests.travel(make_interval(mins => $1))", [minutes]);
}
