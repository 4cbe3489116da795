import { assertEquals } from "@std/assert";
import { parse } from "csv-parse/sync";
import { toCsv } from "./csv.ts";

Deno.test("toCsv() can be read back, whatever is in it", () => {
  const rows = [['Åse "Tante" Eksempel', "a;b", "two\nlines"], ["1", "", "plain"]];
  assertEquals(parse(toCsv(rows), { delimiter: ";", bom: true }), rows);
});

Deno.test("toCsv() writes null as nothing and numbers as they are", () => {
  assertEquals(toCsv([[null, 204, -1]]), "\ufeff;204;-1\r\n");
});

Deno.test("toCsv() takes the sting out of formulas", () => {
  for (const evil of ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "＝1"]) {
    const [[cell]] = parse(toCsv([[evil]]), { delimiter: ";", bom: true }) as [[string]];
    assertEquals(cell, `'${evil}`);
  }
  assertEquals(toCsv([["Anne-Lise = fin"]]), "\ufeffAnne-Lise = fin\r\n");
});
