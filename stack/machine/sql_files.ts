/** A file of SQL and its name. */
export interface SqlFile {
  readonly name: string;
  readonly sql: string;
}

/** The `.sql` files of a directory, in the order of their names. */
export async function readSqlFiles(directory: string): Promise<SqlFile[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    if (entry.isFile && entry.name.endsWith(".sql")) names.push(entry.name);
  }
  return await Promise.all(
    names.sort().map(async (name) => ({
      name,
      sql: await Deno.readTextFile(`${directory}/${name}`),
    })),
  );
}
