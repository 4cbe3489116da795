import { assertEquals, assertThrows } from "@std/assert";
import { figure, percent, replaceGenerated, toMarkdown } from "./table.ts";

Deno.test("toMarkdown() lines the columns up", () => {
  assertEquals(
    toMarkdown({
      title: "Drain",
      header: ["who", "per second"],
      rows: [["ceiling", "1,900"], ["us", "1"]],
      notes: ["More is better."],
    }),
    [
      "### Drain",
      "",
      "| who     | per second |",
      "| ------- | ---------: |",
      "| ceiling |      1,900 |",
      "| us      |          1 |",
      "",
      "More is better.",
      "",
    ].join("\n"),
  );
});

const MARKS = [
  "<!-- begin: written by `deno task bench --report` -->",
  "<!-- end: written by `deno task bench --report` -->",
];

Deno.test("replaceGenerated() keeps what people wrote round it", () => {
  const document = `before\n${MARKS[0]}\nold\n${MARKS[1]}\nafter\n`;
  const replaced = replaceGenerated(document, "new\n");
  assertEquals(replaced, `before\n${MARKS[0]}\n\nnew\n\n${MARKS[1]}\nafter\n`);
  assertEquals(replaceGenerated(replaced, "new"), replaced);
});

Deno.test("replaceGenerated() refuses a document without a place for it", () => {
  assertThrows(() => replaceGenerated("before", "new"), RangeError);
});

Deno.test("figure() and percent() round to what can be read", () => {
  assertEquals([figure(1234.5), figure(99.44), figure(1.005), percent(0.814)], [
    "1,235",
    "99.4",
    "1.01",
    "81 %",
  ]);
});
