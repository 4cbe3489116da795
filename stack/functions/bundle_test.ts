import { relative } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { tokenizer } from "acorn";
import { projectPath } from "../machine/project_path.ts";
import { bundle, BUNDLER, nameByPackage, withoutDocumentation } from "./bundle.ts";

Deno.test("withoutDocumentation() leaves out documentation, and nothing beside it", () => {
  const kept = [
    "/*! some-package - MIT License */",
    "/* @__PURE__ */ start();",
    'const glob = "src/**/*.ts"; /** beside code */ run(glob);',
    "/**",
    " * @license MIT",
    " */",
    "/**",
    " * a */ run(2",
    " * 3); /*",
    "*/",
    "class A {",
    "  a = 1; // **/",
    "  b = 2 ** 3;",
    "}",
  ];
  const documented = kept.flatMap((line) =>
    line.startsWith("  ")
      ? ["  /**", "   * Says `*` and /** again.", "   *", "   * @example a ** b", "", "   */", line]
      : [line]
  );
  assertEquals(withoutDocumentation(documented.join("\n")), kept.join("\n"));
});

Deno.test("bundle() changes no token of what the bundler writes, and keeps every licence", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [...BUNDLER, `--output=${folder}/raw.js`, "supabase/functions/hlf-sync/index.ts"],
      cwd: projectPath("."),
    }).output();
    assert(success);
    const ours = relative(projectPath("."), `${folder}/ours.js`);
    await bundle("supabase/functions/hlf-sync/index.ts", ours, { tell: () => {} });
    const texts = await Promise.all(
      ["raw.js", "ours.js"].map((name) => Deno.readTextFile(`${folder}/${name}`)),
    );
    const [raw, bundled] = texts.map((text) => read(nameByPackage(text)));
    assertEquals(bundled?.licences, raw?.licences);
    assertEquals(bundled?.tokens, raw?.tokens);
    assert(Number(texts[1]?.length) < Number(texts[0]?.length));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function read(code: string): { tokens: string; licences: string[] } {
  const licences: string[] = [];
  const tokens = [...tokenizer(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    onComment: (_isBlock, text) => {
      if (/^!|@licen[sc]e|@preserve/.test(text)) licences.push(text);
    },
  })].map(({ type, start, end }) => `${type.label} ${code.slice(start, end)}`);
  return { tokens: tokens.join("\n"), licences };
}
