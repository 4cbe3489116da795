import { assertEquals, assertNotEquals } from "@std/assert";
import { parse } from "csv-parse/sync";
import { stackTest } from "../stack_test_frame.ts";
import { mentor, ORGANISATION_A, ORGANISATION_B, signIn, untilIdle } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

type Row = Readonly<Record<string, unknown>>;
type Query = Readonly<Record<string, string>>;

const COLUMNS = "id,organisation_id,mentor_id,operation,dynamics_response_code,retry_count," +
  "outcome,error_message,triggered_by_event,created_at";
const NEWEST_FIRST = { select: COLUMNS, order: "created_at.desc,id.desc" };

/**
 * Writes rows at a given time, as only the owner can: four at each moment, as a backlog has them, so that the time alone
 * does not say where a page ended.
 */
async function writeRows(stack: Stack, code: string, count: number, from: string): Promise<void> {
  await stack.sql(
    `insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome,
      error_message, triggered_by_event, created_at
    )
    select
      hlf_sync.uuid_v7(), $1::text::uuid, $2::text::uuid, 'remove',
      case n % 3 when 0 then 204 when 1 then null else 503 end,
      case n % 3 when 2 then 8 else 0 end,
      (array['success', 'failure', 'dead_lettered'])[1 + n % 3]::public.hlf_sync_outcome,
      case n % 3 when 1 then 'timeout' when 2 then 'unavailable code=0x80044150' end,
      'status_change:paused',
      $3::text::timestamptz + (n / 4) * interval '9 hours 0.000001 seconds'
    from generate_series(0, $4::text::integer - 1) as n`,
    [
      code.startsWith("a") ? ORGANISATION_A : ORGANISATION_B,
      mentor(code),
      from,
      String(count),
    ],
  );
}

async function get(stack: Stack, headers: Record<string, string>, query: Query, accept: string) {
  const response = await fetch(
    `${stack.apiUrl}/rest/v1/hlf_sync_audit_log?${new URLSearchParams(query)}`,
    { headers: { ...headers, accept } },
  );
  const text = await response.text();
  assertEquals(response.status, 200, text);
  return { text, type: response.headers.get("content-type") ?? "" };
}

async function read(stack: Stack, headers: Record<string, string>, query: Query): Promise<Row[]> {
  const { text } = await get(stack, headers, { ...NEWEST_FIRST, ...query }, "application/json");
  return JSON.parse(text);
}

/** What follows a row: the position is in the rows, so nothing that is added meanwhile moves it. */
function after({ created_at, id }: Row): Query {
  return { or: `(created_at.lt."${created_at}",and(created_at.eq."${created_at}",id.lt."${id}"))` };
}

/** Ids by the database's own account, newest first. */
async function idsWhere(stack: Stack, condition: string): Promise<string[]> {
  const rows = await stack.sql<{ id: string }>(
    `select id from public.hlf_sync_audit_log where ${condition} order by created_at desc, id desc`,
  );
  return rows.map(({ id }) => id);
}

stackTest("reading the audit log over REST", {}, async (stack, step) => {
  await untilIdle(stack);
  await writeRows(stack, "a1", 90, "2027-02-01 00:00Z");
  await writeRows(stack, "a2", 50, "2027-02-05 00:00Z");
  await writeRows(stack, "b1", 40, "2027-02-01 00:00Z");
  const asCoordinator = await signIn(stack);
  const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);

  await step("filters by organisation, mentor, outcome and dates, each and all", async () => {
    const filters: readonly (readonly [Query, string])[] = [
      [{ organisation_id: `eq.${ORGANISATION_A}` }, "true"],
      [{ mentor_id: `eq.${mentor("a2")}` }, `mentor_id = '${mentor("a2")}'`],
      [{ outcome: "eq.dead_lettered" }, "outcome = 'dead_lettered'"],
      [{ outcome: "in.(failure,dead_lettered)" }, "outcome <> 'success'"],
      [
        { and: "(created_at.gte.2027-02-03T00:00:00Z,created_at.lt.2027-02-06T00:00:00Z)" },
        "created_at >= '2027-02-03 00:00Z' and created_at < '2027-02-06 00:00Z'",
      ],
      [
        {
          organisation_id: `eq.${ORGANISATION_A}`,
          mentor_id: `eq.${mentor("a1")}`,
          outcome: "eq.failure",
          and: "(created_at.gte.2027-02-03T00:00:00Z,created_at.lt.2027-02-06T00:00:00Z)",
        },
        `mentor_id = '${mentor("a1")}' and outcome = 'failure'
           and created_at >= '2027-02-03 00:00Z' and created_at < '2027-02-06 00:00Z'`,
      ],
    ];
    for (const [query, condition] of filters) {
      const expected = await idsWhere(
        stack,
        `organisation_id = '${ORGANISATION_A}' and ${condition}`,
      );
      assertNotEquals(expected.length, 0, condition);
      assertEquals(ids(await read(stack, asCoordinator, query)), expected, condition);
    }
    const others = { organisation_id: `eq.${ORGANISATION_B}` };
    assertEquals(await read(stack, asCoordinator, others), []);
    assertEquals(
      ids(await read(stack, { apikey: stack.secretKey }, others)),
      await idsWhere(stack, `organisation_id = '${ORGANISATION_B}'`),
    );
  });

  await step(
    "pages by keyset neither repeat nor leave out a row, whatever is added",
    async () => {
      const expected = await idsWhere(stack, `mentor_id = '${mentor("a1")}'`);
      const pages: Row[][] = [];
      for (let position: Query = {};;) {
        const page = await read(stack, asCoordinator, {
          ...{ mentor_id: `eq.${mentor("a1")}`, limit: "7" },
          ...position,
        });
        pages.push(page);
        const last = page.at(-1);
        if (page.length < 7 || last === undefined) break;
        position = after(last);
        // Newer than anything, as in an office where work goes on.
        await writeRows(
          stack,
          "a1",
          1,
          `2028-01-${String(pages.length).padStart(2, "0")} 00:00Z`,
        );
      }
      assertEquals(ids(pages.flat()), expected);
      const ends = pages.slice(0, -1).filter((page, i) =>
        page.at(-1)?.created_at === pages[i + 1]?.[0]?.created_at
      );
      assertNotEquals(ends.length, 0, "no page ended within a moment");
    },
  );

  await step("CSV holds the same rows, page by page too", async () => {
    const query = { ...NEWEST_FIRST, outcome: "neq.success", limit: "25" };
    for (const position of [{}, after((await read(stack, asCoordinator, query)).at(-1) ?? {})]) {
      const { text, type } = await get(stack, asCoordinator, {
        ...query,
        ...position,
      }, "text/csv");
      assertEquals(type.startsWith("text/csv"), true, type);
      const [header, ...lines] = parse(text) as string[][];
      assertEquals(header, COLUMNS.split(","));
      const rows = await read(stack, asCoordinator, { ...query, ...position });
      assertEquals(rows.length, 25);
      const texts = rows.map((row) =>
        COLUMNS.split(",").map((column) => row[column] === null ? "" : String(row[column]))
      );
      const moment = (cells: string[]) => [
        ...cells.slice(0, -1),
        new Date(cells.at(-1) ?? "").toISOString(),
      ];
      assertEquals(lines.map(moment), texts.map(moment));
    }
  });
});
