import { assertEquals } from "@std/assert";
import { parseConfig } from "../../console/check_settings.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { PAGES } from "./pages.ts";
import { GIVEN, IN_VAULT, OF_THE_PAGE, readExample } from "./settings.ts";

const read = (path: string) => Deno.readTextFile(projectPath(path));

const example = readExample(await read("supabase/functions/.env.example"));

const REQUIRED: Readonly<Record<string, string>> = {
  SUPABASE_URL: "https://project.example",
  SUPABASE_SECRET_KEYS: "sb_secret_a",
  SUPABASE_PUBLISHABLE_KEYS: "sb_publishable_a",
  DYNAMICS_URL: "https://org.crm4.dynamics.com",
  DYNAMICS_TENANT_ID: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001",
  DYNAMICS_CLIENT_ID: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d003",
  DYNAMICS_CLIENT_SECRET: "secret",
};

Deno.test("the reference has every setting that the function reads, and those that it needs are required", async () => {
  const source = await read("supabase/functions/_shared/settings.ts");
  const [, shape = ""] = /const SETTINGS = \{([\s\S]*?)\n\};/.exec(source) ?? [];
  const names = [...shape.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
  assertEquals([...Object.keys(GIVEN), ...example.map(({ name }) => name)], names);
  const required = example.filter(({ fallback }) => fallback === null).map(({ name }) => name);
  assertEquals([...Object.keys(GIVEN), ...required], Object.keys(REQUIRED));
});

Deno.test("a setting that is set to its default changes nothing", () => {
  const settings = readSettings(REQUIRED);
  for (const { name, fallback } of example) {
    if (fallback === null) continue;
    assertEquals(readSettings({ ...REQUIRED, [name]: fallback }), settings, name);
  }
});

Deno.test("the reference has every setting of the page", () => {
  const config = parseConfig({ supabaseUrl: "https://project.example", publishableKey: "key" });
  assertEquals(Object.keys(OF_THE_PAGE).sort(), Object.keys(config).sort());
});

Deno.test("the reference has every name that the database looks for in Vault", async () => {
  const names = new Set<string>();
  for (
    const [, name = ""] of (await read("supabase/schema.sql")).matchAll(
      /'(hlf_sync_\w+_(?:url|key|name):?)'/g,
    )
  ) {
    names.add(name.replace(/:$/, ":<organisation id>"));
  }
  assertEquals(Object.keys(IN_VAULT).sort(), [...names].sort());
});

Deno.test("each setting has a meaning", async () => {
  const page = await PAGES["docs/reference/settings.md"]?.() ?? "";
  assertEquals(
    page.split("\n").filter((line) => /\|\s+\|/.test(line) && line !== "| name | meaning |  |"),
    [],
  );
});
