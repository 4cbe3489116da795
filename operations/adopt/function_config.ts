/** Where the function lies in the app, from `supabase/`. */
export const FUNCTION_FILE = "functions/hlf-sync/index.js";

const SECTION = `
[functions.hlf-sync]
enabled = true
# The function checks keys and tokens itself: the database calls it with a secret key, which the gateway cannot check.
verify_jwt = false
entrypoint = "./${FUNCTION_FILE}"
`;

/** What is to be done about an app's `config.toml`. */
interface ConfigChange {
  /** The whole new text; null when it stays as it is. */
  readonly text: string | null;
  /** What has to be mended by hand before hlf-sync is safe there. */
  readonly problems: readonly string[];
  /** What is there otherwise than it has to be. */
  readonly remarks: readonly string[];
}

/** Adds the function's section if there is none; everything else stays untouched. */
export function addFunction(config: string): ConfigChange {
  const lines = config.split("\n").map((line) => line.replace(/^\s*#.*$/, ""));
  const problems = exposesInternals(lines.join("\n"))
    ? ["supabase/config.toml exposes the schema hlf_sync over REST: take it out of [api] schemas"]
    : [];
  const start = lines.findIndex((line) => /^\s*\[\s*functions\s*\.\s*"?hlf-sync"?\s*\]/.test(line));
  if (start < 0) {
    const mentioned = lines.some((line) => /\bhlf-sync"?\s*(\.\s*\w+\s*)?=/.test(line));
    if (mentioned) return { text: null, problems, remarks: [remark("is not in a section")] };
    const newline = config.includes("\r\n") ? "\r\n" : "\n";
    const gap = config === "" || config.endsWith("\n") ? "" : newline;
    return {
      text: `${config}${gap}${SECTION.replaceAll("\n", newline)}`,
      problems,
      remarks: [],
    };
  }
  const length = lines.slice(start + 1).findIndex((line) => /^\s*\[/.test(line));
  const section = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join("\n");
  const remarks: string[] = [];
  if (!/^\s*verify_jwt\s*=\s*false/m.test(section)) {
    remarks.push(remark("lacks verify_jwt = false"));
  }
  if (!section.includes(`"./${FUNCTION_FILE}"`)) {
    remarks.push(remark(`lacks entrypoint = "./${FUNCTION_FILE}"`));
  }
  return { text: null, problems, remarks };
}

function remark(what: string): string {
  return `[functions.hlf-sync] of supabase/config.toml ${what}`;
}

function exposesInternals(config: string): boolean {
  return /^\s*schemas\s*=\s*\[[^\]]*"hlf_sync"/m.test(config);
}
