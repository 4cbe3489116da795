import { projectPath } from "../../stack/machine/project_path.ts";
import { describeFailureClasses } from "./failure_classes.ts";
import { describeTasks } from "./tasks.ts";

/** The pages that derive from the code: their path, and how each is made. */
export const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  "docs/reference/errors.md": () => Promise.resolve(describeFailureClasses()),
  "docs/reference/tasks.md": async () =>
    describeTasks(await Deno.readTextFile(projectPath("deno.json"))),
};
