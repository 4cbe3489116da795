import { assertEquals, assertRejects } from "@std/assert";
import { answerOf, ApiError, readAll } from "./answer.ts";

Deno.test("answerOf() gives the data", async () => {
  assertEquals(await answerOf(Promise.resolve({ data: [1], error: null, status: 200 })), [1]);
});

Deno.test("answerOf() tells a lost session and a lost network from a refusal", async () => {
  for (
    const [status, code, expected] of [
      [401, "42501", "signed_out"],
      [400, "PGRST301", "signed_out"],
      [0, "", "unreachable"],
      [403, "42501", "refused"],
      [500, "XX000", "refused"],
    ] as const
  ) {
    const question = Promise.resolve({ data: null, error: { code }, status });
    const error = await assertRejects(() => answerOf(question), ApiError);
    assertEquals(error.code, expected);
  }
});

Deno.test("readAll() goes on after short pages and ends at an empty one", async () => {
  const rows = [1, 2, 3, 4, 5];
  const asked: (number | null)[] = [];
  const all = await readAll<number>((after) => {
    asked.push(after);
    const rest = rows.filter((row) => row > (after ?? 0));
    return Promise.resolve(rest.slice(0, rest.length > 3 ? 1 : 2));
  });
  assertEquals(all, rows);
  assertEquals(asked, [null, 1, 2, 4, 5]);
});
