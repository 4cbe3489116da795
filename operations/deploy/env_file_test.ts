import { assertEquals, assertThrows } from "@std/assert";
import { projectPath } from "../../stack/machine/project_path.ts";
import { OperationError } from "../cli/errors.ts";
import { AWKWARD_VALUES } from "./awkward_values.ts";
import { formatEnvFile } from "./env_file.ts";

/** Reads such a file with Deno's own `--env-file`, as the doctor and break-glass are started. */
async function readByDeno(file: string, names: readonly string[]): Promise<Record<string, string>> {
  const path = await Deno.makeTempFile({ suffix: ".env" });
  try {
    await Deno.writeTextFile(path, file);
    const script = `console.log(JSON.stringify(${JSON.stringify(names)}
      .map((name) => [name, Deno.env.get(name)])))`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--cached-only",
        "--no-config",
        "-A",
        `--env-file=${path}`,
        `data:text/javascript,${encodeURIComponent(script)}`,
      ],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" },
    }).output();
    return Object.fromEntries(JSON.parse(new TextDecoder().decode(stdout)));
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("formatEnvFile() writes values that Deno reads back as they are", async () => {
  const file = formatEnvFile(AWKWARD_VALUES);
  assertEquals(await readByDeno(file, Object.keys(AWKWARD_VALUES)), { ...AWKWARD_VALUES });
});

Deno.test("formatEnvFile() leaves what needs no quotes without", () => {
  assertEquals(
    formatEnvFile({ A: "https://example.org/x?y=1", B: "x-1~2" }),
    "A='https://example.org/x?y=1'\nB=x-1~2\n",
  );
});

Deno.test("formatEnvFile() refuses what it cannot write, and does not tell the value", () => {
  for (
    const settings of [
      { A_SECRET: "a'b\"c`d" },
      { A_SECRET: "a'b`c\\n" },
      { A_SECRET: "a\r\nb" },
      { A_SECRET: "a\\", ANOTHER: "b\\" },
    ]
  ) {
    const error = assertThrows(() => formatEnvFile(settings), OperationError);
    assertEquals(error.code, "usage");
    assertEquals(error.message.includes("A_SECRET"), true);
    for (const value of Object.values(settings)) {
      assertEquals(error.message.includes(value), false);
    }
  }
});

Deno.test("the example of settings has every value in quotes", async () => {
  const example = await Deno.readTextFile(projectPath("supabase/functions/.env.example"));
  const lines = example.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assertEquals(lines.length > 0, true);
  for (const line of lines) assertEquals(/^[A-Z_]+='[^']*'$/.test(line), true, line);
});
