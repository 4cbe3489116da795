import { stripVTControlCharacters } from "node:util";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { DEFAULT_CLIENT_ID, DEFAULT_TENANT_ID } from "../../simulator/defaults.ts";
import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { isOnWebsite, mentor } from "../../stack/observe.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { startInTerminal } from "./pseudo_terminal.ts";
import { readScreen, renderScreen } from "./screen_picture.ts";
import { ADMINISTRATOR, breakGlassTest, NEW_SECRET } from "./stack_for_operations.ts";

/** With this set, the picture in the administrators' page is made anew. */
const WRITES_PICTURE = Deno.env.has("HLF_WRITE_PICTURE");
const PICTURE = projectPath("docs/pictures/break-glass.svg");

/** What the task of a clone needs; no package is among it. */
const CLONED = ["deno.json", "deno.lock", "operations", "supabase/functions"];

async function clone(into: string): Promise<void> {
  for (const path of CLONED) await copy(projectPath(path), `${into}/${path}`);
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** Runs a command of the page as it stands there, in a Norwegian terminal from which no registry can be reached. */
async function follow(
  stack: Stack,
  folder: string,
  args: string,
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ code: number; screen: string }> {
  const nowhere = "http://127.0.0.1:9";
  const terminal = startInTerminal(`${Deno.execPath()} task break-glass ${args}`, {
    environment: {
      LC_ALL: "nb_NO.UTF-8",
      HTTPS_PROXY: nowhere,
      https_proxy: nowhere,
      NO_PROXY: "127.0.0.1",
      // Entra's address, which is Microsoft's for everybody else.
      DYNAMICS_AUTHORITY_HOST: stack.simulatorUrl,
    },
    cwd: folder,
  });
  for (const [question, answer] of answers) {
    if (!await terminal.shows(question)) break;
    await terminal.type(`${answer}\r`);
  }
  const code = await terminal.ended;
  return { code, screen: terminal.screen().replaceAll("\r\n", "\n") };
}

function dynamicsAnswers(stack: Stack): [string, string][] {
  return [
    ["Adressen til Dynamics", stack.simulatorUrl],
    ["Tenant-id", DEFAULT_TENANT_ID],
    ["Client-id", DEFAULT_CLIENT_ID],
    ["Client secret (vises ikke)", NEW_SECRET],
  ];
}

function databaseAnswers(stack: Stack, url: string): [string, string][] {
  return [
    ["Adressen til Supabase", url],
    ["Publishable key", stack.publishableKey],
    ["Din e-postadresse", ADMINISTRATOR.email],
    ["Ditt passord (vises ikke)", ADMINISTRATOR.password],
  ];
}

/** The screen as it is in the picture: the same in every run. */
function forPicture(stack: Stack, screen: string): string[] {
  return screen.split("\n")
    // What was drawn over is no longer seen.
    .map((line) => stripVTControlCharacters(line.slice(line.lastIndexOf("\r") + 1)).trimEnd())
    .filter((line) => line !== "" && !/^(Task|Download) /.test(line))
    .map((line) => line.replace(stack.simulatorUrl, "https://hlf.crm4.dynamics.com"))
    .map((line) => line.replace(/(break-glass)-[\dTZ-]+/, "$1-2026-11-25T20-14-03-120Z"));
}

breakGlassTest("a person with nothing but the administrators' page and the credentials", {
  async "takes three people off the website without the database, and writes it in afterwards"(
    stack,
    directory,
  ) {
    const folder = `${directory}/clone`;
    await Deno.mkdir(`${folder}/supabase`, { recursive: true });
    await clone(folder);
    const page = await Deno.readTextFile(projectPath("docs/guides/administrators.md"));
    const run = (args: string, answers: readonly (readonly [string, string])[]) => {
      // Without it npx asks the registry for more than a minute before it takes what it has.
      const command = "npx -y --prefer-offline deno@2.9.6 task break-glass";
      assertStringIncludes(page, `${command}${args === "" ? "" : ` ${args}`}\n`);
      return follow(stack, folder, args, answers);
    };
    const prepared = await run("--prepare", []);
    assertEquals(prepared.code, 0, prepared.screen);
    assertStringIncludes(prepared.screen, "ingen pakkeserver må svare");

    const away = await run("", [
      ...databaseAnswers(stack, "http://127.0.0.1:9"),
      ...dynamicsAnswers(stack),
      ["tomt svar avslutter", ""],
    ]);
    assertEquals(away.code, 4, away.screen);
    assertStringIncludes(away.screen, "lag en med --list liste.csv");

    const listed = await run("--list liste.csv", dynamicsAnswers(stack));
    assertEquals(listed.code, 0, listed.screen);
    const list = await Deno.readTextFile(`${folder}/liste.csv`);
    const three = ["a1", "a2", "b1"];
    const [header, ...rows] = list.trimEnd().split("\r\n");
    const kept = rows.filter((row) => three.some((code) => row.startsWith(mentor(code))));
    assertEquals(kept.every((row) => row.endsWith(";ja") && /"[^"]+ [^"]+"/.test(row)), true, list);

    const asItIs = await follow(stack, folder, "--offline liste.csv", []);
    assertEquals(asItIs.code, 5, "A list in which nobody has written anything changes nobody");

    await Deno.writeTextFile(
      `${folder}/liste.csv`,
      [header, ...kept.map((row) => row.replace(";;", ";remove;")), ""].join("\r\n"),
    );
    const sent = await run("--offline liste.csv", [
      ...dynamicsAnswers(stack),
      ["Skriv ja for å gå videre", "ja"],
    ]);
    assertEquals(sent.code, 0, sent.screen);
    for (const code of three) assertEquals(await isOnWebsite(stack, code), false);
    assertEquals(await isOnWebsite(stack, "b2"), true);
    const journal = /Journal: (\S+)/.exec(sent.screen)?.[1] ?? "";
    assertEquals((await Deno.stat(`${folder}/${journal}`)).isFile, true);

    const imported = await follow(
      stack,
      folder,
      `--import ${journal}`,
      databaseAnswers(stack, stack.apiUrl),
    );
    assertEquals(imported.code, 0, imported.screen);
    assertStringIncludes(imported.screen, "Skrevet inn i revisjonsloggen: 3");
    assertEquals(
      await stack.sql(
        `select log.mentor_id, log.operation, log.outcome, a.action
        from public.hlf_sync_audit_log as log
        join public.hlf_sync_manual_actions as a on a.mentor_id = log.mentor_id and a.created_at = log.created_at
        where log.triggered_by_event = 'break_glass' order by 1`,
      ),
      three.map((code) => ({
        ...{ mentor_id: mentor(code), operation: "remove", outcome: "success" },
        action: "break_glass_import",
      })),
    );
    assertEquals(await assertLogMatchesDynamics(stack, "break_glass"), 3);
    for (const { screen } of [away, listed, sent, imported]) {
      for (const secret of [NEW_SECRET, ADMINISTRATOR.password, "Eksempel"]) {
        assertEquals(screen.includes(secret), false, screen);
      }
    }

    const lines = [
      "$ npx -y --prefer-offline deno@2.9.6 task break-glass --offline liste.csv",
      ...forPicture(stack, sent.screen),
    ];
    if (WRITES_PICTURE) await Deno.writeTextFile(PICTURE, renderScreen(lines));
    assertEquals(
      readScreen(await Deno.readTextFile(PICTURE)),
      lines,
      "The picture is what is seen",
    );
  },
});
