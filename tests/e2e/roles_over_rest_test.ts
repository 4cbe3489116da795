import { assertEquals, assertNotEquals } from "@std/assert";
import { ORGANISATION_A, ORGANISATION_B } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { scenariosTest } from "./harness.ts";
import { createCallers } from "./rest_callers.ts";
import { fillEveryTable, newAuditRow } from "./rest_rows.ts";

/**
 * Whose rows a coordinator sees of each table and view: the organisation's or the caller's own. Of what counts in every
 * organisation, nobody signed in may read a whole row (`columns`), or only administrators (`administrator`). One that is
 * missing here fails the test.
 */
const VISIBLE: Readonly<
  Record<string, "organisation" | "caller" | "columns" | "administrator">
> = {
  cert_expiry_reminders: "organisation",
  hlf_certification_policies: "organisation",
  hlf_coordinator_notifications: "organisation",
  hlf_mentor_status_transitions: "organisation",
  hlf_nightly_runs: "columns",
  hlf_sync_alerts: "columns",
  hlf_sync_audit_log: "organisation",
  hlf_sync_audit_seals: "administrator",
  hlf_sync_detached_partitions: "administrator",
  hlf_sync_drifts: "organisation",
  hlf_sync_gate: "columns",
  hlf_sync_manual_actions: "organisation",
  hlf_sync_mentor_status: "organisation",
  hlf_sync_state: "organisation",
  hlf_sync_switches: "organisation",
  mentors: "organisation",
  organisation_members: "caller",
  organisations: "organisation",
};

const VIEW = "hlf_sync_mentor_status";
/** What the secret key may write: the app's own tables and the policies, not to mention the log. */
const WRITTEN_BY_SECRET_KEY = [
  "hlf_certification_policies",
  "mentors",
  "organisation_members",
  "organisations",
];

const WRITES = {
  POST: { method: "POST" },
  upsert: { method: "POST", prefer: "resolution=merge-duplicates" },
  PATCH: { method: "PATCH" },
  DELETE: { method: "DELETE" },
} as const;

type Headers = Readonly<Record<string, string>>;

interface RestAnswer {
  /** Status, and SQLSTATE where there is one. */
  readonly outcome: string;
  readonly rows: readonly Record<string, unknown>[];
}

