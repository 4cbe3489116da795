const HEAD = `# The schema

Generated from \`supabase/schema.sql\`, which has the whole current database, by \`deno task schema\`; a test compares them. What is in \`public\` can
be read over REST as far as row level security allows; no API reaches \`hlf_sync\`.

| | what it is for |
|---|---|
`;

/** Lists the tables and views of the dump of a schema with their comments, as Markdown. */
export function describeSchema(dump: string): string {
  const comments = dump.matchAll(/^COMMENT ON (TABLE|VIEW) (\S+) IS '((?:[^']|'')*)';$/gm);
  const rows = [...comments].map(([, kind = "", name = "", comment = ""]) => {
    const text = comment.replaceAll("''", "'").replaceAll("|", "\\|").replace(/\s+/g, " ");
    return `| ${kind === "VIEW" ? "view " : ""}\`${name}\` | ${text} |\n`;
  });
  return HEAD + rows.sort().join("");
}
