import { assertEquals } from "@std/assert";
import { ChildProcess } from "../../stack/machine/child_process.ts";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import {
  eventually,
  mentor,
  ORGANISATION_A,
  post,
  setStatus,
  signIn,
  sweep,
} from "../../stack/observe.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import type { Stack } from "../../stack/stack_types.ts";
import type { BombardResult, BombardSettings } from "./bombard.ts";
import { PeopleFinder } from "./find_people.ts";
import { hostileRequest } from "./hostile_requests.ts";
import { inventPeople, mention, type Person, pick, seededRandom } from "./people.ts";

const SEED = 20261101;
const CASES = { dynamics: 7600, entra: 400, listings: 400, requests: 800, rest: 800 };

/** The app's own tables, where people belong: everything else must not know them. */
const OF_THE_APP = ["public.mentors", "public.organisations"];

/** Every row of every table but the app's own, of pg_net, pg_cron and Vault too, as text. */
async function readTables(stack: Stack): Promise<Map<string, string>> {
  const tables = await stack.sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'auth')
       and n.nspname not like 'pg\\_%'
     order by 1`,
  );
  const texts = new Map<string, string>();
  for (const { name } of tables) {
    if (OF_THE_APP.includes(name)) continue;
    const rows = await stack.sql<{ row: string }>(`select t::text as row from ${name} as t`);
    texts.set(name, rows.map(({ row }) => row).join("\n"));
  }
  return texts;
}

async function assertNobodyIn(
  stack: Stack,
  finder: PeopleFinder,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const found = [...await readTables(stack), ...Object.entries(texts)]
    .map(([place, text]) => [place, finder.find(text).slice(0, 5)] as const)
    .filter(([, people]) => people.length > 0);
  assertEquals(Object.fromEntries(found), {}, "people were found where nobody should be");
}

/** Mentors are people too, and what becomes of them is recorded. */
async function addMentors(stack: Stack, people: readonly Person[]): Promise<void> {
  for (const { name, email } of people) {
    await stack.sql(
      "insert into public.mentors (organisation_id, full_name, email) values ($1, $2, $3)",
      [ORGANISATION_A, name, email],
    );
  }
}

/** What a process leaves that was killed, or kept from settling, would hold up everything until its leases run out. */
async function forgetWhatIsUnderWay(stack: Stack): Promise<void> {
  await stack.sql("update public.hlf_sync_gate set interruption_backoff = '0 seconds'");
  await stack.sql(
    "update hlf_sync.attempts set lease_expires_at = now() where outcome is null",
  );
  await stack.sql("select hlf_sync.settle_interrupted_attempts()");
  await stack.sql("select hlf_sync.open_gate('credentials')");
  await stack.sql("select hlf_sync.open_gate('throttled')");
}

async function bombard(stack: Stack): Promise<BombardResult & { output: string }> {
  const directory = await Deno.makeTempDir({ prefix: "hlf-sync-personal-data-" });
  try {
    const { apiUrl, databaseUrl, secretKey, publishableKey, jwtSecret } = stack;
    const settings: BombardSettings = {
      ...{ apiUrl, databaseUrl, secretKey, publishableKey, jwtSecret },
      seed: SEED,
      cases: CASES,
    };
    await Deno.writeTextFile(`${directory}/settings.json`, JSON.stringify(settings));
    const lines: string[] = [];
    const child = new ChildProcess({
      name: "The bombarded function",
      command: Deno.execPath(),
      args: [
        ...["run", "--cached-only", "-A", "--quiet"],
        projectPath("tests/personal_data/bombard.ts"),
        ...[`${directory}/settings.json`, `${directory}/result.json`],
      ],
      environment: Deno.env.toObject(),
      cwd: projectPath("."),
      onLine: ({ line }) => lines.push(line),
    });
    const { success } = await child.ended;
    assertEquals(success, true, lines.slice(-5).join("\n"));
    const result = JSON.parse(await Deno.readTextFile(`${directory}/result.json`));
    return { ...result, output: lines.join("\n") };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "personal data from outside is neither stored nor printed",
  // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
  sanitizeExit: false,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const stack = await startConfiguredStack({
      cron: false,
      functionEnvironment: { HLF_SYNC_BACKOFF_SECONDS: "0.1,0.1,0.1" },
    });
    try {
      const random = seededRandom(SEED + 1);
      const inventor = inventPeople(random);
      const finder = new PeopleFinder();
      const next = () => {
        const person = inventor.next().value;
        finder.add(person);
        return person;
      };
      await addMentors(stack, Array.from({ length: 100 }, next));

      await t.step("in 10,000 cases, by the function's code in a process of its own", async () => {
        stack.killFunction("SIGKILL");
        await forgetWhatIsUnderWay(stack);
        const { cases, people, answers, output } = await bombard(stack);
        people.forEach((person) => finder.add(person));
        const total = Object.values(cases).reduce((sum, count) => sum + count, 0);
        assertEquals(total >= 10_000, true, `only ${JSON.stringify(cases)}`);
        // Something has to have been written for the search to mean anything.
        const [log] = await stack.sql<{ errors: number }>(
          "select count(*)::integer as errors from public.hlf_sync_audit_log where error_message is not null",
        );
        assertEquals((log?.errors ?? 0) > 1000, true);
        assertEquals(output.includes("credentials_rejected"), true);
        await stack.restartFunction();
        await assertNobodyIn(stack, finder, { output, answers: answers.join("\n") });
      });

      await t.step("through the whole stack", async () => {
        await forgetWhatIsUnderWay(stack);
        const asCoordinator = await signIn(stack);
        const text = () => mention(random, next());
        const header = () => text().replace(/[^\x20-\x7e]/g, "?");
        for (let i = 0; i < 40; i++) {
          await stack.simulator.addFault({
            match: { target: pick(random, ["patch", "patch", "patch", "token", "query"]) },
            times: 2,
            answer: {
              status: pick(random, [400, 404, 409, 500, 502, 503]),
              code: pick(random, [text(), next().phone, `0x${next().phone}`, "0x80044150"]),
              message: text(),
              headers: {
                "x-ms-service-request-id": header(),
                req_id: header(),
                "retry-after": pick(random, ["1", header()]),
              },
            },
          });
          if (i % 4 === 0) {
            stack.setRestFault({
              match: { resource: "hlf_sync_audit_log" },
              answer: {
                status: 500,
                code: pick(random, [next().phone, next().name]),
                message: text(),
              },
              times: 1,
            });
          }
          // An answer may have closed it for a day.
          await stack.sql("select hlf_sync.open_gate('throttled')");
          await setStatus(stack, "a1", i % 2 === 0 ? "paused" : "active");
          await stack.sql("update public.mentors set full_name = $1, email = $2 where id = $3", [
            next().name,
            next().email,
            mentor("a2"),
          ]);
          await post(stack, {
            type: "force_sync",
            mentor_id: mentor("a1"),
            note: text(),
            record: next(),
          }, { ...asCoordinator, "user-agent": header() });
          await post(stack, {
            type: "UPDATE",
            table: "mentors",
            record: { ...next(), status: text() },
            old_record: next(),
          }, { apikey: stack.secretKey });
          const { headers, body } = await hostileRequest(random, next, stack);
          await fetch(stack.functionUrl, {
            method: "POST",
            headers,
            body: await new Response(body).text(),
          })
            .then((response) => response.body?.cancel());
        }
        await stack.simulator.clearFaults();
        stack.setRestFault(null);
        await eventually("everything is worked off", async () => {
          await stack.sql("select hlf_sync.open_gate('throttled')");
          await sweep(stack);
          const [row] = await stack.sql<{ open: number }>(
            `select count(*)::integer as open from public.hlf_sync_state
             where due_at <= now() or in_flight_attempt_id is not null`,
          );
          return row?.open === 0;
        });
        const output = stack.functionOutput.map(({ line }) => line).join("\n");
        assertEquals(output.includes("audit_insert_failed"), true, "the function printed nothing");
        await assertNobodyIn(stack, finder, { output });
      });
    } finally {
      await stack.stop();
      Deno.exitCode = 0;
    }
  },
});
