type Fetch = typeof globalThis.fetch;

const AUDIT_MODES = ["beside", "awaited", "absent"] as const;
export type AuditMode = typeof AUDIT_MODES[number];

export function isAuditMode(text: string): text is AuditMode {
  return AUDIT_MODES.some((mode) => mode === text);
}

/**
 * Changes how the audit insert relates to the sync: `beside` leaves it as it is, `awaited` holds settling back until
 * the rows are in, `absent` never sends them.
 */
export function auditedHow(mode: AuditMode, fetch: Fetch, apiUrl: string): Fetch {
  if (mode === "beside") return fetch;
  const audit = `${apiUrl}/rest/v1/hlf_sync_audit_log`;
  const settle = /\/rpc\/settle_hlf_sync_attempts$/;
  let inserting: Promise<unknown> = Promise.resolve();

  return async (input, init) => {
    const url = String(input);
    if (url.startsWith(audit)) {
      if (mode === "absent") return new Response(null, { status: 201 });
      const response = fetch(input, init);
      inserting = Promise.allSettled([inserting, response]);
      return await response;
    }
    if (settle.test(url)) await inserting;
    return await fetch(input, init);
  };
}
