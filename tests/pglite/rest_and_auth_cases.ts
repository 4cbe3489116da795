import { assert, assertEquals } from "@std/assert";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type ApiKeys, generateApiKeys } from "../../stack/rest/api_keys.ts";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { readPrivileges } from "../../stack/database/privileges.ts";
import { createRestAndAuth, type RestAndAuth } from "../../stack/rest/rest_and_auth.ts";
import { signToken } from "../../stack/rest/sign_token.ts";

const SCHEMA = `
create type public.mood as enum ('happy', 'sad');
create table public.notes (id int primary key, length int check (length > 0));
alter table public.notes enable row level security;
revoke all on public.notes from anon, authenticated, service_role;
grant select, insert (id, length) on public.notes to service_role;
create policy "Everybody reads" on public.notes for select using (true);
create table public.years (id int, year int) partition by range (year);
create table public.years_2026 partition of public.years for values from (2026) to (2027);
alter table public.years enable row level security;
revoke all on public.years, public.years_2026 from anon, authenticated, service_role;
create function public.echo(u uuid[], i int[], t text[], d double precision[], m public.mood[])
returns table (u text, i text, t text, d text, m text) language sql as $$ select u, i, t, d, m $$;
create function public.who() returns text language sql as $$
  select concat_ws(' ', current_user, auth.role(), auth.jwt() ->> 'role', auth.uid()) $$;
create function public.fail(state text) returns void language plpgsql as $$
begin
  raise exception 'failed' using errcode = state;
end $$;
`;

interface Fixture {
  readonly database: StackDatabase;
  readonly keys: ApiKeys;
  readonly restAndAuth: RestAndAuth;
  client(key: string, token?: string): SupabaseClient;
  get(path: string, headers: Record<string, string>): Promise<{ status: number; code: unknown }>;
}

/** REST and Auth over a database, and how they end. */
type Serve = (
  database: StackDatabase,
  keys: ApiKeys,
) => Promise<{ readonly restAndAuth: RestAndAuth; stop(): Promise<void> }>;

const standIn: Serve = (database, keys) =>
  Promise.resolve({
    restAndAuth: createRestAndAuth(database, keys),
    stop: () => Promise.resolve(),
  });

