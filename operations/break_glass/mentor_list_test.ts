import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { readMentorList } from "./mentor_list.ts";
import { mentorId } from "./testing.ts";
import { BOKMAL } from "./words/bokmal.ts";

const [a, b, c] = [mentorId(0xa), mentorId(0xb), mentorId(0xc)];

type File = string | Uint8Array;

/** Orders as `remove a`, in the order of the file. */
function orders(file: File): string[] {
  return readMentorList(file).orders.map(({ mentorId: id, operation }) =>
    `${operation} ${id.slice(-1)}`
  );
}

function problems(file: File): string[] {
  const error = assertThrows(() => readMentorList(file), OperationError);
  assertEquals(error.code, "unreadable");
  return error.message.split("\n  ").slice(1);
}

function utf16(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const units = [...(mark ? "\ufeff" : "") + text].map((letter) => letter.charCodeAt(0));
  const view = new DataView(new ArrayBuffer(units.length * 2));
  for (const [index, unit] of units.entries()) view.setUint16(index * 2, unit, littleEndian);
  return new Uint8Array(view.buffer);
}

const latin1 = (text: string) => Uint8Array.from([...text].map((letter) => letter.charCodeAt(0)));

Deno.test("readMentorList() gives what is expected of each list in lists/", async () => {
  const folder = new URL("./lists/", import.meta.url);
  const expected: Record<
    string,
    { orders?: string[][]; refused?: string; [key: string]: unknown }
  > = JSON.parse(await Deno.readTextFile(new URL("expected.json", folder)));
  assertEquals(Object.keys(expected).length, 10);
  for (const [name, { orders, refused, ...more }] of Object.entries(expected)) {
    const bytes = await Deno.readFile(new URL(name, folder));
    if (refused !== undefined) {
      assertEquals(problems(bytes), [refused], name);
      continue;
    }
    const read = readMentorList(bytes);
    assertEquals(read.orders.map(({ mentorId, operation }) => [mentorId, operation]), orders, name);
    const said = more["said before the question"];
    if (said !== undefined) assertEquals(read.remarks, [said], name);
  }
});

Deno.test("readMentorList() says that all are to be removed, and which columns it does not read", () => {
  const { orders, remarks } = readMentorList(`mentor_id;Fylke;\n${a};Troms;x\n${b};Oslo;\n`);
  assertEquals(orders.map(({ operation }) => operation), ["remove", "remove"]);
  assertEquals(remarks, [
    'the column "Fylke" is ignored',
    "column 3 has no name and is ignored",
    "no column operation: all 2 are to be removed",
  ]);
  assertEquals(readMentorList(`mentor_id;operation;\n${a};restore;\n`).remarks, []);
  const norwegian = readMentorList(`mentor_id;Fylke\n${a};Troms`, { words: BOKMAL });
  assertEquals(norwegian.remarks, [
    "kolonnen «Fylke» blir ikke lest",
    "ingen kolonne operation: alle 1 skal fjernes",
  ]);
});

Deno.test("readMentorList() finds one delimiter, from the header", () => {
  for (const delimiter of [";", "\t", ",", "|"]) {
    const others = [";", "|", ","].filter((one) => one !== delimiter).join("");
    const row = (...cells: string[]) => `${cells.join(delimiter)}\n`;
    const text = row("navn", "mentor_id", "operation") + row(`Hansen${others} Kari`, a, "restore") +
      row("", b, "remove");
    assertEquals(orders(text), ["restore a", "remove b"], delimiter);
  }
  assertEquals(orders(`mentor_id,navn;adresse,operation\n${a},x;y,restore\n`), ["restore a"]);
  assertEquals(orders(`sep=|\nmentor_id|operation\n${a}|restore\n`), ["restore a"]);
  assertEquals(orders(`sep=\t\r\nmentor_id\toperation\r\n${a}\trestore\r\n`), ["restore a"]);
  assertEquals(orders(`"sep=,"\nmentor_id;operation\n${a};restore\n`), ["restore a"]);
  assertEquals(orders(`sep=^\nmentor_id^operation\n${a}^restore\n`), ["restore a"]);
  assertEquals(problems(`mentor_id;operation\n${a},restore\n`), [
    "line 2: 1 cells where the header has 2",
  ]);
  assertEquals(problems(`mentor_id operation\n${a} restore\n`), [
    "line 1: there is no column mentor_id",
  ]);
});

