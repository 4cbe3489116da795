import { assertEquals, assertRejects } from "@std/assert";
import { Lock } from "./lock.ts";

Deno.test("Lock.with() runs one user at a time, in order", async () => {
  const lock = new Lock();
  const seen: string[] = [];
  const use = (name: string) =>
    lock.with(async () => {
      seen.push(`${name} in`);
      await Promise.resolve();
      seen.push(`${name} out`);
    });
  await Promise.all([use("a"), use("b"), use("c")]);
  assertEquals(seen, ["a in", "a out", "b in", "b out", "c in", "c out"]);
});

Deno.test("Lock.with() gives the lock back when its user fails", async () => {
  const lock = new Lock();
  await assertRejects(() => lock.with(() => Promise.reject(new Error("failed"))), Error, "failed");
  assertEquals(await lock.with(() => "next"), "next");
});
