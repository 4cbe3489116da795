import { assertEquals } from "@std/assert";
import { SUPABASE_CLI } from "../../tasks/supabase_cli.ts";
import { FUNCTION_BUNDLE } from "../../stack/functions/bundle.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { AWKWARD_VALUES } from "../../operations/deploy/awkward_values.ts";
import { formatEnvFile } from "../../operations/deploy/env_file.ts";
import { readScripts } from "./workflow_steps.ts";

const PROJECT = "abcdefghijklmnopqrst";

interface Received {
  readonly secrets: Record<string, string>;
  readonly files: { readonly name: string; readonly size: number }[];
  metadata: Record<string, unknown>;
}

/** Stands in for Supabase's Management API, as far as the CLI asks it when it sets secrets and deploys a function. */
function startApi(received: Received): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/secrets") && request.method === "POST") {
      const body: { name: string; value: string }[] = await request.json();
      for (const { name, value } of body) received.secrets[name] = value;
      return new Response(null, { status: 201 });
    }
    if (pathname.endsWith("/functions/deploy")) {
      const form = await request.formData();
      received.metadata = JSON.parse(await text(form.get("metadata")));
      for (const file of form.getAll("file")) {
        if (file instanceof File) received.files.push({ name: file.name, size: file.size });
      }
      return Response.json({
        ...{ id: "1", slug: "hlf-sync", name: "hlf-sync", status: "ACTIVE", version: 1 },
        ...{ verify_jwt: false, created_at: 1, updated_at: 1 },
      }, { status: 201 });
    }
    return Response.json([]);
  });
}

async function text(part: FormDataEntryValue | null): Promise<string> {
  return part instanceof File ? await part.text() : part ?? "";
}

/** Runs a step's script as GitHub does, with the CLI told of another API. */
async function runStep(
  script: string,
  api: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hlf-sync-step-" });
  try {
    await Deno.writeTextFile(
      `${folder}/profile.yaml`,
      `name: test\napi_url: ${api}\ndashboard_url: ${api}\nproject_host: 127.0.0.1\n`,
    );
    await Deno.writeTextFile(
      `${folder}/supabase`,
      `#!/bin/sh\nexec npx -y ${SUPABASE_CLI} "$@" --remote=${PROJECT} --profile=${folder}/profile.yaml\n`,
      { mode: 0o755 },
    );
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-e", "-c", script],
      cwd: projectPath("."),
      env: {
        PATH: `${folder}:${Deno.env.get("PATH")}`,
        RUNNER_TEMP: folder,
        SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
        ...{ SUPABASE_YES: "true", DO_NOT_TRACK: "1", NO_COLOR: "1" },
        ...environment,
      },
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals(success, true, said);
    for (const value of Object.values(environment)) {
      assertEquals(value.length > 3 && said.includes(value), false, "a secret is printed");
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "profile.yaml",
      "supabase",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the CLI reads every value of a file of settings as it is", async () => {
  const received: Received = { secrets: {}, files: [], metadata: {} };
  const server = startApi(received);
  const file = await Deno.makeTempFile({ suffix: ".env" });
  try {
    await Deno.writeTextFile(file, formatEnvFile(AWKWARD_VALUES));
    await runStep(
      `supabase secrets set --env-file ${file}`,
      `http://127.0.0.1:${server.addr.port}`,
      {},
    );
    assertEquals(received.secrets, { ...AWKWARD_VALUES });
  } finally {
    await Deno.remove(file);
    await server.shutdown();
  }
});

Deno.test("the deployment hands secrets on as it is, and the function as one file", async () => {
  const received: Received = { secrets: {}, files: [], metadata: {} };
  const server = startApi(received);
  const api = `http://127.0.0.1:${server.addr.port}`;
  try {
    const scripts = await readScripts("deploy.yml");
    const secrets = scripts.find((script) => script.includes("secrets set"));
    const settings = {
      DYNAMICS_URL: AWKWARD_VALUES.HASH_FIRST ?? "",
      DYNAMICS_TENANT_ID: AWKWARD_VALUES.TWO_QUOTES ?? "",
      DYNAMICS_CLIENT_ID: AWKWARD_VALUES.BLANKS ?? "",
      DYNAMICS_CLIENT_SECRET: "a#b$HOME\"c' d\\",
    };
    await runStep(secrets ?? "exit 1", api, settings);
    assertEquals(received.secrets, settings);
    for (
      const script of scripts.filter((script) => /function:bundle|functions deploy/.test(script))
    ) {
      await runStep(script, api, {});
    }
    const { size } = await Deno.stat(projectPath(FUNCTION_BUNDLE));
    assertEquals(received.files, [{ name: FUNCTION_BUNDLE, size }]);
    assertEquals(received.metadata["entrypoint_path"], FUNCTION_BUNDLE);
    assertEquals(received.metadata["verify_jwt"], false);
  } finally {
    await server.shutdown();
  }
});
