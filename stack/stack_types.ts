import type { SimulatorClient } from "../simulator/simulator_client.ts";
import type { StackApp } from "./database/bundled_app.ts";
import type { PgNetWorker } from "./background/background_workers.ts";
import type { OutputLine } from "./machine/child_process.ts";
import type { MessageSink } from "./background/message_sink.ts";
import type { RestFault } from "./rest/rest_fault.ts";
import type { Traffic } from "./traffic.ts";

/** What kind of stack to start. */
export interface StackOptions {
  /** PGlite in this process when left out. */
  readonly database?: { readonly kind: "pglite" } | {
    readonly kind: "postgres";
    readonly url: string;
    /** The path of a PostgREST, to take the place of its stand-in. */
    readonly postgrest?: string | undefined;
  };
  /** The bundled one when left out. */
  readonly app?: StackApp;
  /** The documented ports, of which there is one set on a machine, or any that are free (the default). */
  readonly ports?: "default" | "free";
  /** Settings of the function that go before the stack's own. */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** How many processes answer for the function in turn; 1 when left out. */
  readonly functionProcesses?: number;
  /** Whether cron jobs run; they do when left out. By hand: they are scheduled, and the test runs them. */
  readonly cron?: boolean | "by hand";
  /** How far the simulated website may lag behind. */
  readonly websiteCacheSeconds?: number;
  readonly onFunctionOutput?: (line: string, stream: "stdout" | "stderr") => void;
  /** Told of each step while the stack starts. */
  readonly progress?: (message: string) => void;
}

/** Someone who can sign in to a stack. */
export interface DemoCoordinator {
  readonly email: string;
  readonly password: string;
  readonly organisationId: string;
}

/** What can be played on and looked at, whoever has started it. */
export interface ReachableStack {
  /** What `createClient` takes; REST, Auth and Functions lie below it. */
  readonly apiUrl: string;
  readonly functionUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly coordinators: readonly DemoCoordinator[];
  readonly simulator: SimulatorClient;
  /** One statement as the owner of the database, past REST and row level security. */
  sql<T>(text: string, parameters?: readonly unknown[]): Promise<T[]>;
  /** Ends everything that was started for it; may be called more than once. */
  stop(): Promise<void>;
}

/** A running stack: database, REST, Auth, the function, and a simulated Dynamics with its website. */
export interface Stack extends ReachableStack {
  readonly simulatorUrl: string;
  /** The public page with the mentors on it. */
  readonly websiteUrl: string;
  /** For psql, as the owner of the database. */
  readonly databaseUrl: string;
  /** Signs users' tokens (HS256), so that tests can make unusual ones. */
  readonly jwtSecret: string;
  /** What the function has printed, oldest first. */
  readonly functionOutput: readonly OutputLine[];
  /** Where the alert webhook in Vault leads to. */
  readonly messages: MessageSink;
  /** Statements as one message, as pg_cron sends a job's command: all or nothing. */
  run(script: string): Promise<void>;
  /** What only the platform may do on a server, such as changing a role. */
  runAsPlatform(script: string): Promise<void>;
  /** What is on its way between the parts. */
  readonly traffic: Traffic;
  readonly pgNet: PgNetWorker;
  /** Puts a fault of REST in force, in place of the one before; null ends it. */
  setRestFault(fault: RestFault | null): void;
  /** Ends the function's processes and starts them anew, with these settings on top of the former. */
  restartFunction(environment?: Readonly<Record<string, string>>): Promise<void>;
  /** Sends the function's processes a signal; they stay away until `restartFunction`. */
  killFunction(signal: Deno.Signal): void;
}

/** The documented ports. */
export const DEFAULT_PORTS = {
  api: 54321,
  database: 54322,
  console: 54380,
  simulator: 54390,
} as const;
