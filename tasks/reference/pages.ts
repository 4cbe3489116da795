import { projectPath } from "../../stack/machine/project_path.ts";
import { describeApi } from "./api.ts";
import { describeFailureClasses } from "./failure_classes.ts";
import { describeSettings } from "./settings.ts";
import { describeSchema } from "./schema.ts";
import { describeTasks } from "./tasks.ts";

const readSchema = () => Deno.readTextFile(projectPath("supabase/schema.sql"));

/** The pages that derive from the code: their path, and how each is made. */
export const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  "docs/reference/api.md": async () => describeApi(await readSchema()),
  "docs/reference/errors.md": () => Promise.resolve(describeFailureClasses()),
  "docs/reference/schema.md": async () => describeSchema(await readSchema()),
  "docs/reference/settings.md": async () =>
    describeSettings(
      await Deno.readTextFile(projectPath("supabase/functions/.env.example")),
      await readSchema(),
    ),
  "docs/reference/tasks.md": async () =>
    describeTasks(await Deno.readTextFile(projectPath("deno.json"))),
};

export async function writePages(): Promise<void> {
  for (const [path, make] of Object.entries(PAGES)) {
    await Deno.writeTextFile(projectPath(path), await make());
  }
}
