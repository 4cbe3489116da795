import { assertEquals } from "@std/assert";
import { scenariosTest } from "./harness.ts";
import {
  type Answer,
  auditRows,
  mentor,
  ORGANISATION_A,
  ORGANISATION_B,
  setStatus,
  signIn,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { newAuditRow } from "./rest_rows.ts";

async function rest(
  stack: Stack,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer & { rows: Record<string, unknown>[] }> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {};
  return { status: response.status, body: parsed, rows: Array.isArray(parsed) ? parsed : [], text };
}

const newRow = newAuditRow("01900000-0000-7000-8000-000000000001");

scenariosTest("the audit log over REST", {}, {
  async "nobody changes it"(stack) {
    await setStatus(stack, "a1", "paused");
    await untilIdle(stack);
    const before = await auditRows(stack, "a1");
    const asFunction = { apikey: stack.secretKey };
    const asCoordinator = await signIn(stack);
    const all = `hlf_sync_audit_log?mentor_id=eq.${mentor("a1")}`;

    for (const headers of [asFunction, asCoordinator]) {
      const update = await rest(stack, "PATCH", all, headers, { outcome: "failure" });
      assertEquals(update.body.code, "42501");
      const remove = await rest(stack, "DELETE", all, headers);
      assertEquals(remove.body.code, "42501");
      const upsert = await rest(stack, "POST", "hlf_sync_audit_log", {
        ...headers,
        prefer: "resolution=merge-duplicates",
      }, { ...newRow, created_at: "2026-01-01T00:00:00Z" });
      assertEquals(upsert.body.code, "42501");
    }
    const stamped = await rest(stack, "POST", "hlf_sync_audit_log", asFunction, {
      ...newRow,
      created_at: "2026-01-01T00:00:00Z",
    });
    assertEquals(stamped.body.code, "42501");
    const byCoordinator = await rest(stack, "POST", "hlf_sync_audit_log", asCoordinator, newRow);
    assertEquals(byCoordinator.body.code, "42501");
    assertEquals(await auditRows(stack, "a1"), before);
  },

  async "free text is refused"(stack) {
    const refused = await rest(stack, "POST", "hlf_sync_audit_log", { apikey: stack.secretKey }, {
      ...newRow,
      outcome: "failure",
      error_message: "Åse Eksempel, aase@example.org",
    });
    assertEquals(refused.status, 400);
  },

  async "coordinators see their own organisations' rows, others none"(stack) {
    const organisations = (
      answer: { rows: Record<string, unknown>[] },
    ) => [...new Set(answer.rows.map((row) => row.organisation_id))];
    const path = "hlf_sync_audit_log?select=organisation_id&limit=1000";
    assertEquals(
      organisations(await rest(stack, "GET", path, await signIn(stack))),
      [ORGANISATION_A],
    );
    assertEquals(
      organisations(await rest(stack, "GET", path, await signIn(stack, ORGANISATION_B))),
      [ORGANISATION_B],
    );
    const anonymous = await rest(stack, "GET", path, { apikey: stack.publishableKey });
    assertEquals(anonymous.body.code, "42501");
    const keyless = await rest(stack, "GET", path, {});
    assertEquals(keyless.status, 401);
  },

  async "the summary counts what the caller may see"(stack) {
    const today = new Date().toISOString().slice(0, 10);
    const ask = async (headers: Record<string, string>) => {
      const { rows } = await rest(stack, "POST", "rpc/get_hlf_sync_audit_summary", headers, {
        org_id: ORGANISATION_A,
        from_date: "2026-01-01",
        to_date: "2031-12-31",
      });
      return Object.fromEntries(rows.map((row) => [row.outcome, row.count]));
    };
    const [counted] = await stack.sql<{ count: number }>(
      `select count(*)::integer as count from public.hlf_sync_audit_log
       where organisation_id = $1 and outcome = 'success' and created_at <= $2::date + 2`,
      [ORGANISATION_A, today],
    );
    assertEquals(await ask(await signIn(stack)), {
      success: counted?.count,
      failure: 0,
      dead_lettered: 0,
    });
    assertEquals(await ask(await signIn(stack, ORGANISATION_B)), {
      success: 0,
      failure: 0,
      dead_lettered: 0,
    });
  },

  async "what is the function's alone is nobody else's"(stack) {
    const asCoordinator = await signIn(stack);
    for (
      const [name, body] of [
        ["claim_hlf_sync_attempts", { batch_size: 1, lease_seconds: 60, max_attempts: 8 }],
        ["settle_hlf_sync_attempts", {
          attempt_ids: [],
          outcomes: [],
          response_codes: [],
          error_messages: [],
          retry_delays_seconds: [],
        }],
        ["claim_hlf_sync_ahead", {
          worker: crypto.randomUUID(),
          batch_size: 1,
          more_removes: 0,
          lease_seconds: 60,
          max_attempts: 8,
        }],
        ["hand_back_hlf_sync_attempts", { worker: crypto.randomUUID(), attempt_ids: [] }],
        ["close_hlf_sync_gate", { reason: "credentials" }],
        ["open_hlf_sync_gate", { reason: "credentials" }],
      ] as const
    ) {
      for (const headers of [asCoordinator, { apikey: stack.publishableKey }]) {
        const answer = await rest(stack, "POST", `rpc/${name}`, headers, body);
        assertEquals(answer.body.code, "42501", name);
      }
    }
    for (
      const [table, column] of [
        ["hlf_sync_state", "mentor_id"],
        ["hlf_sync_gate", "id"],
        ["hlf_sync_manual_actions", "id"],
      ]
    ) {
      const answer = await rest(
        stack,
        "DELETE",
        `${table}?${column}=not.is.null`,
        asCoordinator,
      );
      assertEquals(answer.body.code, "42501", table);
    }
  },
});
