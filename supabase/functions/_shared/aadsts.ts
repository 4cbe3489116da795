/** What a rejected token is about, for the operator: the setting to look at, or the policy. */
export type RejectionCause =
  | "DYNAMICS_URL is no environment that this tenant knows"
  | "DYNAMICS_TENANT_ID is no tenant"
  | "DYNAMICS_CLIENT_ID is no application of this tenant"
  | "DYNAMICS_CLIENT_ID is disabled"
  | "DYNAMICS_CLIENT_SECRET is wrong: its value is needed, not its id"
  | "DYNAMICS_CLIENT_SECRET has expired"
  | "DYNAMICS_CLIENT_SECRET is missing in the request"
  | "a policy of the tenant refuses the application"
  | "DYNAMICS_URL, DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID or DYNAMICS_CLIENT_SECRET is wrong, or a policy refuses";

/** <https://learn.microsoft.com/entra/identity-platform/reference-error-codes> */
const CAUSES: readonly (readonly [RejectionCause, readonly number[]])[] = [
  ["DYNAMICS_CLIENT_SECRET has expired", [7000222]],
  ["DYNAMICS_CLIENT_SECRET is wrong: its value is needed, not its id", [7000215, 50012, 7000211]],
  ["DYNAMICS_CLIENT_SECRET is missing in the request", [7000218, 7000216, 7000214]],
  ["DYNAMICS_CLIENT_ID is disabled", [7000112, 7000113]],
  ["DYNAMICS_CLIENT_ID is no application of this tenant", [700016, 70001, 900144, 7000229]],
  [
    "DYNAMICS_TENANT_ID is no tenant",
    [90002, 90019, 90023, 900021, 900023, 50020, 50059, 5000224, 5000225],
  ],
  [
    "DYNAMICS_URL is no environment that this tenant knows",
    [500011, 50001, 70011, 28002, 28003, 650057, 650052, 1002012],
  ],
  [
    "a policy of the tenant refuses the application",
    [53000, 53001, 53002, 53003, 53004, 53011, 530003, 530035, 530036, 65001, 500213, 7000116],
  ],
];

const UNKNOWN: RejectionCause =
  "DYNAMICS_URL, DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID or DYNAMICS_CLIENT_SECRET is wrong, or a policy refuses";

/** What the AADSTS numbers of a rejection mean. */
export function causeOf(aadsts: readonly number[]): RejectionCause {
  return CAUSES.find(([, codes]) => codes.some((code) => aadsts.includes(code)))?.[0] ?? UNKNOWN;
}

/** Tenant or application over its limits for tokens. */
const THROTTLED = new Set([90055, 50196]);
/** Entra's own trouble, whatever word it comes with. */
const PASSING = new Set([90006, 90024, 90025, 90033, 90051, ...THROTTLED]);

/** Whether a number stands for trouble that passes by itself. */
export function isPassing(aadsts: readonly number[]): boolean {
  return aadsts.some((code) => PASSING.has(code));
}

/** Whether a number says that the tenant or the application asks for too many tokens. */
export function throttles(aadsts: readonly number[]): boolean {
  return aadsts.some((code) => THROTTLED.has(code));
}
