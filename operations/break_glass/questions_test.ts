import { assertEquals, assertRejects } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { createTerminal, type Terminal } from "../cli/terminal/terminal.ts";
import { askForDynamics, askForSupabase } from "./questions.ts";
import { BOKMAL } from "./words/bokmal.ts";
import { ENGLISH } from "./words/english.ts";

function typing(...lines: string[]): Terminal {
  return createTerminal({
    isTerminal: false,
    read: () => {
      const line = lines.shift();
      return Promise.resolve(line === undefined ? null : new TextEncoder().encode(`${line}\n`));
    },
    hasScreen: false,
    write: () => {},
    prompt: () => {},
    hush: () => {},
    columns: () => 80,
    onInterrupt: () => {},
  }, ENGLISH.terminal);
}

Deno.test("askForDynamics() takes defaults from the environment, but never the secret", async () => {
  const environment = {
    DYNAMICS_URL: "https://hlf.example.org/",
    DYNAMICS_TENANT_ID: "00000000-0000-4000-8000-00000000aaaa",
    DYNAMICS_CLIENT_ID: "00000000-0000-4000-8000-00000000bbbb",
    DYNAMICS_CLIENT_SECRET: "from the environment",
    DYNAMICS_LISTING_SET: "",
  };
  const read = await askForDynamics(
    {
      terminal: typing("", "", "00000000-0000-4000-8000-00000000cccc", "typed in"),
      environment,
      words: ENGLISH,
    },
  );
  assertEquals(read, {
    url: "https://hlf.example.org",
    tenantId: "00000000-0000-4000-8000-00000000aaaa",
    clientId: "00000000-0000-4000-8000-00000000cccc",
    clientSecret: "typed in",
    authorityHost: "https://login.microsoftonline.com",
    listing: { set: "hlf_mentorlistings", key: "hlf_mentorid", published: "hlf_published" },
  });
  const error = await assertRejects(
    () => askForDynamics({ terminal: typing("", "", "", ""), environment, words: ENGLISH }),
    OperationError,
    "DYNAMICS_CLIENT_SECRET is missing",
  );
  assertEquals(error.code, "usage");
});

Deno.test("askForDynamics() names every answer that will not do", async () => {
  const error = await assertRejects(
    () =>
      askForDynamics({
        terminal: typing("http://hlf.example.org", "a tenant", "", "secret"),
        environment: {},
        words: ENGLISH,
      }),
    OperationError,
  );
  for (const name of ["DYNAMICS_URL", "DYNAMICS_TENANT_ID", "DYNAMICS_CLIENT_ID"]) {
    assertEquals(error.message.includes(name), true, name);
  }
});

Deno.test("askForSupabase() sends no password over plain http", async () => {
  const answers = ["a key", "vakt@example.org", "a password"];
  await assertRejects(
    () =>
      askForSupabase({
        terminal: typing("http://supabase.example.org", ...answers),
        environment: {},
        words: ENGLISH,
      }),
    OperationError,
    "https",
  );
  const login = await askForSupabase({
    terminal: typing("http://127.0.0.1:54321", ...answers),
    environment: {},
    words: ENGLISH,
  });
  assertEquals(login, {
    url: "http://127.0.0.1:54321",
    publishableKey: "a key",
    email: "vakt@example.org",
    password: "a password",
  });
});

Deno.test("askForDynamics() says what is wrong in the language that was chosen", async () => {
  const error = await assertRejects(
    () =>
      askForDynamics({
        terminal: typing("http://hlf.example.org", "a tenant", "", ""),
        environment: {},
        words: BOKMAL,
      }),
    OperationError,
  );
  assertEquals(error.message.startsWith("Kan ikke fortsette: "), true);
  for (const english of ["must be", "is missing"]) {
    assertEquals(error.message.includes(english), false, error.message);
  }
});
