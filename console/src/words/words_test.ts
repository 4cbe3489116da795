import { assert } from "@std/assert";
import { en } from "./en.ts";
import { nb } from "./nb.ts";

Deno.test("both languages say what keeps somebody from signing in", () => {
  for (const words of [nb, en]) {
    for (const said of Object.values(words.signIn.problems)) assert(said.length > 20);
  }
});
