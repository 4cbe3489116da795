import type { AlertWords } from "./nb_alerts.ts";

const TELL = "Tell the people who run this system.";

export const alerts: Record<string, AlertWords> = {
  credentials_rejected: {
    title: "Dynamics does not accept our sign-in",
    todo: `Nothing can be sent before the key is renewed. ${TELL}`,
  },
  dead_letters: {
    title: "Some mentors are stuck",
    todo:
      "They may belong to another organisation. If any of yours are stuck, they are under “Needs you”.",
  },
  settings_rejected: { title: "Dynamics refuses everything we send", todo: TELL },
  dynamics_unreachable: { title: "Dynamics cannot be reached", todo: TELL },
  cannot_call: { title: "The database cannot call out", todo: TELL },
  step_failed: { title: "A step of the regular work fails", todo: TELL },
  reading_implausible: {
    title: "The nightly reading of the website cannot be believed",
    todo: TELL,
  },
  listings_unaddressable: { title: "Some listings cannot be addressed", todo: TELL },
  drift_returns: { title: "A listing keeps changing back", todo: TELL },
  sealing_stopped: { title: "The log has not been sealed", todo: TELL },
  verification_stopped: { title: "The log has not been verified", todo: TELL },
  jobs_stopped: { title: "A scheduled job has stopped", todo: TELL },
  foreign_project: { title: "This is a copy of another project", todo: TELL },
  tracking_failed: {
    title: "A change was not caught at once",
    todo:
      "It is caught up within a minute. If this alert stays, tell the people who run this system.",
  },
  audit_gap: {
    title: "The log is waiting for rows",
    todo:
      "They are filled in by themselves. If this alert stays, tell the people who run this system.",
  },
  nights_stopped: { title: "The nightly check has not run", todo: TELL },
  rows_overdue: { title: "Changes have waited for more than 15 minutes", todo: TELL },
  gate_stuck: { title: "Sending has been closed for more than 15 minutes", todo: TELL },
  duplicates: { title: "A certification was handled twice", todo: TELL },
  partition_missing: { title: "The log has no room for next year", todo: TELL },
  seal_broken: {
    title: "A seal of the log does not match",
    todo:
      "Something in the log may have been changed. Tell the people who run this system, and do not tidy up yourself.",
  },
};

export const notifications: Record<string, (name: string) => string> = {
  dead_lettered: (name) => `${name} got stuck`,
  certification_reminder: (name) => `The certification of ${name} expires soon`,
  certification_expired: (name) => `The certification of ${name} has expired`,
};
