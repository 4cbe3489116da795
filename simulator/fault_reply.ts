import { type DataverseApi, unauthorised } from "./dataverse_api.ts";
import type { InstantFaultAnswer } from "./fault_rules.ts";
import { jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";
import { ODataError } from "./odata_error.ts";

/** A fault that answers with a status. */
type StatusFault = Extract<InstantFaultAnswer, { status: number }>;

/**
 * The answer a fault describes. A body it states is sent as it is, HTML unless a type is named, and
 * without Dataverse's headers, as from a gateway in between.
 */
export function statusFaultReply(
  fault: StatusFault,
  request: SimulatorRequest,
  toToken: boolean,
  api: DataverseApi,
): Reply {
  const { status, code = "", message = "Simulated fault.", headers = {}, body } = fault;
  if (body !== undefined) {
    const type = fault.contentType ?? "text/html";
    return { status, headers: { "content-type": type, ...headers }, body };
  }
  if (toToken) {
    const error = code === "" ? "temporarily_unavailable" : code;
    return jsonReply(status, { error, error_description: message, error_codes: [] }, headers);
  }
  if (status === 401 && fault.code === undefined) {
    const reply = unauthorised(request.origin);
    return api.withServiceHeaders({ ...reply, headers: { ...reply.headers, ...headers } });
  }
  if (status < 300) return api.withServiceHeaders({ status, headers, body: "" });
  return api.errorReply(new ODataError(status, code, message, headers));
}

/** The same answer; if it is a Dataverse error, with an empty code. */
export function withoutErrorCode(reply: Reply): Reply {
  if (reply.status < 400 || typeof reply.body !== "string" || reply.body === "") return reply;
  const body = reply.body.replace(/("error":\{"code":)"[^"]*"/, '$1""');
  return { ...reply, body };
}
