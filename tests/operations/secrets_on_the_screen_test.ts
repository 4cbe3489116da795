import { assertEquals, assertMatch } from "@std/assert";
import { createRandom, type Random } from "../chaos/random.ts";
import { DEFAULT_CLIENT_ID, DEFAULT_TENANT_ID } from "../../simulator/defaults.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import { SimulatorClient } from "../../simulator/simulator_client.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { mentorId } from "../../operations/break_glass/testing.ts";
import { WORDS } from "../../operations/break_glass/arguments.ts";
import { type PseudoTerminal, startInTerminal } from "./pseudo_terminal.ts";

/** So many in every run of the tests; `HLF_TERMINAL_RUNS=200` plays more of them. */
const RUNS = Number(Deno.env.get("HLF_TERMINAL_RUNS") || 24);
const AT_A_TIME = 2;

const CLIENT_SECRET = "hemmelig-klient-7f3a";
const PASSWORD = "hemmelig-passord-91cd";

interface Question {
  readonly shown: string;
  readonly answer: string;
}

type Fault =
  | "none"
  | "wrong"
  | "empty"
  | "interrupt"
  | "end"
  | "ahead"
  | "corrected"
  | "pasted"
  | "closed";
const FAULTS: readonly Fault[] = [
  ...[
    "none",
    "wrong",
    "empty",
    "interrupt",
    "end",
    "ahead",
    "corrected",
    "pasted",
    "closed",
  ] as const,
];

/** Where a person sends the record; each of these still shows the questions on the screen. */
const REDIRECTIONS = ["", "| tee out.log", "2>&1 | tee out.log", ">out.log", "2>err.log"];

interface Scene {
  readonly simulatorUrl: string;
  readonly directory: string;
  readonly random: Random;
}

function questionsOf(option: string, { simulatorUrl }: Scene, words: typeof WORDS.en): Question[] {
  const { questions, terminal } = words;
  const database = [
    // Nothing listens there: the database is away, as on the day on which this is needed.
    { shown: `${questions.supabaseUrl}: `, answer: "http://127.0.0.1:9" },
    { shown: `${questions.publishableKey}: `, answer: "sb_publishable_x" },
    { shown: `${questions.email}: `, answer: "vakt@example.org" },
    { shown: `${questions.password} (${terminal.notShown}): `, answer: PASSWORD },
  ];
  const dynamics = [
    { shown: `${questions.dynamicsUrl}: `, answer: simulatorUrl },
    { shown: `${questions.tenant}: `, answer: DEFAULT_TENANT_ID },
    { shown: `${questions.client}: `, answer: DEFAULT_CLIENT_ID },
    { shown: `${questions.secret} (${terminal.notShown}): `, answer: CLIENT_SECRET },
  ];
  const confirm = { shown: `${terminal.typeYes}: `, answer: terminal.yes };
  switch (option) {
    case "--offline mentors.csv":
      return [...dynamics, confirm];
    case "--list new.csv":
      return dynamics;
    case "--import old.jsonl":
      return database;
    default:
      return [
        ...database,
        ...dynamics,
        { shown: `${questions.list}: `, answer: "mentors.csv" },
        confirm,
      ];
  }
}

/** Answers one question, or does what people do instead. @returns whether another may follow */
async function answer(
  terminal: PseudoTerminal,
  questions: readonly Question[],
  at: number,
  fault: Fault,
): Promise<boolean> {
  const text = questions[at]?.answer ?? "";
  switch (fault) {
    case "none":
      await terminal.type(`${text}\r`);
      return true;
    case "wrong":
      await terminal.type(`${text}-${text}\r`);
      return true;
    case "empty":
      await terminal.type("\r");
      return true;
    case "interrupt":
      await terminal.type(`${text}\x03`);
      return false;
    case "end":
      await terminal.type("\x04");
      return false;
    case "closed":
      await terminal.type(text);
      terminal.close();
      return false;
    case "ahead":
      // All that is still to be asked, in one go.
      await terminal.type(questions.slice(at).map((one) => `${one.answer}\r`).join(""));
      return false;
    case "corrected":
      await terminal.type(`${text}x\x7f\x7f${text.slice(-1)}\x15\x1b[D${text}\r`);
      return true;
    case "pasted":
      await terminal.type(`\x1b[200~${text}\x1b[201~\r`);
      return true;
  }
}

async function play(seed: number, scene: Scene): Promise<void> {
  const { random, directory } = scene;
  const language = random.pick(["nb", "en"] as const);
  const option = random.pick(["", "--offline mentors.csv", "--list new.csv", "--import old.jsonl"]);
  const redirection = random.pick(REDIRECTIONS);
  const questions = questionsOf(option, scene, WORDS[language]);
  const faulty = random.integer(0, questions.length - 1);
  const fault = random.pick(FAULTS);
  const what = `run ${seed}: break-glass ${option} ${redirection}, ${fault} at question ${faulty}`;
  await Deno.writeTextFile(`${directory}/mentors.csv`, `mentor_id\n${mentorId(seed)}\n`);
  await Deno.writeTextFile(`${directory}/old.jsonl`, "");

  const program = [
    ...[Deno.execPath(), "run", "--quiet", "--cached-only", "--no-prompt", "--allow-env"],
    ...["--allow-net", "--allow-read", "--allow-write", "--config", projectPath("deno.json")],
    ...[projectPath("operations/break_glass/main.ts"), option, redirection],
  ].join(" ");
  // The shell survives Ctrl-C, so that it can tell what the terminal is left like.
  const terminal = startInTerminal(`trap : INT; ${program}; stty -a`, {
    environment: {
      LC_ALL: language === "nb" ? "nb_NO.UTF-8" : "en_GB.UTF-8",
      DYNAMICS_AUTHORITY_HOST: scene.simulatorUrl,
    },
    cwd: directory,
  });
  try {
    for (const [at, question] of questions.entries()) {
      if (!await terminal.shows(question.shown)) break;
      if (!await answer(terminal, questions, at, at === faulty ? fault : "none")) break;
    }
    await terminal.ended;
  } catch (error) {
    throw new Error(`${what}: ${error}`);
  }
  const seen = [terminal.screen()];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isFile) seen.push(await Deno.readTextFile(`${directory}/${name}`));
  }
  for (const secret of [CLIENT_SECRET, PASSWORD]) {
    assertEquals(seen.some((text) => text.includes(secret)), false, `${what}:\n${seen[0]}`);
  }
  if (fault !== "closed") {
    // Whoever goes on in this window sees again what they type.
    assertMatch(terminal.screen(), /[^-]echo /, what);
    assertMatch(terminal.screen(), /[^-]icanon /, what);
  }
}

Deno.test({
  name: `no secret is on any screen or in any record, in ${RUNS} runs with faults at each question`,
  ignore: Deno.build.os !== "linux",
  async fn() {
    const simulator = await startSimulator({ port: 0 });
    await new SimulatorClient(simulator.url).setCredentials({ clientSecret: CLIENT_SECRET });
    let next = 0;
    const runner = async () => {
      while (next < RUNS) {
        const seed = ++next;
        const directory = await Deno.makeTempDir();
        try {
          const random = createRandom(seed);
          await play(seed, { simulatorUrl: simulator.url, directory, random });
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_A_TIME }, runner));
    } finally {
      await simulator.stop();
    }
  },
});
