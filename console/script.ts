import { minify } from "terser";
import { dropUnmentioned, empty } from "./drop_unused.ts";

/** Of `auth-js`: the page knows no passkeys and no recovery codes, and reads itself what a link has brought. */
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
];
/** Of `auth-js`: tells a developer what it does, with a text for each step. */
const DEBUGGING = ["this._debug"];

const made = new Map<string, Promise<string>>();

/**
 * The script of the page, as small as it gets; the same for every project, so it is made once.
 *
 * @throws {Error} when it cannot be bundled
 */
export function makePageScript(): Promise<string> {
  return once("src/main.tsx", (script) => dropUnmentioned(empty(script, UNUSED)));
}

/**
 * The service worker.
 *
 * @throws {Error} when it cannot be bundled
 */
export function makeWorker(): Promise<string> {
  return once("src/worker/main.ts", (script) => script);
}

function once(entry: string, prune: (script: string) => string): Promise<string> {
  const before = made.get(entry);
  if (before !== undefined) return before;
  const script = bundle(new URL(entry, import.meta.url)).then(prune).then(shrink);
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
    compress: { passes: 2, pure_funcs: DEBUGGING },
  });
  if (code === undefined) throw new Error("Cannot minify the console");
  return code;
}
