import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../errors.ts";
import { readMentorList } from "./mentor_list.ts";
import { mentorId } from "./testing.ts";

const [a, b] = [mentorId(0xa), mentorId(0xb)];

function problems(text: string): string[] {
  const error = assertThrows(() => readMentorList(text), OperationError);
  assertEquals(error.code, "unreadable");
  return error.message.split("\n  ").slice(1);
}

Deno.test("readMentorList() removes where nothing else is said", () => {
  assertEquals(readMentorList(`mentor_id\n${a}\n${b}\n`), [
    { mentorId: a, operation: "remove" },
    { mentorId: b, operation: "remove" },
  ]);
});

Deno.test("readMentorList() reads what a spreadsheet writes", () => {
  const text = `\ufeff"Mentor_ID";name;operation\r\n${a.toUpperCase()};"Å; Ø";Restore\r\n` +
    `;;\r\n\r\n "${b}";;\r\n`.replace(' "', '"');
  assertEquals(readMentorList(text), [
    { mentorId: a, operation: "restore" },
    { mentorId: b, operation: "remove" },
  ]);
});

Deno.test("readMentorList() lists every problem with its line, and quotes nothing", () => {
  const text = ["mentor_id,operation", a, "Kari Oppdiktet,remove", `${b},hide`, "", `${a},restore`];
  assertEquals(problems(text.join("\n")), [
    "line 3: mentor_id is not a uuid",
    "line 4: operation is neither remove nor restore",
    "line 6: the same mentor as in line 2",
  ]);
});

Deno.test("readMentorList() refuses a file without the column, without mentors, or out of order", () => {
  assertEquals(problems(`id\n${a}\n`), ["line 1: there is no column mentor_id"]);
  assertEquals(problems(""), ["line 1: there is no column mentor_id"]);
  assertEquals(problems("mentor_id\n\n"), ["there are no mentors in it"]);
  assertEquals(problems(`mentor_id\n"${a}\n`).length, 1);
});
