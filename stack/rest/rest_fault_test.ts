import { assertEquals } from "@std/assert";
import { RestFaults } from "./rest_fault.ts";

function request(method: string, resource: string): Request {
  return new Request(`http://localhost/rest/v1/${resource}?select=id`, { method });
}

Deno.test("RestFaults.apply() delays only what matches", async () => {
  const slept: number[] = [];
  const faults = new RestFaults({
    sleep: (seconds) => {
      slept.push(seconds);
      return Promise.resolve();
    },
  });
  faults.set({ match: { method: "POST", resource: "hlf_sync_audit_log" }, delaySeconds: 2 });
  assertEquals(await faults.apply(request("GET", "hlf_sync_audit_log")), null);
  assertEquals(await faults.apply(request("POST", "mentors")), null);
  assertEquals(slept, []);
  assertEquals(await faults.apply(request("POST", "hlf_sync_audit_log")), null);
  assertEquals(slept, [2]);
});

Deno.test("RestFaults.apply() answers as often as told, and no more once it is lifted", async () => {
  const faults = new RestFaults();
  const answer = { status: 503, code: "PGRST001", message: "no connection" };
  faults.set({ match: { resource: "mentors" }, answer, times: 1 });
  const response = await faults.apply(request("GET", "mentors"));
  assertEquals(response?.status, 503);
  assertEquals((await response?.json()).code, "PGRST001");
  assertEquals(await faults.apply(request("GET", "mentors")), null);
  faults.set({ match: { resource: "mentors" }, answer });
  faults.set(null);
  assertEquals(await faults.apply(request("GET", "mentors")), null);
});
