import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  DEFAULT_TENANT_ID,
} from "../../simulator/defaults.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import { SimulatorClient } from "../../simulator/simulator_client.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { mentorId } from "../../operations/break_glass/testing.ts";
import { runCommand } from "./run_command.ts";

const EXPORT = ["--from", "2026-11-01", "--to", "2026-11-01", "--out", "nowhere"];

Deno.test("every command says in one line what is wrong with DATABASE_URL", async () => {
  const cases = [
    ["postgresql://postgres:hem%lig@127.0.0.1:9/postgres", 2, "% as %25"],
    ["postgresql://postgres:hem#lig@127.0.0.1:9/postgres", 2, "# as %23"],
    ["postgresql://postgres:hem@lig@127.0.0.1:9/postgres", 2, "@ as %40"],
    ["postgresql://postgres:hem/lig@127.0.0.1:9/postgres", 2, "/ as %2F"],
    ["hemlig", 2, "it must be postgresql://"],
    ["postgresql://postgres:hemlig@127.0.0.1:9/postgres", 4, "cannot be reached (ECONNREFUSED)"],
  ] as const;
  const commands = [["doctor/main.ts", []], ["audit_export/export_main.ts", EXPORT]] as const;
  for (const [url, expected, says] of cases) {
    for (const [script, args] of commands) {
      const { code, stderr } = await runCommand(script, args, {
        environment: { DATABASE_URL: url },
      });
      assertEquals([code, stderr.trim().split("\n").length], [expected, 1], stderr);
      assertStringIncludes(stderr, says);
      assertEquals(/hem.?lig/.test(stderr), false, stderr);
    }
  }
});

interface Fixture {
  readonly control: SimulatorClient;
  /** Runs break-glass with a list of one, in a shell; `"$@"` there is the command. */
  readonly run: (shell: string) => Promise<{ code: number; said: string }>;
}

/** A simulator that shows one mentor, and a list to remove them. */
async function withOneMentor(work: (fixture: Fixture) => Promise<void>): Promise<void> {
  const simulator = await startSimulator({ port: 0 });
  const directory = await Deno.makeTempDir();
  const control = new SimulatorClient(simulator.url);
  try {
    await control.seed([{ mentorId: mentorId(1), name: "Kari Oppdiktet", published: true }]);
    await Deno.writeTextFile(`${directory}/list.csv`, `mentor_id\n${mentorId(1)}\n`);
    const answers = [
      ...[simulator.url, DEFAULT_TENANT_ID, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, "yes"],
    ];
    await Deno.writeTextFile(`${directory}/answers`, answers.map((one) => `${one}\n`).join(""));
    await work({
      control,
      async run(shell) {
        const { code, stderr } = await new Deno.Command("sh", {
          args: [
            ...[
              "-c",
              shell,
              "sh",
              Deno.execPath(),
              "run",
              "--cached-only",
              "--no-check",
              "--quiet",
              "-A",
            ],
            ...["--config", projectPath("deno.json")],
            ...[projectPath("operations/break_glass/main.ts"), "--offline", "list.csv"],
          ],
          cwd: directory,
          env: { NO_COLOR: "1", LC_ALL: "C", DYNAMICS_AUTHORITY_HOST: simulator.url },
          stdout: "null",
        }).output();
        return { code, said: new TextDecoder().decode(stderr) };
      },
    });
  } finally {
    await simulator.stop();
    await Deno.remove(directory, { recursive: true });
  }
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "break-glass sends nothing that no journal can hold, and says why",
  ignore,
  fn: () =>
    withOneMentor(async ({ control, run }) => {
      // No file may grow, as on a full disk.
      const { code, said } = await run(`trap '' XFSZ; ulimit -f 0; exec "$@" <answers`);
      assertEquals(code, 6, said);
      assertStringIncludes(said, ".jsonl: the file would be too large");
      const sent = (await control.requests()).filter(({ method }) => method === "PATCH");
      assertEquals(sent, []);
    }),
});

Deno.test({
  name: "break-glass goes on when its record can no longer be written, and says so once",
  ignore,
  async fn() {
    for (
      const [shell, why] of [
        [`"$@" <answers >/dev/full`, "the disk is full"],
        [`("$@" <answers; echo "rc $?" >&2) | :`, "broken pipe"],
      ] as const
    ) {
      await withOneMentor(async ({ control, run }) => {
        const { said } = await run(shell);
        assertEquals(said.split("Cannot write the output: ").length, 2, said);
        assertStringIncludes(said, why);
        assertEquals((await control.listings()).map(({ published }) => published), [false], said);
      });
    }
  },
});
