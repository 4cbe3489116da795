import { assertEquals, assertStringIncludes } from "@std/assert";
import { toOperationError } from "./run_cli.ts";
import { OperationError } from "./errors.ts";

/** Ends a process of its own with what `body` does. */
async function end(body: string, redirect = ""): Promise<[code: number, lines: string[]]> {
  const directory = await Deno.makeTempDir();
  const script = `${directory}/command.ts`;
  const module = new URL("./run_cli.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { runCli } from "${module}"; await runCli(async () => { ${body} });`,
  );
  try {
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", `exec "$0" run --quiet --no-check "$1" ${redirect}`, Deno.execPath(), script],
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      stdout: "null",
    }).output();
    return [code, new TextDecoder().decode(stderr).trim().split("\n")];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("toOperationError() repeats nothing of an error that nobody foresaw", () => {
  const error = toOperationError(new TypeError("cannot read hemmelig"));
  assertEquals([error.code, error.message.includes("hemmelig")], ["unforeseen", false]);
  assertStringIncludes(error.message, "TypeError at operations/cli/run_cli_test.ts:");
  const known = new OperationError("refused", "No");
  assertEquals(toOperationError(known), known);
});

Deno.test("runCli() ends what is unforeseen with 70 and one line", async () => {
  for (
    const body of [
      `throw new URIError("hemmelig");`,
      `throw "hemmelig";`,
      // Nobody waits for these two.
      `Promise.reject(new TypeError("hemmelig")); await new Promise(() => setTimeout(() => {}, 9999));`,
      `setTimeout(() => { throw new TypeError("hemmelig"); }); await new Promise(() => setTimeout(() => {}, 9999));`,
    ]
  ) {
    const [code, lines] = await end(body);
    assertEquals([code, lines.length, lines.join().includes("hemmelig")], [70, 1, false], body);
    assertStringIncludes(lines[0] ?? "", "Something unforeseen happened");
  }
});

Deno.test({
  name: "runCli() names a full disk and a pipe whose reader has gone",
  ignore: Deno.build.os !== "linux",
  async fn() {
    assertEquals(await end(`console.log("x"); return 0;`, "> /dev/full"), [6, [
      "Cannot write the output: the disk is full",
    ]]);
    const write =
      `for (;;) { Deno.stdout.writeSync(new Uint8Array(65536)); await new Promise((r) => setTimeout(r)); }`;
    assertEquals((await end(write, "| head -c 1 >/dev/null; exit ${PIPESTATUS:-6}"))[1], [
      "Cannot write the output: whoever read it has gone (broken pipe)",
    ]);
  },
});