Deno.test("readMentorList() reads every encoding and every end of a line", () => {
  const text =
    `mentor_id;navn;operation\r\n${a};Bjørn Prøve;restore\r\n${b};Åse Oppdiktet;remove\r\n`;
  const read = ["restore a", "remove b"];
  const files: Record<string, File> = {
    "UTF-8": text,
    "with a mark": `\ufeff${text}`,
    "with a mark and sep=": `\ufeffsep=;\r\n${text}`,
    "latin-1": latin1(text),
    "UTF-16, as Excel writes it": utf16(text, true, true),
    "UTF-16, big end first": utf16(text, false, true),
    "UTF-16 without a mark": utf16(text, true, false),
    "UTF-16, big end first, without a mark": utf16(text, false, false),
    "LF": text.replaceAll("\r\n", "\n"),
    "CR": text.replaceAll("\r\n", "\r"),
    "no end at all": text.trimEnd(),
    "blank lines": `\r\n${text.replaceAll("\r\n", "\r\n\r\n;;\r\n \t\r\n;;;;;\r\n")}`,
  };
  for (const [name, file] of Object.entries(files)) assertEquals(orders(file), read, name);
  assertEquals(problems(new Uint8Array([0x50, 0x4b, 3, 4, 20])), [
    "it is a workbook, not a text: save it as CSV and take that file",
  ]);
  assertEquals(problems(`mentor_id\n${a}\0\n`).length, 1);
});

Deno.test("readMentorList() takes ids and headers however they are written", () => {
  for (
    const id of [
      a.toUpperCase(),
      `{${a}}`,
      `(${a})`,
      ` ${a}\u00a0`,
      `\u200b${a}`,
      `"${a}"`,
      `="${a}"`,
      `"{${a}}"`,
      `'${a}'`,
      a.replaceAll("-", ""),
      a.replaceAll("-", "\u2011"),
      `urn:uuid:${a}`,
    ]
  ) {
    assertEquals(orders(`mentor_id;operation\n${id};restore\n`), ["restore a"], id);
  }
  for (
    const name of [
      "Mentor_ID",
      "MENTOR ID",
      "mentor-id",
      '"mentor_id"',
      "mentorId",
      "\u00a0mentor_id ",
    ]
  ) {
    assertEquals(orders(`${name};Operation \n${a};RESTORE\u00a0\n`), ["restore a"], name);
  }
  const keyColumn = "cr123_appid";
  assertEquals(readMentorList(`CR123_AppId,x\n${a},y\n`, { keyColumn }).orders.length, 1);
  for (const id of [a.slice(1), `${a}0`, "Kari", "1,23E+31", a.replace("-", "")]) {
    assertEquals(problems(`mentor_id\n${id}\n`).length, 1, id);
  }
});

Deno.test("readMentorList() refuses a column that may be meant for the operations", () => {
  for (
    const name of [
      ...[
        "operasjon",
        "Operasjonen",
        "operations",
        "operatoin",
        "opration",
        "opperation",
        "OPERASJONER",
      ],
      ...["ønsket operasjon", "wanted_operation", "operation (remove/restore)", "operation;"],
      ...["fjernes", "Skal fjernes", "remove?", "to_be_removed", "Slettes", "skjul", "restore"],
      ...["action", "Aksjon", "Handling", "Tiltak", "kommando", "Hva skal gjøres?".slice(0, -1)],
    ]
  ) {
    assertEquals(problems(`mentor_id,${name}\n${a},x\n`), [
      `line 1: the column "${name.trim()}" is not known; did you mean "operation"?`,
    ], name);
  }
  // Whatever it is called, or not called at all, what stands in it says what it is.
  for (const word of ["restore", "Restore ", "REMOVE", "gjenopprett", "vises", "hide"]) {
    assertEquals(problems(`mentor_id;Kolonne1\n${a};${word}\n`).length, 1, word);
    assertEquals(problems(`mentor_id;\n${a};${word}\n`).length, 1, word);
  }
  assertEquals(problems(`mentor_id;operation;operasjon\n${a};remove;restore\n`).length, 1);
  assertEquals(problems(`mentor_id;operation;merknad\n${a};remove;restore\n`).length, 1);
  assertEquals(problems(`mentor_id;operation;Operation\n${a};remove;restore\n`), [
    "line 1: there are several columns operation",
  ]);
  assertEquals(problems(`mentor_id;hlf_mentorid\n${a};${b}\n`), [
    "line 1: there are several columns mentor_id",
  ]);
  // Columns that a list may well have.
  for (
    const name of ["Relasjon", "Stasjon", "Status", "Navn", "hlf_published", "Endret", "Opprettet"]
  ) {
    assertEquals(orders(`mentor_id;${name}\n${a};x\n`), ["remove a"], name);
  }
});

