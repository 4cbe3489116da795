import { projectPath } from "../../stack/machine/project_path.ts";
import { ERROR_CLASSES } from "../../supabase/functions/_shared/failure_classes.ts";
import { REFUSALS } from "../../supabase/functions/hlf-sync/respond.ts";
import { REQUESTS } from "../reference/api.ts";
import { readFunctions, readTables } from "../reference/read_dump.ts";
import { GIVEN, IN_VAULT, OF_THE_PAGE, readExample } from "../reference/settings.ts";

const read = (path: string) => Deno.readTextFile(projectPath(path));

/** What the bundled app has is no part of hlf-sync. */
const OF_THE_APP = ["mentors", "organisations", "organisation_members"];

/** What an adapter calls. */
const FOR_ADAPTERS = [
  ...["track_table", "track_related_table", "track_for_everybody", "mentors_changed"],
  "restore_privileges",
];

/** Every name that is promised to stay from the release on that has it; docs/reference/compatibility.md says what that means. */
export async function readFrozenNames(): Promise<string[]> {
  const dump = await read("supabase/schema.sql");
  const types = await read("supabase/functions/_shared/database.types.ts");
  const columnsOf = (name: string) => {
    const [, row = ""] = new RegExp(`"${name}": \\{\\s+Row: \\{([^}]*)\\}`).exec(types) ?? [];
    return [...row.matchAll(/"(\w+)":/g)].map(([, column]) => `column ${name}.${column}`);
  };
  const wordsOf = (name: string) => {
    const [, body = ""] =
      new RegExp(`FUNCTION hlf_sync\\.${name}\\([\\s\\S]*?AS \\$\\$([\\s\\S]*?)\\$\\$`)
        .exec(dump) ?? [];
    return [...body.matchAll(/'([\w:]+)'/g)].map(([, word = ""]) => word);
  };
  return [
    ...readFunctions(dump).flatMap(({ name, args, result }) => [
      ...args.map((arg) => `argument ${name}.${arg.split(" ")[0]}`),
      ...[...result.matchAll(/(?:\(|, )(\w+) /g)].map(([, column]) => `result ${name}.${column}`),
      `function ${name}`,
    ]),
    ...readTables(dump).filter(({ name }) => !OF_THE_APP.includes(name))
      .flatMap(({ name }) => columnsOf(name)),
    ...[...dump.matchAll(/^COMMENT ON (?:VIEW|FUNCTION) hlf_sync\.(\w+).* IS 'Port/gm)]
      .map(([, name]) => `port ${name}`),
    ...FOR_ADAPTERS.filter((name) => dump.includes(`\nCREATE FUNCTION hlf_sync.${name}(`))
      .map((name) => `for adapters ${name}`),
    ...wordsOf("is_sync_event").map((word) => `event ${word}`),
    ...ERROR_CLASSES.map((word) => `error ${word}`),
    ...REQUESTS.map(({ body }) => `request ${body.type}`),
    ...Object.keys(REFUSALS).map((word) => `refusal ${word}`),
    ...[
      ...Object.keys(GIVEN),
      ...readExample(await read("supabase/functions/.env.example"))
        .map(({ name }) => name),
    ].map((name) => `setting ${name}`),
    ...Object.keys(OF_THE_PAGE).map((name) => `setting of the page ${name}`),
    ...Object.keys(IN_VAULT).map((name) => `name in Vault ${name}`),
  ].sort();
}
