import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { readArguments, readLanguageArgument, terminalLanguage } from "./arguments.ts";

Deno.test("readArguments() tells the modes apart", () => {
  assertEquals(readArguments([]), { kind: "online" });
  assertEquals(readArguments(["-h"]), { kind: "help" });
  assertEquals(readArguments(["--offline", "a.csv"]), {
    ...{ kind: "offline", list: "a.csv", journal: null },
  });
  assertEquals(readArguments(["--offline=a.csv", "--journal=b.jsonl"]), {
    ...{ kind: "offline", list: "a.csv", journal: "b.jsonl" },
  });
  assertEquals(readArguments(["--list=a.csv"]), { kind: "list", path: "a.csv" });
  for (const args of [["--list"], ["--list", "--language", "nb"]]) {
    const mode = readArguments(args);
    assertEquals(mode.kind === "list" && /^break-glass-list-.*\.csv$/.test(mode.path), true);
  }
  assertEquals(readArguments(["--prepare", "--language", "nb"]), { kind: "prepare" });
  assertEquals(readArguments(["--import", "b.jsonl"]), { kind: "import", journal: "b.jsonl" });
});

Deno.test("readArguments() refuses the rest without repeating it", () => {
  for (
    const args of [
      ["--secret=hemmelig"],
      ["hemmelig"],
      ["--offline"],
      ["--journal", "hemmelig"],
      ["--import", "a", "--offline", "hemmelig"],
      ["--list", "a", "--prepare"],
      ["--list", "a", "--journal", "hemmelig"],
    ]
  ) {
    const error = assertThrows(() => readArguments(args), OperationError);
    assertEquals([error.code, error.message.includes("hemmelig")], ["usage", false]);
  }
});

Deno.test("readLanguageArgument() goes before the terminal's language", () => {
  assertEquals(readLanguageArgument([], "nb"), "nb");
  assertEquals(readLanguageArgument(["--import", "x", "--language=en"], "nb"), "en");
  assertEquals(readLanguageArgument(["--language", "nb-NO"], "en"), "nb");
  for (const args of [["--language"], ["--language", "hemmelig"], ["--language="]]) {
    const error = assertThrows(() => readLanguageArgument(args, "en"), OperationError);
    assertEquals([error.code, error.message.includes("hemmelig")], ["usage", false]);
  }
});

Deno.test("terminalLanguage() reads what POSIX and Windows say", () => {
  assertEquals(terminalLanguage({ LANG: "nb_NO.UTF-8" }, "en-US"), "nb");
  assertEquals(terminalLanguage({ LANG: "nn_NO" }, "en-US"), "nb");
  assertEquals(terminalLanguage({ LANG: "no_NO.ISO8859-1" }, "en-US"), "nb");
  assertEquals(terminalLanguage({ LC_ALL: "C.UTF-8", LANG: "nb_NO.UTF-8" }, "nb-NO"), "en");
  assertEquals(terminalLanguage({ LC_MESSAGES: "en_GB", LANG: "nb_NO" }, "nb-NO"), "en");
  assertEquals(terminalLanguage({ LC_ALL: "", LANG: "" }, "nb-NO"), "nb");
  assertEquals(terminalLanguage({}, "nb"), "nb");
  assertEquals(terminalLanguage({ LANG: "sv_SE.UTF-8" }, "nb-NO"), "en");
});
