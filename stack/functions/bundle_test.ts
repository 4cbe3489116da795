import { assertEquals } from "@std/assert";
import { withoutDocumentation } from "./bundle.ts";

Deno.test("withoutDocumentation() leaves out documentation, and nothing that runs or is a licence", () => {
  const kept = [
    "/*! some-package - MIT License */",
    "/* @__PURE__ */ start();",
    'const glob = "src/**/*.ts"; /** beside code */ run(glob);',
    "const text = `",
    "/** in a template",
    "that is no comment */`;",
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
