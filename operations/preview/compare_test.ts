import { assertEquals } from "@std/assert";
import { compare } from "./compare.ts";
import { describe } from "./report.ts";

const ORGANISATIONS = [
  { organisationId: "a", name: "Nordfjell", isSwitchedOn: false },
  { organisationId: "b", name: null, isSwitchedOn: true },
];
const mentor = (mentorId: string, isShown: boolean, organisationId = "a") => ({
  mentorId,
  organisationId,
  isShown,
});
const listing = (mentorId: string | null, published: boolean, isAddressable = true) => ({
  mentorId,
  published,
  isAddressable,
});

const PREVIEW = compare(ORGANISATIONS, [
  mentor("shown", true),
  mentor("to-show", true),
  mentor("to-hide", false),
  mentor("hidden", false),
  mentor("hidden-without", false),
  mentor("without", true),
  mentor("spelled-otherwise", true),
  mentor("other", false, "b"),
], [
  listing("shown", true),
  listing("to-show", false),
  listing("to-hide", true),
  listing("hidden", false),
  listing("spelled-otherwise", true, false),
  listing("other", true),
  listing("stranger", true),
  listing("hidden-stranger", false),
  listing(null, true),
]);

Deno.test("each mentor is shown, hidden, left, or has nothing to be shown by", () => {
  assertEquals(PREVIEW, {
    organisations: [
      {
        ...{ organisationId: "a", name: "Nordfjell", isSwitchedOn: false },
        show: ["to-show"],
        hide: ["to-hide"],
        missing: ["spelled-otherwise", "without"],
        leave: 3,
      },
      {
        ...{ organisationId: "b", name: null, isSwitchedOn: true },
        show: [],
        hide: ["other"],
        missing: [],
        leave: 0,
      },
    ],
    unknown: 2,
  });
});

Deno.test("it is told an organisation at a time, with whom it concerns", () => {
  assertEquals(describe(PREVIEW), [
    "Nordfjell (a), switched off: would show 1, hide 1, leave 3; 2 without a listing",
    "  show    to-show",
    "  hide    to-hide",
    "  missing spelled-otherwise",
    "  missing without",
    "b, switched on: would show 0, hide 1, leave 0",
    "  hide    other",
    "2 published listings are of nobody whom the app knows; they are left alone.",
    "Nothing was sent.",
  ]);
});
