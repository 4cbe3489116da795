import { ChildProcess, type OutputLine } from "./child_process.ts";

/** Settings of the machine that Deno itself needs to start and, the first time, to fetch packages. */
const PASSED_ON = [
  "PATH",
  "HOME",
  "TMPDIR",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "NPM_CONFIG_REGISTRY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** Starts a program in a Deno of its own, the same version as ours. */
export function startDeno(options: {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine?: (line: OutputLine) => void;
}): ChildProcess {
  const environment: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return new ChildProcess({
    ...options,
    command: Deno.execPath(),
    environment: { ...environment, ...options.environment },
  });
}
