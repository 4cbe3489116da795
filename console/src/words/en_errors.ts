import type { ErrorClass } from "../explain.ts";
import type { ErrorWords } from "./nb_errors.ts";

const NOTHING_TO_DO = "There is nothing you need to do. We try again by ourselves.";
const SEND_AGAIN =
  "Press “Send again”. If it stops once more, tell the people who run this system.";

export const errors: Record<ErrorClass, ErrorWords> = {
  throttled: {
    title: "Dynamics asked us to wait",
    meaning: "There were many changes in a short time, and Dynamics did not let us in.",
    whileRetried: "There is nothing you need to do. We go on as soon as Dynamics lets us.",
    onceStuck: SEND_AGAIN,
  },
  unavailable: {
    title: "Dynamics was down",
    meaning: "Dynamics answered that it is not available right now.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Press “Send again” once Dynamics is back.",
  },
  timeout: {
    title: "Dynamics did not answer in time",
    meaning: "We do not know whether the change arrived. It is safe to send it once more.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  network: {
    title: "Could not reach Dynamics",
    meaning: "The connection broke. We do not know whether the change arrived.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  credentials_rejected: {
    title: "Dynamics did not accept our sign-in",
    meaning:
      "The key that this system signs in with has expired or was replaced. It concerns everyone.",
    whileRetried:
      "Tell the people who run this system. Once the key is renewed, everything is sent by itself.",
    onceStuck: "Tell the people who run this system. Press “Send again” once the key is renewed.",
  },
  forbidden: {
    title: "This system lacks access in Dynamics",
    meaning: "We were signed in, but may not change listings.",
    whileRetried:
      "Tell the people who run this system. Once access is put right, everything is sent by itself.",
    onceStuck: "Tell the people who run this system. Press “Send again” once access is put right.",
  },
  listing_not_found: {
    title: "Did not find the listing in Dynamics",
    meaning: "Dynamics has no listing for this mentor, so there is nothing to show.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: "Ask HLF to make the listing in Dynamics. Then press “Send again”.",
  },
  precondition_failed: {
    title: "The listing was being changed",
    meaning: "Someone else changed the same listing in Dynamics while we were sending.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  rejected: {
    title: "Dynamics refused the change",
    meaning: "Dynamics understood us, but would not take the change.",
    whileRetried: NOTHING_TO_DO,
    onceStuck:
      "Tell the people who run this system, with the attempt number. Sending again will hardly help before it is put right.",
  },
  server_error: {
    title: "An error at Dynamics",
    meaning: "Something went wrong inside Dynamics.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  invalid_response: {
    title: "Got an answer we did not understand",
    meaning: "Something answered, but not as Dynamics does. Another server may be in between.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
  interrupted: {
    title: "The attempt was interrupted",
    meaning:
      "This system stopped in the middle of sending. We do not know whether the change arrived.",
    whileRetried: NOTHING_TO_DO,
    onceStuck: SEND_AGAIN,
  },
};

export const unknownError: ErrorWords = {
  title: "Unknown error",
  meaning: "We have no explanation for this error.",
  whileRetried: NOTHING_TO_DO,
  onceStuck: SEND_AGAIN,
};
