import postgres from "postgres";

type Fetch = typeof globalThis.fetch;

/**
 * Answers the function's requests to REST from Postgres, one statement each, as PostgREST does: it has the database
 * make the JSON and passes it on.
 */
export function directly(fetch: Fetch, apiUrl: string, databaseUrl: string): Fetch {
  const sql = postgres(databaseUrl, {
    max: 10,
    onnotice: () => {},
    connection: { options: "-c role=service_role" },
  });
  const rest = `${apiUrl}/rest/v1/`;

  return async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith(rest)) return await fetch(input, init);
    const [resource = ""] = request.url.slice(rest.length).split("?");
    const body = await request.text();
    const rows = await sql.unsafe(statementFor(resource), [body], { prepare: true });
    return new Response(rows[0]?.["body"] ?? null, {
      status: resource.startsWith("rpc/") ? 200 : 201,
      headers: { "content-type": "application/json" },
    });
  };
}

function statementFor(resource: string): string {
  switch (resource) {
    case "rpc/claim_hlf_sync_ahead":
      return `select public.claim_hlf_sync_ahead(
          a.worker, a.batch_size, a.more_removes, a.lease_seconds, a.max_attempts
        )::text as body
        from json_to_record($1::text::json)
          as a (worker uuid, batch_size int, more_removes int, lease_seconds int, max_attempts int)`;
    case "rpc/hand_back_hlf_sync_attempts":
      return `select coalesce(json_agg(t), '[]')::text as body from json_to_record($1::text::json)
        as a (worker uuid, attempt_ids uuid[]),
        public.hand_back_hlf_sync_attempts(a.worker, a.attempt_ids) as t`;
    case "rpc/settle_hlf_sync_attempts":
      return `select coalesce(json_agg(t), '[]')::text as body from json_to_record($1::text::json)
        as a (attempt_ids uuid[], outcomes public.hlf_sync_outcome[], response_codes int[], error_messages text[],
          retry_delays_seconds double precision[]),
        public.settle_hlf_sync_attempts(
          a.attempt_ids, a.outcomes, a.response_codes, a.error_messages, a.retry_delays_seconds
        ) as t`;
    case "hlf_sync_audit_log":
      return `insert into public.hlf_sync_audit_log (
          id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
          triggered_by_event
        )
        select id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
          triggered_by_event
        from json_populate_recordset(null::public.hlf_sync_audit_log, $1::text::json)`;
    default:
      throw new Error(`The bench has no statement for ${resource}`);
  }
}
