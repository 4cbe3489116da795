import {
  ERROR_CLASSES,
  type ErrorClass,
} from "../../../supabase/functions/_shared/failure_classes.ts";

export { ERROR_CLASSES, type ErrorClass };

interface ParsedError {
  readonly class: ErrorClass;
  /** Error code of Dynamics, such as `0x80040217`. */
  readonly code: string | null;
  /** Request id of Dynamics, which its support can look up. */
  readonly requestId: string | null;
}

/** Takes `<class>[ code=0x…][ request=<uuid>]` apart; null for anything else. */
export function parseError(message: string | null): ParsedError | null {
  const [, name, code, requestId] =
    message?.match(/^([a-z_]+)(?: code=(0x[0-9a-f]+))?(?: request=([0-9a-f-]+))?$/) ?? [];
  const known = ERROR_CLASSES.find((known) => known === name);
  if (known === undefined) return null;
  return { class: known, code: code ?? null, requestId: requestId ?? null };
}
