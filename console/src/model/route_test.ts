import { assertEquals } from "@std/assert";
import { organisationIn } from "./address.ts";
import { linksOf, readRoute, withOrganisation } from "./route.ts";

const MENTOR = "00000000-0000-4000-8000-0000000000a1";

const ORGANISATION = "00000000-0000-4000-8000-00000000000a";

Deno.test("readRoute() reads the address of every view, with the organisation or without", () => {
  for (const links of [linksOf(null), linksOf(ORGANISATION)]) readsAll(links);
});

function readsAll(links: ReturnType<typeof linksOf>) {
  assertEquals(readRoute(""), { view: "overview" });
  assertEquals(readRoute(links.overview), { view: "overview" });
  assertEquals(readRoute(links.mentors()), { view: "mentors", standing: null, kind: null });
  assertEquals(readRoute(links.mentors("stuck")), {
    view: "mentors",
    standing: "stuck",
    kind: null,
  });
  assertEquals(readRoute(links.mentor(MENTOR)), { view: "mentor", mentorId: MENTOR });
  const log = readRoute(links.log(new URLSearchParams({ mentor: MENTOR })));
  assertEquals(log.view === "log" && log.parameters.get("mentor"), MENTOR);
  assertEquals(readRoute(links.audit()).view, "audit");
  assertEquals(readRoute(links.mentors(null, "hidden")), {
    view: "mentors",
    standing: null,
    kind: "hidden",
  });
}

Deno.test("Addresses carry the organisation, and another one drops what is of the first", () => {
  const links = linksOf(ORGANISATION);
  assertEquals(organisationIn(links.mentor(MENTOR)), ORGANISATION);
  assertEquals(
    withOrganisation(links.log(new URLSearchParams({ mentor: MENTOR, outcome: "success" })), "b"),
    "#/logg?outcome=success&org=b",
  );
  assertEquals(withOrganisation(links.mentor(MENTOR), "b"), "#/likepersoner?org=b");
  assertEquals(withOrganisation("", "b"), "#/?org=b");
});

Deno.test("readRoute() knows what it does not know", () => {
  assertEquals(readRoute("#/elsewhere"), { view: "not_found" });
  assertEquals(readRoute("#/likeperson/<script>"), { view: "not_found" });
  assertEquals(readRoute("#/likepersoner?vis=nonsense"), {
    view: "mentors",
    standing: null,
    kind: null,
  });
});
