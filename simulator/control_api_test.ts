import { assertEquals } from "@std/assert";
import { handleControlRequest } from "./control_api.ts";
import { requestsAnswerSchema } from "./control_schemas.ts";
import { createFakeClock, createRequest, createSeededRandom, mentorId } from "./testing.ts";
import { SimulatorState } from "./simulator_state.ts";

function createWorld(): SimulatorState {
  return new SimulatorState({
    now: createFakeClock().now,
    random: createSeededRandom(),
    sleep: () => Promise.resolve(),
    websiteCacheSeconds: 900,
  });
}

function control(state: SimulatorState, method: string, path: string, body: unknown = null) {
  const [name, search] = path.split("?");
  return handleControlRequest(
    state,
    createRequest({
      method,
      path: `/_simulator/${name}`,
      search: search === undefined ? "" : `?${search}`,
      body: JSON.stringify(body),
    }),
  );
}

Deno.test("handleControlRequest() hands out the log in pieces and says when there is more", () => {
  const state = createWorld();
  for (let index = 0; index < 10_001; index++) {
    const request = { method: "GET", path: "/", clientRequestId: null, published: null };
    state.log.receive({ ...request, mentorId: null }, index);
  }
  const read = (since: number) => {
    const { body } = control(state, "GET", `requests?since=${since}`);
    const { requests, more } = requestsAnswerSchema.parse(JSON.parse(String(body)));
    return [requests.length, requests[0]?.sequence, more];
  };
  assertEquals(read(0), [10_000, 1, true]);
  assertEquals(read(1), [10_000, 2, false]);
  assertEquals(read(10_000), [1, 10_001, false]);
});

Deno.test("handleControlRequest() refreshes the website when it seeds", () => {
  const state = createWorld();
  const shows = () => String(state.website.handle().body).includes(mentorId(1));
  assertEquals(shows(), false);
  const listings = [{ mentorId: mentorId(1), published: true }];
  assertEquals(control(state, "PUT", "listings", { listings }).status, 204);
  assertEquals(shows(), true);
});

Deno.test("handleControlRequest() keeps the last of two listings for one mentor", () => {
  const state = createWorld();
  const listings = [true, false].map((published) => ({ mentorId: mentorId(1), published }));
  control(state, "PUT", "listings", { listings });
  assertEquals([...state.listings.after(0)].map((row) => row.published), [false]);
});

Deno.test("handleControlRequest() answers 400 with all problems at once", () => {
  const listings = [{ mentorId: "", published: "no" }];
  const { status, body } = control(createWorld(), "PUT", "listings", { listings });
  assertEquals(status, 400);
  assertEquals(JSON.parse(String(body)).problems.length, 2);
  assertEquals(control(createWorld(), "GET", "requests?since=x").status, 400);
});
