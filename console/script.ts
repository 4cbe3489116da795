import { minify } from "terser";
import { dropUnmentioned, empty } from "./drop_unused.ts";

/**
 * Of `auth-js`: the page knows no passkeys and no recovery codes, reads itself what a link has brought, and keeps its session in a
 * browser.
 */
const UNUSED = [
  "WebAuthnApi",
  "deserializeCredentialCreationOptions",
  "deserializeCredentialRequestOptions",
  "serializeCredentialCreationResponse",
  "serializeCredentialRequestResponse",
  "_listPasskeys",
  "_updatePasskey",
  "_deletePasskey",
  "_verifyRecoveryCode",
  "_unenrollRecoveryCodes",
  "_unenroll",
  "_getSessionFromURL",
  "insecureUserWarningProxy",
];
/** Tells a developer of a library, with a text for each case, what nobody reads on a page that is used. */
const TOLD_TO_DEVELOPERS = ["this._debug", "console.log", "console.warn", "console.trace"];

const made = new Map<string, Promise<string>>();

/**
 * A script as small as it gets; the same for every project, so it is made once.
 *
 * @throws {Error} when it cannot be bundled
 */
export function makeScript(
  entry: "main.tsx" | "head_start_main.ts" | "worker/main.ts",
): Promise<string> {
  const before = made.get(entry);
  if (before !== undefined) return before;
  const script = bundle(new URL(`src/${entry}`, import.meta.url))
    .then((script) => entry === "main.tsx" ? dropUnmentioned(empty(script, UNUSED)) : script)
    .then(shrink);
  made.set(entry, script);
  return script;
}

async function bundle(entry: URL): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", entry.href],
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Cannot bundle the console: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout);
}

async function shrink(script: string): Promise<string> {
  const { code } = await minify(script, {
    module: true,
    ecma: 2020,
    compress: { passes: 2, pure_funcs: TOLD_TO_DEVELOPERS },
  });
  if (code === undefined) throw new Error("Cannot minify the console");
  return code;
}
