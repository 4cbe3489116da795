/**
 * What Postgres takes for names in one space: a table and a view of one name collide, a table and a function do not. All other
 * kinds are relations.
 */
const SPACES: Readonly<Record<string, "function" | "type" | "schema">> = {
  function: "function",
  procedure: "function",
  type: "type",
  domain: "type",
  schema: "schema",
};

const NAME = String.raw`(?:"[^"]+"|[a-z_][\w$]*)`;
const KIND = String
  .raw`(materialized view|foreign table|table|view|sequence|index|function|procedure|type|domain|schema)`;
const STATEMENT = new RegExp(
  String.raw`\b(?:` +
    String
      .raw`create (?:or replace |global |local |temp |temporary |unlogged |recursive |unique )*${KIND} (?:concurrently )?(?:if not exists )?` +
    String.raw`(${NAME}(?:\.${NAME})?)` +
    String.raw`|drop ${KIND} (?:concurrently )?(?:if exists )?([^;]+)` +
    String
      .raw`|alter ${KIND} (?:if exists )?(${NAME}(?:\.${NAME})?)(?:\([^)]*\))? rename to (${NAME})` +
    ")",
  "gi",
);

/**
 * What is there, outside the schemas of the platform, after these migrations: such as `public.mentors` (a table or view),
 * `public.is_admin()` or `schema app`. Read from the text, as well as that goes: a name that is made by dynamic SQL is not seen.
 */
export function createdNames(migrations: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const text of migrations) {
    for (const found of plain(text).matchAll(STATEMENT)) {
      const [, made, madeName, dropped, droppedNames, renamed, oldName, newName] = found;
      if (made !== undefined && madeName !== undefined) {
        // An index need not have a name.
        if (made.toLowerCase() !== "index" || madeName.toLowerCase() !== "on") {
          names.add(key(made, madeName));
        }
      } else if (dropped !== undefined && droppedNames !== undefined) {
        for (const name of droppedNames.replaceAll(/\([^)]*\)/g, "").split(",")) {
          names.delete(key(dropped, name.trim().replace(/ (cascade|restrict)$/i, "")));
        }
      } else if (renamed !== undefined && oldName !== undefined && newName !== undefined) {
        names.delete(key(renamed, oldName));
        const schema = /^(.+)\./.exec(oldName)?.[1];
        names.add(key(renamed, schema === undefined ? newName : `${schema}.${newName}`));
      }
    }
  }
  return names;
}

function key(kind: string, name: string): string {
  const space = SPACES[kind.toLowerCase()];
  const parts = [...name.matchAll(new RegExp(NAME, "gi"))].map(([part]) =>
    part.startsWith('"') ? part.slice(1, -1) : part.toLowerCase()
  );
  if (space === "schema") return `schema ${parts.at(-1)}`;
  const qualified = parts.length > 1 ? parts.join(".") : `public.${parts[0]}`;
  if (space === "function") return `${qualified}()`;
  return space === "type" ? `type ${qualified}` : qualified;
}

/** Without comments, texts and the bodies of functions, and with one blank between words. */
function plain(sql: string): string {
  return sql
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ")
    .replaceAll(/\bas\s+(\$\w*\$)[\s\S]*?\1/gi, "as ''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/\s+/g, " ");
}
