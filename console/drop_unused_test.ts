import { assertEquals, assertThrows } from "@std/assert";
import { dropUnmentioned, empty } from "./drop_unused.ts";

/** What an expression gives once a script has run. */
function after(script: string, expression: string): unknown {
  return new Function(`${script}; return ${expression};`)();
}

/** The names that are left of a class, where it is used like this. */
function offered(classBody: string, use: string): unknown {
  const script = `class Library { ${classBody} } const library = new Library(); ${use}`;
  return after(dropUnmentioned(script), "Object.getOwnPropertyNames(Library.prototype).sort()");
}

Deno.test("dropUnmentioned() drops what nobody asks for, and what only that asked for", () => {
  const body = "used() {} unused() { this.helper() } helper() { this.helper() } get old() {}";
  assertEquals(offered(body, "library.used();"), ["constructor", "used"]);
});

Deno.test("dropUnmentioned() keeps whatever is mentioned, however it is", () => {
  const body = "one() {} two() {} three() {} delete() {} [NaN]() {} toJSON() {} #own() {}";
  assertEquals(
    offered(
      body,
      "library['one'](); const { two } = library; const name = `three`; delete library.x;",
    ),
    ["NaN", "constructor", "delete", "one", "three", "toJSON", "two"],
  );
});

Deno.test("dropUnmentioned() goes by the name alone: two classes may offer the same", () => {
  assertEquals(offered("same() {}", "class Other { same() {} }"), ["constructor"]);
  assertEquals(offered("same() {}", "class Other { same() {} } new Other().same();"), [
    "constructor",
    "same",
  ]);
});

Deno.test("dropUnmentioned() drops a bound entry with its method, and leaves every other entry alone", () => {
  const script = dropUnmentioned(`
    class Library {
      constructor() {
        this.api = { first: this._first.bind(this), second: this._second.bind(this) , other: 1 };
      }
      _first() { return 1 }
      _second() { return 2 }
    }
    const { api } = new Library();
    api.first();
  `);
  assertEquals(after(script, "[Object.keys(api), api.first()]"), [["first", "other"], 1]);
  assertEquals(script.includes("_second"), false);
});

Deno.test("empty() leaves nothing in a class, a function and a method, and refuses a name that is not there once", () => {
  const script =
    "class A { a() { return 1 } b() { return 2 } } var B = class { c() {} }; function f() { return 3 }";
  const emptied = empty(script, ["B", "f", "a"]);
  assertEquals(after(emptied, "[new A().a(), new A().b(), new B().c, f()]"), [
    undefined,
    2,
    undefined,
    undefined,
  ]);
  assertThrows(() => empty(script, ["missing"]), Error, "missing: it is there 0 times");
  assertThrows(() => empty(`${script}; { function f() {} }`, ["f"]), Error, "2 times");
});
