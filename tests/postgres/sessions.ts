import type postgres from "postgres";

/** Runs `during` while a transaction of the app that did `change` is open, and commits it then. */
export async function whileOpen(
  app: postgres.Sql,
  change: (sql: postgres.TransactionSql) => Promise<unknown>,
  during: () => Promise<void>,
): Promise<void> {
  const { promise: changed, resolve: hasChanged } = Promise.withResolvers<void>();
  const { promise: done, resolve: end } = Promise.withResolvers<void>();
  const transaction = app.begin(async (sql) => {
    await change(sql);
    hasChanged();
    await done;
  });
  await changed;
  try {
    await during();
  } finally {
    end();
    await transaction;
  }
}

/** Waits until so many sessions wait for a lock. */
export async function untilSomebodyWaits(sql: postgres.Sql, count = 1): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::integer as waiting from pg_stat_activity where wait_event_type = 'Lock'`;
    if ((row?.waiting ?? 0) >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${count} sessions never waited for a lock`);
}
