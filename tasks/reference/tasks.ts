import { z } from "zod";

const configuration = z.object({
  tasks: z.record(z.string(), z.object({ description: z.string(), command: z.string() })),
});

const HEAD = `# Tasks

Generated from \`deno.json\` by \`deno task reference\`; a test compares them. \`deno task\` lists the same. With Deno 2.9.6 installed
write \`deno task …\`; without, \`npx -y deno@2.9.6 task …\`.

| \`deno task …\` | |
|---|---|
`;

/** The tasks of a `deno.json` in their order, with what each does. */
export function readTasks(text: string): [name: string, description: string][] {
  const { tasks } = configuration.parse(JSON.parse(text));
  return Object.entries(tasks).map(([name, { description }]) => [name, description]);
}

const escape = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** The reference of the tasks, as Markdown. */
export function describeTasks(text: string): string {
  return HEAD + readTasks(text)
    .map(([name, description]) => `| \`${name}\` | ${escape(description)} |\n`).join("");
}