async function ask(
  stack: Stack,
  method: string,
  path: string,
  headers: Headers,
  body?: unknown,
): Promise<RestAnswer> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = /^[[{]/.test(text) ? JSON.parse(text) : null;
  const code = parsed !== null && !Array.isArray(parsed)
    ? (parsed as { code?: string }).code
    : undefined;
  return {
    outcome: [response.status, code].filter((part) => part !== undefined).join(" "),
    rows: Array.isArray(parsed) ? parsed : [],
  };
}

/** Tries a write that would touch no row: whether it is refused is a matter of privileges alone. */
function write(
  stack: Stack,
  relation: string,
  column: string,
  { method, ...headers }: (typeof WRITES)[keyof typeof WRITES],
  caller: Headers,
): Promise<RestAnswer> {
  const path = method === "POST" ? relation : `${relation}?${column}=is.null`;
  const body = method === "DELETE" ? undefined : { [column]: null };
  return ask(stack, method, path, { ...caller, ...headers }, body);
}

async function readRelations(stack: Stack): Promise<{ relation: string; column: string }[]> {
  return await stack.sql(
    `select c.relname as relation, a.attname as column
     from pg_class as c
     join pg_attribute as a on a.attrelid = c.oid and a.attnum = 1
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
       and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')
     order by c.relname`,
  );
}

/** Ids of the organisations that the rows are of; the organisations' own are called otherwise. */
function organisationsOf(relation: string, rows: RestAnswer["rows"]): Set<unknown> {
  const column = relation === "organisations" ? "id" : "organisation_id";
  return new Set(rows.map((row) => row[column]));
}

scenariosTest("every role over REST", {}, {
  async "every table and view has its expectation"(stack) {
    const relations = await readRelations(stack);
    assertEquals(relations.map(({ relation }) => relation), Object.keys(VISIBLE));
  },

  async "reads show what is the caller's, and the rest is refused or empty"(stack) {
    await fillEveryTable(stack);
    const callers = await createCallers(stack);
    for (const [relation, visible] of Object.entries(VISIBLE)) {
      const read = (caller: Headers) => ask(stack, "GET", `${relation}?select=*`, caller);
      const all = await read(callers.secretKey);
      assertEquals(all.outcome, "200", relation);
      assertNotEquals(all.rows.length, 0, `${relation} is empty`);

      assertEquals((await read({})).outcome, "401", relation);
      assertEquals((await read(callers.publishableKey)).outcome, "401 42501", relation);

      if (visible === "columns") {
        const { secretKey: _, publishableKey: __, ...signedIn } = callers;
        for (const [persona, caller] of Object.entries(signedIn)) {
          assertEquals((await read(caller)).outcome, "403 42501", `${persona} ${relation}`);
        }
        continue;
      }
      for (const persona of ["stranger", "formerCoordinator"] as const) {
        const answer = await read(callers[persona]);
        assertEquals([answer.outcome, answer.rows.length], ["200", 0], `${persona} ${relation}`);
      }
      for (const persona of ["member", "administrator"] as const) {
        const answer = await read(callers[persona]);
        const sees = visible === "caller" || visible === persona;
        const own = sees ? 1 : 0;
        assertEquals([answer.outcome, answer.rows.length], ["200", own], `${persona} ${relation}`);
      }
      for (
        const [persona, organisation] of [
          ["coordinatorOfA", ORGANISATION_A],
          ["coordinatorOfB", ORGANISATION_B],
        ] as const
      ) {
        const answer = await read(callers[persona]);
        if (visible === "administrator") {
          assertEquals([answer.outcome, answer.rows.length], ["200", 0], `${persona} ${relation}`);
          continue;
        }
        const own = visible === "caller"
          ? 1
          : all.rows.filter((row) => organisationsOf(relation, [row]).has(organisation)).length;
        assertNotEquals(own, 0, `${relation} has nothing for ${persona}`);
        assertEquals([answer.outcome, answer.rows.length], ["200", own], `${persona} ${relation}`);
        if (visible === "organisation") {
          assertEquals(organisationsOf(relation, answer.rows), new Set([organisation]), relation);
        }
      }
    }
  },

  async "writes are refused with 42501, not with silence"(stack) {
    const { secretKey: _, publishableKey, ...signedIn } = await createCallers(stack);
    for (const { relation, column } of await readRelations(stack)) {
      for (const [name, request] of Object.entries(WRITES)) {
        const what = `${name} ${relation}`;
        const nobody = await write(stack, relation, column, request, {});
        assertEquals(nobody.outcome, "401", what);
        const anonymous = await write(stack, relation, column, request, publishableKey);
        assertEquals(anonymous.outcome, relation === VIEW ? "500 55000" : "401 42501", what);
        for (const [persona, caller] of Object.entries(signedIn)) {
          const { outcome } = await write(stack, relation, column, request, caller);
          assertEquals(
            outcome,
            relation === VIEW ? "500 55000" : "403 42501",
            `${persona} ${what}`,
          );
        }
      }
    }
  },

  async "the secret key writes the app's tables, and to the log it only adds"(stack) {
    const { secretKey } = await createCallers(stack);
    for (const { relation, column } of await readRelations(stack)) {
      for (const [name, request] of Object.entries(WRITES)) {
        const { outcome } = await write(stack, relation, column, request, secretKey);
        // A row without its key is refused for what it is (23502), no longer for who sends it.
        const isAllowed = WRITTEN_BY_SECRET_KEY.includes(relation) ||
          (relation === "hlf_sync_audit_log" && name === "POST");
        const granted = request.method === "POST" ? "400 23502" : "204";
        const refused = relation === VIEW ? "500 55000" : "403 42501";
        assertEquals(outcome, isAllowed ? granted : refused, `${name} ${relation}`);
      }
    }
    const added = await ask(
      stack,
      "POST",
      "hlf_sync_audit_log",
      secretKey,
      newAuditRow("01900000-0000-7000-8000-000000000009"),
    );
    assertEquals(added.outcome, "201");
  },

  async "what is internal has no address"(stack) {
    const callers = await createCallers(stack);
    const hidden = await stack.sql<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'hlf_sync'::regnamespace and relkind in ('r', 'p', 'v', 'm')
         -- Two ports are called as tables of the bundled app are.
         and to_regclass('public.' || relname) is null`,
    );
    assertNotEquals(hidden.length, 0);
    for (const { name } of hidden) {
      for (const caller of Object.values(callers)) {
        assertEquals((await ask(stack, "GET", name, caller)).outcome.slice(0, 3), "404", name);
        const profile = { "accept-profile": "hlf_sync", "content-profile": "hlf_sync" };
        const read = await ask(stack, "GET", name, { ...caller, ...profile });
        assertEquals(read.outcome.slice(0, 3), "406", name);
        const written = await ask(stack, "POST", name, { ...caller, ...profile }, {});
        assertEquals(written.outcome.slice(0, 3), "406", name);
      }
    }
  },
});
