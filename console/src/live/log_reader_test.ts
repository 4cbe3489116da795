import { assertEquals } from "@std/assert";
import type { LogPosition } from "../api/log.ts";
import type { Attempt } from "../model/rows.ts";
import { attemptOf } from "../model/testing.ts";
import { LogReader } from "./log_reader.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

function row(number: number): Attempt {
  return attemptOf({
    id: `01a20664-0201-7000-8000-${String(number).padStart(12, "0")}`,
    created_at: new Date(NOW.getTime() - 3_600_000 + number * 1000).toISOString(),
  });
}

function world(
  count: number,
  { rowsBefore = 0, ...filter }: { from?: string; to?: string; rowsBefore?: number } = {},
) {
  const log = Array.from({ length: count }, (_, number) => row(number));
  const asked: string[] = [];
  function read(before: LogPosition | null, limit: number): Promise<Attempt[]> {
    asked.push(before === null ? "newest" : "older");
    return Promise.resolve(
      log.filter(({ id }) => before === null || id < before.id).reverse().slice(0, limit),
    );
  }
  const reader = new LogReader(
    { readAttempts: read },
    { mentorId: null, outcome: null, from: "2026-11-22", to: "2026-11-22", ...filter },
    rowsBefore,
  );
  let version = 0;
  const refresh = () => reader.refresh(NOW, ++version);
  return { reader, log, asked, refresh, same: () => reader.refresh(NOW, version) };
}

Deno.test("LogReader shows a page at first, and older rows when asked", async () => {
  const { reader, refresh } = world(120);
  await refresh();
  assertEquals([reader.rows.value?.length, reader.hasMore.value], [50, true]);
  await reader.readMore();
  await reader.readMore();
  assertEquals([reader.rows.value?.length, reader.hasMore.value], [120, false]);
  assertEquals(reader.rows.value?.[0]?.id, row(119).id);
  assertEquals(reader.rows.value?.at(-1)?.id, row(0).id);
});

Deno.test("LogReader shows as many rows as there were before, and no fewer than a page", async () => {
  for (
    const [rowsBefore, shown, hasMore] of [[100, 100, true], [3, 50, true], [
      150,
      120,
      false,
    ]] as const
  ) {
    const { reader, refresh } = world(120, { rowsBefore });
    await refresh();
    assertEquals([reader.rows.value?.length, reader.hasMore.value], [shown, hasMore]);
  }
});

Deno.test("LogReader puts new rows in front and asks for them only when there may be some", async () => {
  const { reader, log, asked, refresh, same } = world(3);
  await refresh();
  log.push(row(3), row(4));
  await refresh();
  assertEquals(reader.rows.value?.map(({ id }) => id), [4, 3, 2, 1, 0].map((n) => row(n).id));
  asked.length = 0;
  await same();
  assertEquals(asked, []);
});

Deno.test("LogReader begins anew rather than leave a gap", async () => {
  const { reader, log, refresh } = world(60);
  await refresh();
  await reader.readMore();
  for (let number = 60; number < 200; number++) log.push(row(number));
  await refresh();
  assertEquals(reader.rows.value?.length, 50);
  assertEquals(reader.hasMore.value, true);
});

Deno.test("LogReader does not ask again for days that are over", async () => {
  const { refresh, asked } = world(3, { from: "2026-11-20", to: "2026-11-21" });
  await refresh();
  asked.length = 0;
  await refresh();
  assertEquals(asked, []);
});
