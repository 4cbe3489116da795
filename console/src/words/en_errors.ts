import type { ErrorClass } from "../model/explain.ts";
import type { ErrorWords } from "./nb_errors.ts";

const NOTHING_TO_DO = "There is nothing you need to do. We try again automatically.";
const TELL = "Tell the people who run this system.";

const NO_CONTACT: ErrorWords = {
  title: "We could not reach HLF’s register",
  meaning: "We do not know whether the change arrived. It is safe to send the change once more.",
  whileRetried: NOTHING_TO_DO,
  onceStuck:
    "Press “Send now” in an hour. If sending stops again, tell the people who run this system.",
};

export const errors: Record<ErrorClass, ErrorWords> = {
  unavailable: NO_CONTACT,
  timeout: NO_CONTACT,
  network: NO_CONTACT,
  server_error: NO_CONTACT,
  invalid_response: NO_CONTACT,
  interrupted: NO_CONTACT,
  throttled: {
    title: "HLF’s register asked us to wait",
    meaning: "There were many changes in a short time, and HLF’s register did not let us in.",
    whileRetried: "There is nothing you need to do. We go on once HLF’s register lets us.",
    onceStuck: NO_CONTACT.onceStuck,
  },
  credentials_rejected: {
    title: "HLF’s register did not accept our sign-in",
    meaning:
      "The key that this system signs in with has expired or was replaced, which concerns everyone.",
    whileRetried: `${TELL} The change is sent automatically once the key is renewed.`,
    onceStuck: `${TELL} Press “Send now” once the key is renewed.`,
  },
  forbidden: {
    title: "This system lacks access in HLF’s register",
    meaning: "We were signed in, but may not change listings.",
    whileRetried: `${TELL} The change is sent automatically once access is put right.`,
    onceStuck: `${TELL} Press “Send now” once access is put right.`,
  },
  listing_not_found: {
    title: "HLF has no listing",
    meaning: "HLF’s register has no listing for this mentor, so there is nothing to show.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Ask HLF to create the listing. Press “Send now” once the listing is there.",
    isForHlf: true,
  },
  precondition_failed: {
    title: "The listing was being changed",
    meaning: "Someone else changed the same listing in HLF’s register while we were sending.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Press “Send now”. If sending stops again, tell the people who run this system.",
  },
  rejected: {
    title: "HLF’s register refused the change",
    meaning: "HLF’s register understood us, but would not take the change.",
    whileRetried: NOTHING_TO_DO,
    onceStuck:
      `${TELL} Give the reference of the attempt. Sending again will hardly help before the fault is put right.`,
  },
};

export const unknownError: ErrorWords = {
  title: "Unknown error",
  meaning: "We have no explanation for this error.",
  whileRetried: NOTHING_TO_DO,
  onceStuck: "Press “Send now”. If sending stops again, tell the people who run this system.",
};