/** What must hold of REST and Auth on every kind of database, and of the real PostgREST. `open` gives an empty one. */
export function restAndAuthCases(
  kind: string,
  open: () => Promise<StackDatabase>,
  serve: Serve = standIn,
): void {
  const test = (behaviour: string, use: (fixture: Fixture) => Promise<void>) => {
    Deno.test(`createRestAndAuth() on ${kind} ${behaviour}`, async () => {
      const opened = await open();
      await bootstrapDatabase(opened);
      await opened.run(SCHEMA);
      const database = await opened.withCurrentTypes();
      const keys = await generateApiKeys();
      const { restAndAuth, stop } = await serve(database, keys);
      try {
        await use(createFixture(database, keys, restAndAuth));
      } finally {
        await stop();
        await database.close();
      }
    });
  };

  test("leaves every privilege as it was", async ({ database, client, keys }) => {
    const before = await readPrivileges(database);
    assertEquals((await client(keys.secretKey).from("notes").select()).error, null);
    assertEquals((await client(keys.publishableKey).from("notes").select()).error?.code, "42501");
    assertEquals(await readPrivileges(database), before);
    const held = await database.query<{ held: boolean }>(`
      select has_table_privilege(role, relation, privilege) as held
      from unnest(array['anon', 'authenticated', 'service_role']) as role,
        unnest(array['public.notes', 'public.years', 'public.years_2026']) as relation,
        unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as privilege`);
    assertEquals(held.some((row) => row.held), false);
  });

  test("passes arrays, with nulls, as they are", async ({ client, keys }) => {
    const id = crypto.randomUUID();
    const { data, error } = await client(keys.secretKey).rpc("echo", {
      u: [id],
      i: [1, null],
      t: ["a", null, "", 'b,"\\', "NULL"],
      d: [1.5, null],
      m: ["happy", "sad"],
    });
    assertEquals(error, null);
    assertEquals(data, [{
      u: `{${id}}`,
      i: "{1,NULL}",
      t: '{a,NULL,"","b,\\"\\\\","NULL"}',
      d: "{1.5,NULL}",
      m: "{happy,sad}",
    }]);
  });

  test("passes empty arrays and arrays of nothing but null", async ({ client, keys }) => {
    const { data } = await client(keys.secretKey).rpc("echo", {
      u: [],
      i: [null],
      t: [null],
      d: [null],
      m: [],
    });
    assertEquals(data, [{ u: "{}", i: "{NULL}", t: "{NULL}", d: "{NULL}", m: "{}" }]);
  });

  test("answers database errors as PostgREST does", async ({ client, keys }) => {
    const admin = client(keys.secretKey);
    const anyone = client(keys.publishableKey);
    await admin.from("notes").insert({ id: 1, length: 1 });
    // The real one calls a function that raises it again, for as long as it does.
    const ofStandIn = serve === standIn ? ["40001"] : [];
    const seen = [
      await admin.from("notes").insert({ id: 1, length: 1 }),
      await admin.from("notes").insert({ id: 2, length: 0 }),
      await admin.from("notes").update({ length: 2 }).eq("id", 1),
      await anyone.from("notes").insert({ id: 3, length: 1 }),
      await admin.from("notes").select().eq("id", "x"),
      ...await Promise.all(
        ["42501", "P0001", "22023", "23514", "57014", ...ofStandIn].map((state) =>
          admin.rpc("fail", { state })
        ),
      ),
    ].map(({ status, error }) => [status, error?.code]);
    assertEquals(seen, [
      [409, "23505"],
      [400, "23514"],
      [403, "42501"],
      [401, "42501"],
      [400, "22P02"],
      [403, "42501"],
      [400, "P0001"],
      [400, "22023"],
      [400, "23514"],
      [500, "57014"],
      ...ofStandIn.map((state) => [500, state]),
    ]);
  });

  test("asks for a key and for a token that it signed", async ({ get, keys }) => {
    const { publishableKey: apikey, secretKey, jwtSecret } = keys;
    const bearer = async (claims: Record<string, unknown>, secret = jwtSecret) => ({
      apikey,
      authorization: `Bearer ${await signToken(claims, secret)}`,
    });
    const user = { role: "authenticated", sub: crypto.randomUUID(), exp: 4_000_000_000 };
    const good = await bearer(user);
    const path = "/rest/v1/notes";
    assertEquals((await get(path, {})).status, 401);
    assertEquals((await get(path, { apikey: `${secretKey}x` })).status, 401);
    assertEquals((await get(path, { authorization: good.authorization })).status, 401);
    assertEquals(await get(path, { apikey, authorization: "Bearer nonsense" }), {
      status: 401,
      code: "PGRST301",
    });
    assertEquals((await get(path, await bearer(user, "another secret"))).status, 401);
    assertEquals((await get(path, await bearer({ ...user, exp: 1 }))).status, 401);
    const forgedForAdmin = { ...await bearer(user, "another secret"), apikey: secretKey };
    assertEquals((await get(path, forgedForAdmin)).status, 401);
    assertEquals(await get(path, good), { status: 403, code: "42501" });
    assertEquals((await get(path, { apikey: secretKey })).status, 200);
  });

  test("signs users up and in, and lets them act as themselves", async ({ client, keys }) => {
    const credentials = { email: "kari@example.org", password: "demo-password" };
    const user = client(keys.publishableKey);
    assertEquals((await user.auth.signUp(credentials)).error, null);
    const { data } = await client(keys.publishableKey).auth.signInWithPassword(credentials);
    const { data: who } = await client(keys.publishableKey, data.session?.access_token).rpc("who");
    assertEquals(who, `authenticated authenticated authenticated ${data.user?.id}`);
    const wrong = await user.auth.signInWithPassword({ ...credentials, password: "another-one" });
    assertEquals(wrong.error?.code, "invalid_credentials");
  });

  test("never mixes up the roles of requests at the same time", async ({ client, keys }) => {
    const callers = [
      { role: "service_role", client: client(keys.secretKey) },
      { role: "anon", client: client(keys.publishableKey) },
    ];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => callers).flat().map(async ({ role, client }) => {
        const { data } = await client.rpc("who");
        return String(data).startsWith(`${role} ${role}`);
      }),
    );
    assert(answers.every((right) => right));
  });
}

function createFixture(database: StackDatabase, keys: ApiKeys, restAndAuth: RestAndAuth): Fixture {
  const send: typeof fetch = (input, init) => restAndAuth(new Request(input, init));
  return {
    database,
    keys,
    restAndAuth,
    client: (key, token) =>
      createClient("http://localhost", key, {
        auth: { persistSession: false, autoRefreshToken: false },
        global: {
          fetch: send,
          ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
        },
      }),
    get: async (path, headers) => {
      const response = await send(`http://localhost${path}`, { headers });
      const body = await response.json();
      return { status: response.status, code: Array.isArray(body) ? undefined : body.code };
    },
  };
}
