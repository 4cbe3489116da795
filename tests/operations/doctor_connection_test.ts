import { assertEquals, assertStringIncludes } from "@std/assert";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";
import { findFreePort } from "../../stack/machine/ports.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { allChecks } from "../../operations/doctor/checks.ts";
import { examine, exitCode, summarise } from "../../operations/doctor/examine.ts";
import type { Check } from "../../operations/doctor/finding.ts";
import { readCoreMigrations } from "../../operations/core_migrations.ts";
import { openDatabase } from "../../operations/cli/open_database.ts";
import { runCommand } from "./run_command.ts";

/** A server that says one thing to whoever connects, and how to end it. */
function serve(answer: Uint8Array): { url: string; stop: () => Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(1024));
      await connection.write(answer);
      connection.close();
    }
  })();
  return {
    url: `postgresql://postgres:hemmelig@127.0.0.1:${listener.addr.port}/postgres`,
    stop: async () => {
      listener.close();
      await serving;
    },
  };
}

/** PostgreSQL's ErrorResponse. */
function refusal(code: string): Uint8Array {
  const text = new TextEncoder().encode(`SFATAL\0VFATAL\0C${code}\0Mfor hemmelig\0\0`);
  const message = new Uint8Array(text.length + 5);
  message[0] = "E".charCodeAt(0);
  new DataView(message.buffer).setUint32(1, text.length + 4);
  message.set(text, 5);
  return message;
}

/** Stands between a client and a database, and can be cut. */
function relay(port: number): { url: string; cut: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  (async () => {
    for await (const client of listener) {
      const database = await Deno.connect({ hostname: "127.0.0.1", port });
      open.add(client).add(database);
      client.readable.pipeTo(database.writable).catch(() => {});
      database.readable.pipeTo(client.writable).catch(() => {});
    }
  })();
  return {
    url: `postgresql://postgres@127.0.0.1:${listener.addr.port}/postgres`,
    cut: () => {
      listener.close();
      for (const connection of open) connection.close();
    },
  };
}

async function withDatabase(
  use: (url: string) => Promise<void>,
  { isPrepared }: { isPrepared: boolean },
): Promise<void> {
  const database = await openPgliteDatabase();
  const exposed = await database.expose(findFreePort());
  try {
    if (isPrepared) await prepareDatabase(database);
    await use(exposed.url);
  } finally {
    await exposed.stop();
    await database.close();
    // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
    Deno.exitCode = 0;
  }
}

function doctor(databaseUrl: string, args: string[] = []) {
  return runCommand("doctor/main.ts", args, { environment: { DATABASE_URL: databaseUrl } });
}

Deno.test({
  name: "doctor calls nothing well on an empty database, and names the one command",
  sanitizeExit: false,
  fn: () =>
    withDatabase(async (url) => {
      const { code, stdout, stderr } = await doctor(url, ["--test-alert"]);
      assertEquals([code, stderr], [1, ""], stdout);
      assertEquals(stdout.match(/^ok/gm), null, stdout);
      assertEquals(stdout.match(/→ .*/g), ["→ run: npx supabase@3.1.0 db push --remote"], stdout);
      assertStringIncludes(
        stdout,
        "could not be checked: a schema that it needs is not there (3F000)",
      );
      assertEquals(stdout.includes("All is well"), false);
    }, { isPrepared: false }),
});

Deno.test({
  name: "doctor calls well what it saw before the connection was lost, and nothing after",
  sanitizeExit: false,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withDatabase(async (url) => {
      const { url: databaseUrl, cut } = relay(Number(new URL(url).port));
      const sql = openDatabase(databaseUrl);
      const checks = allChecks({
        sql,
        databaseUrl,
        migrations: await readCoreMigrations(),
        environment: {},
        args: { testAlert: false },
        now: Date.now,
        waiting: { sleep: () => Promise.resolve() },
      });
      const cutting: Check = {
        title: "The connection is lost",
        run: () => {
          cut();
          return Promise.resolve({});
        },
      };
      const lines: string[] = [];
      const summary = await examine(
        checks.toSpliced(1, 0, cutting),
        (line) => lines.push(line),
      );
      await sql.end({ timeout: 1 });
      assertEquals(summary.well, [checks[0]?.title, cutting.title], lines.join("\n"));
      // The other two were not asked for.
      assertEquals(summary.unchecked.length, checks.length - 3, lines.join("\n"));
      assertStringIncludes(
        lines.join("\n"),
        "could not be checked: The database cannot be reached (",
      );
      assertEquals([exitCode(summary), summarise(summary).includes("All is well")], [1, false]);
    }, { isPrepared: true }),
});

Deno.test("doctor says in one line what it needs, and tells apart why it cannot begin", async () => {
  const wrong = serve(refusal("28P01"));
  const plain = serve(new TextEncoder().encode("N"));
  const cases: [string, string[], number, string][] = [
    ["", [], 2, "DATABASE_URL is missing"],
    ["postgresql://x@127.0.0.1:9/x", ["--test-alerts"], 2, "Unknown: --test-alerts"],
    ["postgresql://x@127.0.0.1:9/x", [], 4, "cannot be reached (ECONNREFUSED)"],
    [wrong.url, [], 3, "refuses the user or the password"],
    [`${plain.url}?sslmode=require`, [], 4, "cannot be reached"],
  ];
  for (const [url, args, code, says] of cases) {
    const result = await doctor(url, args);
    assertEquals([result.code, result.stdout], [code, ""], result.stderr);
    assertEquals(result.stderr.trim().split("\n").length, 1, result.stderr);
    assertStringIncludes(result.stderr, says);
    assertEquals(result.stderr.includes("hemmelig"), false);
  }
  await wrong.stop();
  await plain.stop();
});
