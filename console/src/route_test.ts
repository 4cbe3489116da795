import { assertEquals } from "@std/assert";
import { links, readRoute } from "./route.ts";

const MENTOR = "00000000-0000-4000-8000-0000000000a1";

Deno.test("readRoute() reads the address of every view", () => {
  assertEquals(readRoute(""), { view: "overview" });
  assertEquals(readRoute(links.overview), { view: "overview" });
  assertEquals(readRoute(links.mentors()), { view: "mentors", standing: null });
  assertEquals(readRoute(links.mentors("stuck")), { view: "mentors", standing: "stuck" });
  assertEquals(readRoute(links.mentor(MENTOR)), { view: "mentor", mentorId: MENTOR });
  const log = readRoute(links.log(new URLSearchParams({ mentor: MENTOR })));
  assertEquals(log.view === "log" && log.parameters.get("mentor"), MENTOR);
});

Deno.test("readRoute() knows what it does not know", () => {
  assertEquals(readRoute("#/elsewhere"), { view: "not_found" });
  assertEquals(readRoute("#/likeperson/<script>"), { view: "not_found" });
  assertEquals(readRoute("#/likepersoner?vis=nonsense"), { view: "mentors", standing: null });
});