Deno.test("readMentorList() takes no row for more or less than it says", () => {
  assertEquals(problems(`mentor_id;operation\n${a};remove\n${b};\n${c};restore;\n`), [
    "line 3: no operation",
    "line 4: 3 cells where the header has 2",
  ]);
  assertEquals(problems(`mentor_id\n${a};restore\n`), ["line 2: 2 cells where the header has 1"]);
  assertEquals(problems(`mentor_id\n${a},restore\n`), ["line 2: 2 cells where the header has 1"]);
  assertEquals(problems(`mentor_id;navn;operation\n${a};remove\n`).length, 1);
  assertEquals(problems(`mentor_id;operation\n${a};fjern\n${b};remove restore\n`), [
    "line 2: operation is neither remove nor restore",
    "line 3: operation is neither remove nor restore",
  ]);
  assertEquals(problems(`mentor_id;operation\n;remove\n`), ["line 2: mentor_id is not a uuid"]);
});

Deno.test("readMentorList() names both lines of a mentor who is there twice", () => {
  const upper = `{${a.toUpperCase()}}`;
  assertEquals(
    problems(`mentor_id;operation\n${a};remove\n\n${upper};remove\n${b};restore\n${b};remove\n`),
    [
      "line 4: the same mentor as in line 2",
      "line 6: the same mentor as in line 5",
    ],
  );
});

Deno.test("readMentorList() reads quotes, and loses no row to one that is not closed", () => {
  const text = `"navn";"mentor_id";"operation"\n"Hansen; ""Kaja""";"${a}";"restore"\n` +
    `"to\nlinjer";${b};remove\nKari "Kaja" Test; "${c}" ; remove\n`;
  assertEquals(orders(text), ["restore a", "remove b", "remove c"]);
  assertEquals(problems(`navn;mentor_id\nx;${a}\n"Kari;${b}\nPer;${c}\n`), [
    "line 3: the quotes are not right",
  ]);
  assertEquals(problems(`mentor_id;navn;operation\n${a};"Kari;remove\n${b};Per";restore\n`), [
    "line 2: the quotes are not right",
  ]);
  assertEquals(problems(`"navn";mentor_id\n"to\nlinjer";x\nx;y\n`), [
    "line 2: mentor_id is not a uuid",
    "line 4: mentor_id is not a uuid",
  ]);
});

Deno.test("readMentorList() lists every problem with its line, and quotes nothing of a row", () => {
  const text = ["mentor_id,operation", a, "Kari Oppdiktet,remove", `${b},hide`, "", `${b},restore`];
  assertEquals(problems(text.join("\n")), [
    "line 2: 1 cells where the header has 2",
    "line 3: mentor_id is not a uuid",
    "line 4: operation is neither remove nor restore",
    "line 6: the same mentor as in line 4",
  ]);
  const many = problems(`mentor_id\n${"Kari Oppdiktet\n".repeat(1000)}`);
  assertEquals([many.length, many.at(-1)], [51, "… and 950 more"]);
  assertEquals(problems(`\x1b[2Jx;mentor_id;operasjon\x1b[2J\n`).join().includes("\x1b"), false);
});

Deno.test("readMentorList() refuses a file without the column, or without mentors", () => {
  for (const text of [`id\n${a}\n`, "", "\n\n", `${a}\n${b}\n`, `navn;uuid\nKari;${a}\n`]) {
    assertEquals(problems(text).map((one) => one.replace(/\d/, "n")), [
      "line n: there is no column mentor_id",
    ], text);
  }
  assertEquals(problems("mentor_id\n\n"), ["there are no mentors in it"]);
  assertEquals(problems("sep=;\nnavn;id\n"), ["line 2: there is no column mentor_id"]);
});
